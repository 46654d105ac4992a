import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type postgres from 'postgres';
import type { Mesh } from '../infra/local/mesh.ts';
import type { TestTenant } from '../tests/support/tenant.ts';
import { type Cpu, readMeshCpu } from './cpu.ts';
import type { LoadResult } from './load.ts';
import { resetStatements, shortQuery, topStatements } from './statements.ts';
import { webhookCount } from './webhook-load.ts';

/** Between these moments of `process.hrtime` the measured load ran. */
export interface Span {
  from: bigint;
  to: bigint;
  accepted: number;
}

/**
 * Floods the gateway with signed webhooks, waits until all work is done, and prints each process's
 * processor time per webhook. Other load on the machine hardly changes it.
 */
export async function benchCost(
  mesh: Mesh,
  sql: postgres.Sql,
  tenant: TestTenant,
  { webhooks }: { webhooks: number },
): Promise<Span> {
  const url = `${mesh.urls.gateway}/v1/webhooks/whatsapp/meta/${tenant.channelId}`;
  // By number, not by time: what is still being compiled costs each the same, however slow the
  // machine is today.
  const flood = (count: number) => webhookCount(url, tenant.number, count);
  await flood(webhooks);
  await quiet(mesh);
  const rest = await measure(mesh, () => new Promise((resolve) => setTimeout(resolve, REST_MS)));

  await resetStatements(sql);
  let load: LoadResult | null = null;
  const work = await measure(mesh, async () => {
    load = await flood(webhooks);
    await quiet(mesh);
  });
  const accepted = load!.statuses[200]!;
  const rate = load!.perSecond.toFixed(0);
  console.log(`${accepted} webhooks, ${rate} a second beside everything else on this machine\n`);
  printCpu(work, rest, accepted);
  await printStatements(sql, accepted);
  return { from: work.from, to: work.to, accepted };
}

/**
 * How long the mesh is watched doing nothing: timers and polls cost the same however many webhooks
 * come meanwhile.
 */
const REST_MS = 4000;

interface Measured {
  /** What each process used meanwhile. */
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
function printCpu(work: Measured, rest: Measured, webhooks: number): void {
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
      [user + system - idle, user + system, user, system].map((ms) => (ms * 1000) / webhooks),
    );
  };
  columns('µs of CPU per webhook', ['net', 'gross', 'user', 'system']);
  const names = [...work.used.keys()].filter((name) => name !== 'sandbox' && name !== 'postgres bench');
  const database = names.filter((name) => name.startsWith('postgres '));
  for (const name of names) if (!database.includes(name)) line(name, [name]);
  line('postgres', database);
  for (const name of database) line(`  ${name.slice('postgres '.length)}`, [name]);
  line('all', names);
}

async function printStatements(sql: postgres.Sql, webhooks: number): Promise<void> {
  console.log(`\n${'statements: µs elapsed per webhook, calls, rows a call'}`);
  for (const { role, query, ms, calls, rows } of await topStatements(sql, 16)) {
    const us = ((ms * 1000) / webhooks).toFixed(1).padStart(7);
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
