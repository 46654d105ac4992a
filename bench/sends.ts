import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxControl } from '@recado/sandbox';
import type postgres from 'postgres';
import { Pool } from 'undici';
import type { Mesh } from '../infra/local/mesh.ts';
import { call, must, until } from '../tests/support/api.ts';
import type { TestTenant } from '../tests/support/tenant.ts';
import type { Work } from './cost.ts';
import { quantiles } from './load.ts';
import type { Figure } from './report.ts';

/** What the number of a test tenant may send: `rate_limit_per_minute` is 60,000. */
const LIMIT = 1000;
/** Below it the pace, not the load, would be to blame. */
const WANTED = LIMIT * 0.98;
/** Milliseconds until the sandbox accepts a message: about what Meta takes. */
const GRAPH_MS = 100;
const CUSTOMERS = 1000;
/** Customers who get a message before it is measured: their conversations are made then. */
const WARM_UP = 3;
/** Calls under way at Meta at once; what a process has for one number. */
const BARE_CONNECTIONS = 256;

export interface Sent {
  to: string;
  text: string;
  /** When the sandbox accepted it, in milliseconds. */
  at: number;
}

/**
 * Sends to 1,000 customers, each one message after the other, ordered over the public API. The
 * number is held until all are queued. The sandbox says when each came, and in which order.
 */
export async function benchSends(
  mesh: Mesh,
  sandbox: SandboxControl,
  sql: postgres.Sql,
  tenant: TestTenant,
  seconds: number,
): Promise<Figure[]> {
  await sandbox.setBehaviour({ sendDelayMs: GRAPH_MS, statuses: { enabled: false } });
  const phones = customerPhones(CUSTOMERS);
  const rounds = Math.ceil((seconds * LIMIT) / CUSTOMERS);
  const send = (n: number) => sendBulk(mesh.urls.gateway, tenant, phones, textOf(n));
  for (let n = 0; n < WARM_UP; n++) await send(n);
  await sentCount(sandbox, tenant, WARM_UP * CUSTOMERS);
  const bare = await sendBare(sandbox, mesh.urls.sandbox, rounds * CUSTOMERS);

  const limit = (perMinute: number) => limitNumber(mesh.urls.gateway, tenant, perMinute);
  await limit(1);
  // What the warm-up left of its pace.
  await pause(500);
  const before = (await sandbox.state()).ledger.messages.lastSequence;
  for (let n = WARM_UP; n < WARM_UP + rounds; n++) await send(n);
  await until('all to be queued', async () =>
    (await queuedCount(sql, tenant)) >= rounds * CUSTOMERS - 5 ? true : null,
  );
  await limit(LIMIT * 60);
  const sent = await sentCount(sandbox, tenant, rounds * CUSTOMERS, before);
  // Some went while the number was held.
  const perSecond = ratesOf(sent.slice(CUSTOMERS / 10));
  const rate = quantiles(perSecond).p50;
  const wrong = wrongOrder(sent, WARM_UP, rounds);
  return [
    {
      name: 'sends of one number',
      value: `${rate.toFixed(0)}/s (${Math.min(...perSecond)} to ${Math.max(...perSecond)})`,
      ceiling: `bare ${bare.toFixed(0)}/s; ${((100 * rate) / bare).toFixed(0)} %`,
      wanted: `${LIMIT}/s, its limit`,
      reached: rate >= WANTED,
    },
    {
      name: 'order per conversation',
      value: `${wrong} wrong`,
      ceiling: `${sent.length} messages, ${CUSTOMERS} conversations`,
      wanted: '0',
      reached: wrong === 0 && sent.length === rounds * CUSTOMERS,
    },
  ];
}

/** Sends of messages, for what each of them costs. */
export async function sendWork(mesh: Mesh, sandbox: SandboxControl, tenant: TestTenant, count: number): Promise<Work> {
  await sandbox.setBehaviour({ sendDelayMs: GRAPH_MS, statuses: { enabled: false } });
  const phones = customerPhones(CUSTOMERS);
  const flood = async (messages: number) => {
    const before = (await sandbox.state()).ledger.messages.lastSequence;
    for (let n = 0; n < messages / CUSTOMERS; n++) await sendBulk(mesh.urls.gateway, tenant, phones, textOf(n));
    await sentCount(sandbox, tenant, messages, before);
  };
  return { name: 'send', count, flood };
}

export const customerPhones = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `+57301${String(i).padStart(7, '0')}`);

