import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type postgres from 'postgres';
import { request } from 'undici';
import type { Mesh } from '../infra/local/mesh.ts';
import { signedTextWebhook } from '../tests/support/meta-webhook.ts';
import type { TestTenant } from '../tests/support/tenant.ts';
import { quantiles } from './load.ts';

/** Messages of the flood on their way to the gateway at the same time. */
const UNDER_WAY = 400;
/** Messages of the other company before the flood: some to warm up, some that count. */
const WARM_UP = 30;
const ALONE = 120;
/** Milliseconds between two of its messages. */
const GAP = 100;

interface Flood {
  flooder: TestTenant;
  other: TestTenant;
  messages: number;
  /** Messages in one webhook of the flood. */
  inOne: number;
}

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
  { flooder, other, messages, inOne }: Flood,
): Promise<void> {
  const stored = async (tenant: TestTenant) => {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from conversation.messages where tenant_id = ${tenant.tenantId}`;
    return row!.n;
  };
  const alone: Written[] = [];
  const beside: Written[] = [];
  // Made before the flood: the work would slow what is measured. 65 MB for 100,000 messages.
  const webhooks = Array.from({ length: Math.ceil(messages / inOne) }, (_, i) =>
    floodWebhook(flooder, Math.min(inOne, messages - i * inOne), i * inOne),
  );
  for (let i = 0; i < WARM_UP + ALONE; i++) {
    alone.push(await writeOne(mesh, other, () => stored(other)));
    await pause(GAP);
  }
  const started = Date.now();
  let flooding = true;
  const flood = sendFlood(mesh, flooder, webhooks, Math.ceil(UNDER_WAY / inOne)).then(async () => {
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
  const took = ({ sentAt, seenAt }: Written) => seenAt - sentAt;
  show('others, alone', alone.slice(WARM_UP).map(took));
  show('others, beside', beside.map(took));
  for (const [name, values] of Object.entries(await readStages(sql, other.tenantId, [...alone, ...beside]))) {
    show(`  ${name}, alone`, values.slice(WARM_UP, WARM_UP + ALONE));
    show(`  ${name}, beside`, values.slice(WARM_UP + ALONE));
  }
}

/** When it was sent, and when its row was there; milliseconds of this machine's clock. */
interface Written {
  sentAt: number;
  seenAt: number;
}

/**
 * Milliseconds of each stage of a tenant's messages, in their order; the clock is this machine's
 * throughout.
 */
async function readStages(
  sql: postgres.Sql,
  tenantId: string,
  written: readonly Written[],
): Promise<Record<string, number[]>> {
  const rows = await sql<{ received: number; stored: number }[]>`
    with received as (
      select created_at, row_number() over (order by created_at) as n from channel_connector.outbox
      where tenant_id = ${tenantId} and subject like '%.message.received'
    ), stored as (
      select created_at, row_number() over (order by created_at) as n from conversation.messages
      where tenant_id = ${tenantId}
    )
    select (1000 * extract(epoch from received.created_at))::float8 as received,
           (1000 * extract(epoch from stored.created_at))::float8 as stored
    from received join stored using (n) order by n`;
  return {
    'from the webhook to its insert in the connector': rows.map((row, i) => row.received - written[i]!.sentAt),
    'from there to the start of its batch in conversation': rows.map((row) => row.stored - row.received),
    'from there until its row was there': rows.map((row, i) => written[i]!.seenAt - row.stored),
  };
}

async function writeOne(mesh: Mesh, tenant: TestTenant, stored: () => Promise<number>): Promise<Written> {
  const before = await stored();
  const from = `57316${String(before).padStart(7, '0')}`;
  const { body, signature } = signedTextWebhook(tenant.number, { from, name: 'Otra', text: 'Hola' });
  const clock = () => performance.timeOrigin + performance.now();
  const sentAt = clock();
  await post(mesh, tenant, body, signature);
  while ((await stored()) === before) await pause(5);
  return { sentAt, seenAt: clock() };
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

async function sendFlood(
  mesh: Mesh,
  tenant: TestTenant,
  webhooks: SignedWebhook[],
  connections: number,
): Promise<void> {
  const worker = async () => {
    for (let next = webhooks.pop(); next; next = webhooks.pop()) await post(mesh, tenant, next.body, next.signature);
  };
  await Promise.all(Array.from({ length: connections }, worker));
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
