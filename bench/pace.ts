import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxControl } from '@recado/sandbox';
import type postgres from 'postgres';
import type { Mesh } from '../infra/local/mesh.ts';
import { call, must, until } from '../tests/support/api.ts';
import { createTenant, type TestTenant } from '../tests/support/tenant.ts';
import { startInbound } from '../tests/system/faults/drivers.ts';
import { quantiles } from './load.ts';
import type { Figure } from './report.ts';
import { customerPhones, ratesOf, readSent, type Sent, sendBulk } from './sends.ts';

/** Messages a second: what Meta lets a number send by default. */
const PACE = 80;
/** Milliseconds between two replies of agents. */
const REPLY_MS = 250;
const CHATS = 40;
/** Who gets the broadcast, again and again. */
const CUSTOMERS = 1000;
const WANTED_ERROR = 0.02;
const WANTED_MS = 500;
/** The first seconds of a number that rested, with what its bucket held. */
const SKIPPED_S = 2;

/**
 * A broadcast at the pace of its number, in orders of `inOrder` messages, with three statuses of
 * each. Beside it agents answer customers on the same number.
 */
export async function benchPace(
  mesh: Mesh,
  sandbox: SandboxControl,
  sql: postgres.Sql,
  { seconds, inOrder }: { seconds: number; inOrder: number },
): Promise<Figure[]> {
  const { gateway } = mesh.urls;
  await sandbox.setBehaviour({
    sendDelayMs: 0,
    statuses: { enabled: true, sentMs: 50, deliveredMs: 300, readMs: 1000 },
  });
  const tenant = await createTenant(gateway, sandbox, { ratePerMinute: PACE * 60 });
  const chats = await openChats(gateway, tenant);
  const since = (await sandbox.state()).ledger.messages.lastSequence;
  const end = performance.now() + seconds * 1000;
  const [ordered, replies] = await Promise.all([
    orderBroadcast(gateway, tenant, seconds * PACE, inOrder),
    replyUntil(gateway, tenant, chats, end),
  ]);
  const during = await readSent(sandbox, tenant, since);
  const rates = ratesOf(during).slice(SKIPPED_S);
  const rate = rates.reduce((sum, n) => sum + n, 0) / rates.length;
  const error = Math.abs(rate / PACE - 1);
  const delays = delaysOf(during, replies);
  const { p50, p99 } = quantiles(delays);
  await printStages(sql, tenant);
  const { read, statuses } = await settled(sandbox, sql, tenant, ordered + replies.size, since);
  return [
    {
      name: `pace at ${PACE}/s for ${seconds} s`,
      value: `${rate.toFixed(2)}/s, error ${(100 * error).toFixed(2)} %`,
      ceiling: `in a second ${Math.min(...rates)} to ${Math.max(...rates)}`,
      wanted: 'error < 2 %',
      reached: error < WANTED_ERROR,
    },
    {
      name: 'reply beside the broadcast',
      value: `p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)} ms`,
      ceiling: `${delays.length} of ${replies.size}, from 201 to Graph`,
      wanted: `p99 < ${WANTED_MS} ms`,
      reached: delays.length === replies.size && p99 < WANTED_MS,
    },
    {
      name: 'statuses of each message',
      value: `${read} read`,
      ceiling: `${statuses} status webhooks`,
      wanted: `${ordered + replies.size}, three each`,
      reached: read === ordered + replies.size && statuses === 3 * read,
    },
  ];
}

/** Customers write first, so that agents have chats to answer in. */
async function openChats(gateway: string, tenant: TestTenant): Promise<string[]> {
  const inbound = startInbound(gateway, tenant, 20, CHATS);
  const chats = await until('the chats', async () => {
    const { data } = await must(
      call<{ data: { id: string }[] }>(gateway, 'GET', '/v1/chats?limit=100', { token: tenant.crm }),
      200,
    );
    return data.length >= CHATS ? data.map(({ id }) => id) : null;
  });
  await inbound.stop();
  return chats;
}

