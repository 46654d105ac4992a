import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type postgres from 'postgres';
import type { Mesh } from '../infra/local/mesh.ts';
import type { TestTenant } from '../tests/support/tenant.ts';
import { type Cpu, readMeshCpu } from './cpu.ts';
import { resetStatements, shortQuery, topStatements } from './statements.ts';
import { webhookCount } from './webhook-load.ts';

/** Between these moments of `process.hrtime` the measured load ran. */
export interface Span {
  from: bigint;
  to: bigint;
  accepted: number;
}

/**
 * Floods the gateway with new signed webhooks, waits until every service has done all that follows from them, and prints the
 * processor time of each process per webhook. Unlike a rate it hardly changes when somebody else uses the machine too.
 */
export async function benchCost(
  mesh: Mesh,
  sql: postgres.Sql,
  tenant: TestTenant,
  { webhooks }: { webhooks: number },
): Promise<Span> {
  const url = `${mesh.urls.gateway}/v1/webhooks/whatsapp/meta/${tenant.channelId}`;
  // By number, not by time: what is still being compiled costs each the same, however slow the machine is today.
  const flood = (count: number) => webhookCount(url, tenant.number, count);
  await flood(webhooks);
  await quiet(mesh);

  await resetStatements(sql);
  const before = readMeshCpu(mesh.pids());
  const from = process.hrtime.bigint();
  const load = await flood(webhooks);
  await quiet(mesh);
  const span = { from, to: process.hrtime.bigint(), accepted: load.statuses[200]! };
  const after = readMeshCpu(mesh.pids());
  console.log(
    `${span.accepted} webhooks, ${load.perSecond.toFixed(0)} a second beside everything else on this machine\n`,
  );
  printCpu(before, after, span.accepted);
  await printStatements(sql, span.accepted);
  return span;
}

function printCpu(before: Map<string, Cpu>, after: Map<string, Cpu>, webhooks: number): void {
  const perWebhook = (ms: number) => (ms * 1000) / webhooks;
  const line = (name: string, user: number, system: number) =>
    console.log(
      `${name.padEnd(30)} ${perWebhook(user + system)
        .toFixed(1)
        .padStart(7)} ${perWebhook(user).toFixed(1).padStart(7)} ${perWebhook(system).toFixed(1).padStart(7)}`,
    );
  console.log(
    `${'µs of CPU per webhook'.padEnd(30)} ${'all'.padStart(7)} ${'user'.padStart(7)} ${'system'.padStart(7)}`,
  );
  const rows = [...after].map(([name, now]) => {
    const then = before.get(name) ?? { user: 0, system: 0 };
    return { name, user: now.user - then.user, system: now.system - then.system };
  });
  const left = rows.filter(({ name }) => name !== 'sandbox' && name !== 'postgres bench');
  const sum = (some: typeof rows) =>
    some.reduce((all, one) => ({ user: all.user + one.user, system: all.system + one.system }), { user: 0, system: 0 });
  const servers = left.filter(({ name }) => name.startsWith('postgres '));
  for (const row of left.filter((one) => !servers.includes(one))) line(row.name, row.user, row.system);
  const database = sum(servers);
  line('postgres', database.user, database.system);
  for (const row of servers) line(`  ${row.name.slice('postgres '.length)}`, row.user, row.system);
  const total = sum(left);
  line('all', total.user, total.system);
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

/** Waits until no durable of any stream has anything left to take or to acknowledge, twice in a row. */
async function quiet({ servers }: Mesh): Promise<void> {
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
