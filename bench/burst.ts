import type { SandboxControl } from '@recado/sandbox';
import type postgres from 'postgres';
import type { Mesh } from '../infra/local/mesh.ts';
import type { MetaNumber } from '../tests/support/meta-webhook.ts';
import { connectNumber, createTenant } from '../tests/support/tenant.ts';
import { startCeiling } from './ceiling.ts';
import { type LoadResult, runLoad } from './load.ts';
import type { Figure } from './report.ts';
import { webhookLoad, webhookSource } from './webhook-load.ts';

const WEBHOOKS = 20_000;
const TENANTS = 4;
const NUMBERS_EACH = 2;
/** Webhooks that wait for their answers at once. */
const CONNECTIONS = 512;
const WANTED_MS = 500;
/** Webhooks by which both sides compile their hot paths. */
const WARM_UP = 8000;
const STORED_WITHIN_MS = 60_000;

interface Receiver {
  number: MetaNumber;
  path: string;
}

/**
 * 20,000 webhooks as fast as they are answered, for eight numbers of four tenants in turn. The
 * limits of their plan hold. A bare process gets as many just before.
 */
export async function benchBurst(mesh: Mesh, sandbox: SandboxControl, sql: postgres.Sql): Promise<Figure[]> {
  const { gateway } = mesh.urls;
  const tenants: string[] = [];
  const receivers: Receiver[] = [];
  for (let t = 0; t < TENANTS; t++) {
    const tenant = await createTenant(gateway, sandbox);
    tenants.push(tenant.tenantId);
    const others = Array.from({ length: NUMBERS_EACH - 1 }, () => connectNumber(gateway, sandbox, tenant.crm));
    for (const { channelId, number } of [tenant, ...(await Promise.all(others))])
      receivers.push({ number, path: `/v1/webhooks/whatsapp/meta/${channelId}` });
  }
  // The sender is new: what it sends at first waits in the side queue, and none of it is refused.
  const first = await burst(gateway, receivers, WARM_UP);
  if (first.statuses[200] !== WARM_UP) throw new Error(`The first burst got ${JSON.stringify(first.statuses)}`);
  await storedAll(sql, tenants, WARM_UP);
  const { number } = receivers[0]!;
  const ceiling = await startCeiling(mesh.servers.natsUrl, number.appSecret);
  const bareLoad = (prepared: number) =>
    webhookLoad(ceiling.url, number, { seconds: 600, prepared, all: true, connections: CONNECTIONS });
  await bareLoad(WARM_UP);
  const bare = await bareLoad(WEBHOOKS);
  await ceiling.stop();

  const started = performance.now();
  const ours = await burst(gateway, receivers, WEBHOOKS);
  const left = await storedAll(sql, tenants, WARM_UP + WEBHOOKS);
  const storedS = (performance.now() - started) / 1000;
  const accepted = ours.statuses[200] ?? 0;
  return [
    {
      name: 'burst of 20,000 webhooks',
      value: `p50 ${ours.p50.toFixed(0)}, p99 ${ours.p99.toFixed(0)} ms; ${ours.perSecond.toFixed(0)}/s`,
      ceiling: `bare p50 ${bare.p50.toFixed(0)}, p99 ${bare.p99.toFixed(0)} ms; ${bare.perSecond.toFixed(0)}/s`,
      wanted: `p99 < ${WANTED_MS} ms`,
      reached: ours.p99 < WANTED_MS,
    },
    {
      name: 'burst: accepted and stored',
      value: `${accepted} and ${WEBHOOKS - left}`,
      ceiling: `${JSON.stringify(ours.statuses)}, in ${storedS.toFixed(1)} s`,
      wanted: `all ${WEBHOOKS}`,
      reached: accepted === WEBHOOKS && left === 0,
    },
  ];
}

/** So many webhooks over many connections, of one number after the other. */
function burst(gateway: string, receivers: readonly Receiver[], count: number): Promise<LoadResult> {
  const { hostname, port } = new URL(gateway);
  const sources = receivers.map(({ number, path }) => webhookSource(number, path, count / receivers.length));
  let turn = 0;
  return runLoad({
    host: hostname,
    port: Number(port),
    connections: CONNECTIONS,
    seconds: 600,
    next: () => sources[turn++ % sources.length]!.next(),
  });
}

/** Waits for so many stored messages of these tenants; returns how many are missing in the end. */
async function storedAll(sql: postgres.Sql, tenants: string[], wanted: number): Promise<number> {
  const deadline = performance.now() + STORED_WITHIN_MS;
  for (;;) {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from conversation.messages where tenant_id = any(${tenants}::uuid[])`;
    const left = wanted - row!.n;
    if (left <= 0 || performance.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