/** Orders messages again and again, until there are so many. Returns how many. */
async function orderBroadcast(gateway: string, tenant: TestTenant, wanted: number, inOrder: number): Promise<number> {
  // Less than they take, so the queue never ends.
  const everyMs = (inOrder / PACE) * 1000 * 0.95;
  const phones = customerPhones(CUSTOMERS);
  let next = performance.now();
  let ordered = 0;
  for (let n = 0; ordered < wanted; n++) {
    const first = (n * inOrder) % CUSTOMERS;
    await sendBulk(gateway, tenant, phones.slice(first, first + inOrder), `aviso ${n}`);
    ordered += inOrder;
    next += everyMs;
    await pause(Math.max(0, next - performance.now()));
  }
  return ordered;
}

/** An agent's reply each quarter of a second. Returns when each text was answered 201. */
async function replyUntil(
  gateway: string,
  tenant: TestTenant,
  chats: readonly string[],
  end: number,
): Promise<Map<string, number>> {
  const accepted = new Map<string, number>();
  const under = new Set<Promise<void>>();
  for (let n = 0; performance.now() < end - 1000; n++) {
    const content = `respuesta ${n}`;
    const body = { chat_id: chats[n % chats.length]!, message_type: 'text', content };
    const one = must(call(gateway, 'POST', '/v1/messages', { token: tenant.crm, body }), 201)
      .then(() => void accepted.set(content, Date.now()))
      .finally(() => under.delete(one));
    under.add(one);
    await pause(REPLY_MS);
  }
  await Promise.all(under);
  await pause(1000);
  return accepted;
}

/** Milliseconds from the answer of the API to the call at Meta; a call may even come first. */
const delaysOf = (sent: readonly Sent[], replies: ReadonlyMap<string, number>): number[] =>
  sent.flatMap(({ text, at }) => {
    const accepted = replies.get(text);
    return accepted === undefined ? [] : [Math.max(0, at - accepted)];
  });

/** Where the time of replies goes: from the request to the queue, and from there to the call. */
async function printStages(sql: postgres.Sql, { tenantId }: TestTenant): Promise<void> {
  const rows = await sql<{ queue: number; call: number }[]>`
    select (1000 * extract(epoch from d.created_at - d.requested_at))::float8 as queue,
           (1000 * extract(epoch from a.started_at - d.created_at))::float8 as call
    from channel_connector.dispatches d
    join channel_connector.dispatch_attempts a on a.tenant_id = d.tenant_id and a.message_id = d.message_id
    where d.tenant_id = ${tenantId} and d.rank = 0 and a.attempt = 1`;
  for (const stage of ['queue', 'call'] as const) {
    const { p50, p99, max } = quantiles(rows.map((row) => row[stage]));
    console.log(`replies to the ${stage}: p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)}, max ${max.toFixed(0)} ms`);
  }
}

/** Waits until all was sent and read; what the conversations and the provider say of it. */
async function settled(
  sandbox: SandboxControl,
  sql: postgres.Sql,
  tenant: TestTenant,
  wanted: number,
  since: number,
): Promise<{ read: number; statuses: number }> {
  const readCount = async () => {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from conversation.messages
      where tenant_id = ${tenant.tenantId} and direction = 'outbound' and status = 'read'`;
    return row!.n;
  };
  await until('all to be read', async () => ((await readCount()) >= wanted ? true : null), 60_000).catch(() => null);
  const { phoneNumberId } = tenant.number;
  const webhooks = await sandbox.ledgerAll('webhooks', { phoneNumberId, status: 'accepted' });
  const sent = new Set((await sandbox.ledgerMessages({ phoneNumberId, since })).map(({ wamid }) => wamid));
  const keys = new Set(
    webhooks.flatMap((row) => row.keys).filter((key) => sent.has(key.slice(0, key.lastIndexOf(':')))),
  );
  return { read: await readCount(), statuses: keys.size };
}
