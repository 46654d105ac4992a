import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type postgres from 'postgres';
import { request } from 'undici';
import type { Mesh } from '../infra/local/mesh.ts';
import { signedTextWebhook } from '../tests/support/meta-webhook.ts';
import type { TestTenant } from '../tests/support/tenant.ts';
import { quantiles } from './load.ts';

/** Messages in one webhook of the flood. */
const IN_ONE = 100;
const AT_ONCE = 4;
/** Messages of the other company before the flood: some to warm up, some that count. */
const WARM_UP = 30;
const ALONE = 120;
/** Milliseconds between two of its messages. */
const GAP = 100;

interface SignedWebhook {
  body: Buffer;
  signature: string;
}

/**
 * One tenant's flood of inbound messages beside another's customers, who write one message after
 * the other: how long each of theirs takes from its webhook to its row in conversation.
 */
export async function benchFairness(
  mesh: Mesh,
  sql: postgres.Sql,
  { flooder, other, messages }: { flooder: TestTenant; other: TestTenant; messages: number },
): Promise<void> {
  const stored = async (tenant: TestTenant) => {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from conversation.messages where tenant_id = ${tenant.tenantId}`;
    return row!.n;
  };
  const alone: number[] = [];
  const beside: number[] = [];
  // Made before the flood: the work would slow what is measured. 65 MB for 100,000 messages.
  const webhooks = Array.from({ length: Math.ceil(messages / IN_ONE) }, (_, i) =>
    floodWebhook(flooder, Math.min(IN_ONE, messages - i * IN_ONE), i * IN_ONE),
  );
  for (let i = 0; i < WARM_UP + ALONE; i++) {
    alone.push(await writeOne(mesh, other, () => stored(other)));
    await pause(GAP);
  }
  const started = Date.now();
  let flooding = true;
  const flood = sendFlood(mesh, flooder, webhooks).then(async () => {
    const accepted = Date.now() - started;
    while ((await stored(flooder)) < messages) await pause(1000);
    flooding = false;
    return accepted;
  });
  while (flooding) {
    beside.push(await writeOne(mesh, other, () => stored(other)));
    await pause(GAP);
  }
  const accepted = await flood;
  const show = (name: string, values: number[]) => {
    const { p50, p99 } = quantiles(values);
    const max = Math.max(...values);
    console.log(
      `${name}: ${values.length} messages, p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${max.toFixed(0)} ms`,
    );
  };
  console.log(`${messages} messages accepted in ${accepted} ms, stored in ${Date.now() - started} ms`);
  show('others, alone', alone.slice(WARM_UP));
  show('others, beside', beside);
  for (const [name, values] of Object.entries(await readStages(sql, other.tenantId))) {
    show(`  ${name}, alone`, values.slice(WARM_UP, WARM_UP + ALONE));
    show(`  ${name}, beside`, values.slice(WARM_UP + ALONE));
  }
}

/**
 * Milliseconds of each stage of a tenant's messages, in their order; the clock is this machine's
 * throughout.
 */
async function readStages(sql: postgres.Sql, tenantId: string): Promise<Record<string, number[]>> {
  const rows = await sql<{ waited: number; read: number; told: number }[]>`
    with received as (
      select created_at, published_at, row_number() over (order by created_at) as n from channel_connector.outbox
      where tenant_id = ${tenantId} and subject like '%.message.received'
    ), stored as (
      select created_at, row_number() over (order by created_at) as n from conversation.messages
      where tenant_id = ${tenantId}
    ), told as (
      select created_at, published_at, row_number() over (order by created_at) as n from conversation.outbox
      where tenant_id = ${tenantId} and subject like '%.message.created'
    )
    select (1000 * extract(epoch from received.published_at - received.created_at))::float8 as waited,
           (1000 * extract(epoch from stored.created_at - received.created_at))::float8 as read,
           (1000 * extract(epoch from told.published_at - stored.created_at))::float8 as told
    from received join stored using (n) join told using (n) order by n`;
  return {
    'in the outbox of the connector, until marked': rows.map((row) => row.waited),
    'from that outbox to the start of its batch in conversation': rows.map((row) => row.read),
    'from the start of its batch to the stream of conversation, until marked': rows.map((row) => row.told),
  };
}

async function writeOne(mesh: Mesh, tenant: TestTenant, stored: () => Promise<number>): Promise<number> {
  const before = await stored();
  const from = `57316${String(before).padStart(7, '0')}`;
  const { body, signature } = signedTextWebhook(tenant.number, { from, name: 'Otra', text: 'Hola' });
  const started = performance.now();
  await post(mesh, tenant, body, signature);
  while ((await stored()) === before) await pause(5);
  return performance.now() - started;
}

function floodWebhook(tenant: TestTenant, count: number, first: number): SignedWebhook {
  const entry = Array.from({ length: count }, (_, i) => {
    const from = `573177${String((first + i) % 500).padStart(6, '0')}`;
    const one = signedTextWebhook(tenant.number, { from, name: 'Cliente', text: 'Hola' });
    return JSON.parse(one.body.toString()).entry[0];
  });
  const body = Buffer.from(JSON.stringify({ object: 'whatsapp_business_account', entry }));
  const signature = `sha256=${createHmac('sha256', tenant.number.appSecret).update(body).digest('hex')}`;
  return { body, signature };
}

async function sendFlood(mesh: Mesh, tenant: TestTenant, webhooks: SignedWebhook[]): Promise<void> {
  const worker = async () => {
    for (let next = webhooks.pop(); next; next = webhooks.pop()) await post(mesh, tenant, next.body, next.signature);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Like Meta: what is not answered 200 is sent again. */
async function post(mesh: Mesh, tenant: TestTenant, body: Buffer, signature: string): Promise<void> {
  const url = `${mesh.urls.gateway}/v1/webhooks/whatsapp/meta/${tenant.channelId}`;
  for (;;) {
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
    const response = await request(url, { method: 'POST', headers, body });
    await response.body.dump();
    if (response.statusCode === 200) return;
    await pause(100);
  }
}