const textOf = (n: number) => `envío ${String(n).padStart(4, '0')}`;

async function limitNumber(gateway: string, tenant: TestTenant, perMinute: number): Promise<void> {
  const body = { rate_limit_per_minute: perMinute };
  await must(call(gateway, 'PUT', `/v1/whatsapp-numbers/${tenant.channelId}`, { token: tenant.crm, body }), 200);
}

async function queuedCount(sql: postgres.Sql, { tenantId }: TestTenant): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from channel_connector.dispatches where tenant_id = ${tenantId} and state = 'queued'`;
  return row!.n;
}

/** One message for each phone; up to 1,000. */
export async function sendBulk(
  gateway: string,
  tenant: TestTenant,
  phones: readonly string[],
  text: string,
): Promise<void> {
  const path = `/api/v1/whatsapp/instances/${tenant.channelId}/messages/bulk`;
  const body = { recipients: phones, text, delayBetweenMessages: 0 };
  // As a client should: the same order again, where a busy machine answered too late.
  const headers = { 'idempotency-key': randomUUID() };
  for (let tries = 1; ; tries++) {
    const answer = await call(gateway, 'POST', path, { token: tenant.saas, body, headers });
    if (answer.status === 201) return;
    if (tries === 5) throw new Error(`A bulk order got ${answer.status}: ${answer.text.slice(0, 300)}`);
    await pause(500);
  }
}

/** Waits for so many messages of a number in the ledger, and returns them in their order. */
async function sentCount(sandbox: SandboxControl, tenant: TestTenant, count: number, since = 0): Promise<Sent[]> {
  await until(
    `${count} messages at the provider`,
    async () => ((await sandbox.state()).ledger.messages.lastSequence - since >= count ? true : null),
    300_000,
  );
  return readSent(sandbox, tenant, since);
}

export async function readSent(sandbox: SandboxControl, tenant: TestTenant, since: number): Promise<Sent[]> {
  const rows = await sandbox.ledgerMessages({ phoneNumberId: tenant.number.phoneNumberId, since });
  return rows.map((row) => ({ to: row.to, text: row.text ?? '', at: Date.parse(row.at) }));
}

/** How many came in each whole second between the first and the last. */
export function ratesOf(sent: readonly Sent[]): number[] {
  const first = sent[0]?.at ?? 0;
  const whole = Math.floor(((sent.at(-1)?.at ?? 0) - first) / 1000);
  const counts = Array.from({ length: whole }, () => 0);
  for (const { at } of sent) {
    const second = Math.floor((at - first) / 1000);
    if (second < whole) counts[second]!++;
  }
  return counts;
}

/** Messages that did not come exactly once and right after the one before them. */
function wrongOrder(sent: readonly Sent[], first: number, rounds: number): number {
  let wrong = 0;
  for (const own of Map.groupBy(sent, ({ to }) => to).values()) {
    for (let i = 0; i < Math.max(rounds, own.length); i++) if (own[i]?.text !== textOf(first + i)) wrong++;
  }
  return wrong;
}

/** What the simulator and this machine do at most: calls without a queue, a database, an order. */
async function sendBare(sandbox: SandboxControl, url: string, count: number): Promise<number> {
  const accessToken = `EAA${randomUUID()}`;
  const number = {
    phoneNumberId: String(randomInt(1e11, 1e12)),
    displayPhoneNumber: `5730${randomInt(1e8, 1e9)}`,
    wabaId: String(randomInt(1e11, 1e12)),
    appSecret: randomUUID(),
  };
  await sandbox.addNumber({ ...number, accessToken, verifyToken: randomUUID(), webhookUrl: null });
  const pool = new Pool(url, { connections: BARE_CONNECTIONS });
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  const path = `/v23.0/${number.phoneNumberId}/messages`;
  let left = count;
  const started = performance.now();
  const worker = async () => {
    while (left-- > 0) {
      const body = JSON.stringify({
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: `57301${String(left % CUSTOMERS).padStart(7, '0')}`,
        type: 'text',
        text: { body: textOf(left) },
        biz_opaque_callback_data: randomUUID(),
      });
      const answer = await pool.request({ method: 'POST', path, headers, body });
      await answer.body.dump();
      if (answer.statusCode !== 200) throw new Error(`The sandbox answered ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: BARE_CONNECTIONS }, worker));
  const rate = (count * 1000) / (performance.now() - started);
  await pool.close();
  await pause(500);
  return rate;
}
