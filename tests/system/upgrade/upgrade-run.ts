import { SERVICES, type ServiceName } from '@recado/contracts';
import { SERVICE_SCHEMAS } from '@recado/database';
import { createSandboxControl } from '@recado/sandbox';
import postgres from 'postgres';
import { type Mesh, startMesh } from '../../../infra/local/mesh.ts';
import { call, must, until } from '../../support/api.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { collect } from '../faults/collector.ts';
import { type InboundDriver, type OutboundDriver, startInbound, startOutbound } from '../faults/drivers.ts';
import { settle } from '../faults/settle.ts';
import { judge, type Verdict } from '../faults/verdict.ts';
import { type PreviousServices, startPrevious } from './previous-services.ts';

export interface UpgradeOptions {
  dataDir: string;
  /** Where the previous version is built. */
  previous: string;
  /** How long each of the phases takes. */
  phaseMs: number;
  /** Messages a second over each of the two gateways. */
  inbound: number;
  outbound: number;
  say: (line: string) => void;
  onLine: (line: string) => void;
}

export interface UpgradeResult {
  verdict: Verdict;
  /** Events that a consumer of either version gave up. */
  deadLetters: string[];
  /** Processes of the previous version that ended by themselves. */
  crashes: number;
  counts: Record<string, number>;
}

const CUSTOMERS = 40;
/**
 * After a lost answer a send is settled by its status webhook, or shows as failed after this long.
 */
const ENV = { RECADO_UNCERTAIN_AFTER_MS: '12000', RECADO_SEND_LEASE_MS: '12000' };
/** The order in which an upgrade replaces services: a called service before its callers. */
const ORDER: ServiceName[] = [...SERVICES].reverse();

/**
 * Runs the previous version on this version's schema, under load. Four phases: both versions, the
 * previous alone, both again, and the previous one's services stopped one by one.
 */
export async function runUpgrade(options: UpgradeOptions): Promise<UpgradeResult> {
  const { dataDir, say, onLine } = options;
  const mesh = await startMesh({ dataDir, logLevel: 'warn', onLine, env: ENV });
  const sandbox = createSandboxControl(mesh.urls.sandbox);
  const sql = postgres(mesh.servers.databaseUrl, { max: 2, onnotice: () => undefined });
  let previous: PreviousServices | undefined;
  try {
    await sandbox.setBehaviour({ statuses: { sentMs: 20, deliveredMs: 60, readMs: 150 } });
    previous = await startPrevious(options.previous, mesh, ENV, (line) => onLine(`previous ${line}`));
    const tenant = await createTenant(mesh.urls.gateway, sandbox);
    const screen = await collect(mesh.urls.gateway, tenant);
    const traffic = await startTraffic(options, tenant, { current: mesh.urls.gateway, previous: previous.gateway });
    await playPhases(options, mesh, previous, traffic);
    await traffic.stop();
    await settle(mesh, sql, sandbox, tenant.tenantId, screen, say);
    screen.close();
    const ledger = await sandbox.ledgerMessages({ phoneNumberId: tenant.number.phoneNumberId });
    const verdict = judge({
      ...traffic.accepted(),
      database: await readMessages(sql, tenant.tenantId),
      ledger: ledger.map((row) => row.text ?? ''),
      screen,
    });
    return {
      verdict,
      deadLetters: await readDeadLetters(sql),
      crashes: previous.crashes(),
      counts: { ...traffic.counts(), 'messages the provider took': ledger.length },
    };
  } finally {
    await previous?.stopAll();
    await sql.end({ timeout: 2 }).catch(() => undefined);
    await sandbox.close();
    await mesh.stop();
  }
}

interface Traffic {
  stopPrevious(): Promise<void>;
  stop(): Promise<void>;
  accepted(): { inboundAccepted: Set<string>; outboundAccepted: Map<string, string> };
  counts(): Record<string, number>;
}

async function startTraffic(
  { inbound, outbound }: UpgradeOptions,
  tenant: TestTenant,
  gateways: { current: string; previous: string },
): Promise<Traffic> {
  const drivers: { name: string; in: InboundDriver; out: OutboundDriver }[] = [];
  let chats: string[] = [];
  for (const [name, gateway] of Object.entries(gateways)) {
    const customers = startInbound(gateway, tenant, inbound, CUSTOMERS);
    // The first driver's customers open the chats that agents write into.
    if (chats.length === 0) chats = await waitForChats(gateway, tenant);
    // A text stands for one send: each driver has its own.
    const agents = startOutbound(gateway, tenant, outbound, () => chats, name);
    drivers.push({ name, in: customers, out: agents });
  }
  const stop = async (chosen: typeof drivers) =>
    void (await Promise.all(chosen.flatMap((driver) => [driver.in.stop(), driver.out.stop()])));
  return {
    stopPrevious: () => stop(drivers.filter(({ name }) => name === 'previous')),
    stop: () => stop(drivers),
    accepted: () => ({
      inboundAccepted: new Set(drivers.flatMap((driver) => [...driver.in.accepted])),
      outboundAccepted: new Map(drivers.flatMap((driver) => [...driver.out.accepted])),
    }),
    counts: () =>
      Object.fromEntries(
        drivers.flatMap((driver) => [
          [`webhooks accepted by the ${driver.name} version`, driver.in.accepted.size],
          [`sends accepted by the ${driver.name} version`, driver.out.accepted.size],
        ]),
      ),
  };
}

const waitForChats = (gateway: string, tenant: TestTenant) =>
  until('the first chats', async () => {
    const path = '/v1/chats?limit=100';
    const list = await must(call<{ data: { id: string }[] }>(gateway, 'GET', path, { token: tenant.crm }), 200);
    return list.data.length >= CUSTOMERS / 2 ? list.data.map((chat) => chat.id) : null;
  });

async function playPhases({ phaseMs, say }: UpgradeOptions, mesh: Mesh, previous: PreviousServices, traffic: Traffic) {
  const phase = async (title: string) => {
    say(title);
    await new Promise((resolve) => setTimeout(resolve, phaseMs));
  };
  await phase('Both versions at work');
  for (const name of ORDER) await mesh.down(name);
  await phase('The previous version alone');
  for (const name of ORDER) await mesh.up(name);
  await mesh.ready();
  await phase('Both versions again');
  await traffic.stopPrevious();
  for (const name of ORDER) await previous.stop(name);
  await phase('This version alone');
}

const readMessages = (sql: postgres.Sql, tenantId: string) =>
  sql<
    {
      id: string;
      direction: 'inbound' | 'outbound';
      status: string;
      content: string;
      providerMessageId: string | null;
    }[]
  >`
    select id, direction, status, content, provider_message_id as "providerMessageId" from conversation.messages where tenant_id = ${tenantId}`;

async function readDeadLetters(sql: postgres.Sql): Promise<string[]> {
  const found = await Promise.all(
    Object.values(SERVICE_SCHEMAS).map(
      (schema) => sql<{ consumer: string; error: string }[]>`select consumer, error from ${sql(schema)}.dead_letters`,
    ),
  );
  return found.flat().map(({ consumer, error }) => `${consumer}: ${error}`);
}
