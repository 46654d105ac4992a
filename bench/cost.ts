import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type postgres from 'postgres';
import type { Mesh } from '../infra/local/mesh.ts';
import { type Cpu, readMeshCpu } from './cpu.ts';
import { resetStatements, shortQuery, topStatements } from './statements.ts';

/** Between these moments of `process.hrtime` the measured load ran. */
export interface Span {
  from: bigint;
  to: bigint;
  done: number;
}

/** What is done many times: webhooks that come, or messages that go. */
export interface Work {
  /** One of them. */
  name: string;
  /**
   * By number, not by time: what is still being compiled costs each the same, however slow the
   * machine is today.
   */
  count: number;
  flood(count: number): Promise<unknown>;
}

/**
 * Floods the mesh, waits until all work is done, and prints each process's processor time for one.
 * Other load on the machine hardly changes it.
 */
export async function benchCost(mesh: Mesh, sql: postgres.Sql, { name, count, flood }: Work): Promise<Span> {
  await flood(count);
  await quiet(mesh);
  const rest = await measure(mesh, () => new Promise((resolve) => setTimeout(resolve, REST_MS)));

  await resetStatements(sql);
  const started = performance.now();
  let seconds = 0;
  const work = await measure(mesh, async () => {
    await flood(count);
    seconds = (performance.now() - started) / 1000;
    await quiet(mesh);
  });
  console.log(
    `${count} times ${name}, ${(count / seconds).toFixed(0)} a second beside everything else on this machine\n`,
  );
  printCpu(name, work, rest, count);
  await printStatements(sql, name, count);
  return { from: work.from, to: work.to, done: count };
}

/**
 * How long the mesh is watched doing nothing: timers and polls cost the same however many webhooks
 * come.
 */
const REST_MS = 4000;

interface Measured {
  /** What each process used in that time. */
  used: Map<string, Cpu>;
  from: bigint;
  to: bigint;
}

async function measure(mesh: Mesh, act: () => Promise<unknown>): Promise<Measured> {
  const before = readMeshCpu(mesh.pids());
  const from = process.hrtime.bigint();
  await act();
  const to = process.hrtime.bigint();
  const used = new Map<string, Cpu>();
  for (const [name, now] of readMeshCpu(mesh.pids())) {
    const then = before.get(name) ?? { user: 0, system: 0 };
    used.set(name, { user: now.user - then.user, system: now.system - then.system });
  }
  return { used, from, to };
}

/** All that was used, and without what the same time at rest costs. */
function printCpu(what: string, work: Measured, rest: Measured, count: number): void {
  const times = Number(work.to - work.from) / Number(rest.to - rest.from);
  const columns = (name: string, values: (string | number)[]) =>
    console.log(
      name.padEnd(26) +
        values.map((value) => (typeof value === 'number' ? value.toFixed(1) : value).padStart(9)).join(''),
    );
  const line = (name: string, names: readonly string[]) => {
    const sum = (from: Measured, of: (cpu: Cpu) => number) =>
      names.reduce((total, one) => total + of(from.used.get(one) ?? { user: 0, system: 0 }), 0);
    const user = sum(work, (cpu) => cpu.user);
    const system = sum(work, (cpu) => cpu.system);
    const idle = sum(rest, (cpu) => cpu.user + cpu.system) * times;
    columns(
      name,
      [user + system - idle, user + system, user, system].map((ms) => (ms * 1000) / count),
    );
  };
  columns(`µs of CPU per ${what}`, ['net', 'gross', 'user', 'system']);
  const names = [...work.used.keys()].filter((name) => name !== 'sandbox' && name !== 'postgres bench');
  const database = names.filter((name) => name.startsWith('postgres '));
  for (const name of names) if (!database.includes(name)) line(name, [name]);
  line('postgres', database);
  for (const name of database) line(`  ${name.slice('postgres '.length)}`, [name]);
  line('all', names);
}

async function printStatements(sql: postgres.Sql, what: string, count: number): Promise<void> {
  console.log(`\nstatements: µs elapsed per ${what}, calls, rows a call`);
  for (const { role, query, ms, calls, rows } of await topStatements(sql, 16)) {
    const us = ((ms * 1000) / count).toFixed(1).padStart(7);
    console.log(
      `${us} ${String(calls).padStart(6)} ${(rows / calls).toFixed(1).padStart(6)}  ${role.replace('recado_', '')}: ${shortQuery(query, 110)}`,
    );
  }
}

/**
 * Waits until no durable of any stream has anything left to take or to acknowledge, twice in a row.
 */
export async function quiet({ servers }: Mesh): Promise<void> {
  const { host, username, password } = new URL(servers.natsUrl);
  const nc = await connect({ servers: host, user: username, pass: decodeURIComponent(password) });
  try {
    const jsm = await jetstreamManager(nc);
    let calm = 0;
    let published = -1;
    while (calm < 2) {
      let left = 0;
      let last = 0;
      for await (const stream of jsm.streams.list()) {
        last += stream.state.last_seq;
        for await (const consumer of jsm.consumers.list(stream.config.name)) {
          left += consumer.num_pending + consumer.num_ack_pending;
        }
      }
      calm = left === 0 && last === published ? calm + 1 : 0;
      published = last;
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
  } finally {
    await nc.close();
  }
}
