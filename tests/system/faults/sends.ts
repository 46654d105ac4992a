import { setTimeout as pause } from 'node:timers/promises';
import { createSandboxControl, type SandboxControl } from '@recado/sandbox';
import postgres from 'postgres';
import { type Mesh, startMesh } from '../../../infra/local/mesh.ts';
import { call, until } from '../../support/api.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { UNLIMITED } from '../../support/unlimited.ts';
import { seeded } from './chaos.ts';
import type { Sabotage } from './sabotage.ts';
import { judgeSends, type SendsVerdict, type SendTestimony } from './sends-verdict.ts';
import { settle } from './settle.ts';

export interface SendsRunOptions {
  dataDir: string;
  /** Replies that are lost, at least. */
  lost: number;
  /** Kills of the connector. */
  kills: number;
  seed: number;
  say: (line: string) => void;
  onLine?: (line: string) => void;
  sabotage?: Sabotage;
}

export interface SendsRunResult {
  verdict: SendsVerdict;
  counts: Record<string, number>;
}

/** A send takes so long that each kill meets some on their way. */
const SEND_MS = 40;
const LOST_SHARE = 0.2;
/** Customers; the provider never tells what became of messages to the last ones. */
const CUSTOMERS = 60;
const UNTOLD = ['+573009990006', '+573019990006', '+573029990006'];
const AT_ONCE = 12;
/** Milliseconds between two orders of messages. */
const GAP_MS = 150;
/** So many wait for their turn at most, or are not settled. */
const MOST_WAITING = 400;
/** A kill comes so many milliseconds, at most, after the connector is ready again. */
const KILL_WITHIN_MS = 600;
const TIMES = { RECADO_SEND_TIMEOUT_MS: '2000', RECADO_SEND_LEASE_MS: '3000', RECADO_UNCERTAIN_AFTER_MS: '6000' };

/**
 * Sends while the provider loses replies to messages that it took, and while the connector is
 * killed at random moments. Then it compares what was accepted with the provider's ledger.
 */
export async function runSends(options: SendsRunOptions): Promise<SendsRunResult> {
  const { say, sabotage } = options;
  const mesh = await startMesh({
    dataDir: options.dataDir,
    logLevel: 'warn',
    onLine: options.onLine ?? (() => undefined),
    env: { ...UNLIMITED, ...TIMES },
    envOf: { ...sabotage?.envOf },
  });
  const sandbox = createSandboxControl(mesh.urls.sandbox);
  const sql = postgres(mesh.servers.databaseUrl, { max: 2, onnotice: () => undefined });
  try {
    await sandbox.setBehaviour({ sendDelayMs: SEND_MS, lostReplyRate: LOST_SHARE, duplicateRate: 0.05 });
    const tenant = await createTenant(mesh.urls.gateway, sandbox);
    await sabotage?.run?.(mesh);
    const orders = startOrders(mesh.urls.gateway, tenant, () => countWaiting(sql, tenant.tenantId));
    await killConnector(mesh, options);
    await until(
      'enough lost replies',
      async () => ((await lostReplies(sandbox)) >= options.lost ? true : null),
      300_000,
    );
    await orders.stop();
    say('Waiting until everything has settled');
    await settle(mesh, sql, sandbox, tenant.tenantId, null, say);
    const messages = await readTestimony(sql, sandbox, tenant, orders.accepted);
    const verdict = judgeSends(messages);
    return {
      verdict,
      counts: {
        kills: options.kills,
        'messages accepted': messages.length,
        'messages the provider took': messages.reduce((sum, { taken }) => sum + taken.length, 0),
        'replies lost': await lostReplies(sandbox),
        'never told of': messages.filter(({ told }) => !told).length,
        'tried more than once': await countRetries(sql, tenant.tenantId),
        'uncertain with a reason': verdict.uncertain,
        sent: verdict.sent,
      },
    };
  } finally {
    await sql.end({ timeout: 2 }).catch(() => undefined);
    await sandbox.close();
    await mesh.stop();
  }
}

/** Kills the connector again and again, each time at a random moment after it is ready. */
async function killConnector(mesh: Mesh, { kills, seed, say }: SendsRunOptions): Promise<void> {
  const random = seeded(seed);
  for (let n = 1; n <= kills; n++) {
    await pause(random() * KILL_WITHIN_MS);
    const before = mesh.pids()['channel-connector'];
    mesh.kill('channel-connector');
    if (n % 10 === 0) say(`${String(n).padStart(3)}/${kills}  kill -9 channel-connector`);
    await until('another connector', async () => {
      const now = mesh.pids()['channel-connector'];
      return now && now !== before ? true : null;
    });
    // A busy machine takes long to start a process.
    await mesh.ready(180_000);
  }
}

/**
 * Orders messages for random customers until stopped, each text once, in the public API. It orders
 * no more while many wait: in the end all must be settled.
 */
function startOrders(gateway: string, tenant: TestTenant, waiting: () => Promise<number>) {
  const phones = [...Array.from({ length: CUSTOMERS }, (_, i) => `+57310${String(i).padStart(7, '0')}`), ...UNTOLD];
  /** Message id → its recipient's phone. */
  const accepted = new Map<string, string>();
  let stopping = false;
  let first = 0;
  const running = (async () => {
    const path = `/api/v1/whatsapp/instances/${tenant.channelId}/messages/bulk`;
    for (let n = 0; !stopping; n++) {
      if ((await waiting()) > MOST_WAITING) {
        await pause(GAP_MS);
        continue;
      }
      const recipients = Array.from({ length: AT_ONCE }, () => phones[first++ % phones.length]!);
      const body = { recipients, text: `aviso ${n}`, delayBetweenMessages: 0 };
      // While the connector is down the order is refused. It is not repeated.
      const answer = await call<{ data: { jobs: string[] } }>(gateway, 'POST', path, {
        token: tenant.saas,
        body,
      }).catch(() => null);
      if (answer?.status === 201) {
        for (const [i, job] of answer.body.data.jobs.entries()) accepted.set(job.replace('job-', ''), recipients[i]!);
      }
      await pause(GAP_MS);
    }
  })();
  return {
    accepted,
    async stop() {
      stopping = true;
      await running;
    },
  };
}

const lostReplies = async (sandbox: SandboxControl) => (await sandbox.ledgerAll('messages', { reply: 'lost' })).length;

async function readTestimony(
  sql: postgres.Sql,
  sandbox: SandboxControl,
  { tenantId, number }: TestTenant,
  accepted: ReadonlyMap<string, string>,
): Promise<SendTestimony[]> {
  type Row = Omit<SendTestimony, 'taken' | 'told'>;
  // All of the tenant: also those whose order got no answer.
  const rows = await sql<Row[]>`
    select m.id as "messageId", d.state, d.error_code as "errorCode", d.error_message as "errorMessage",
           d.provider_message_id as "providerMessageId", m.status
    from conversation.messages m
    left join channel_connector.dispatches d on d.tenant_id = m.tenant_id and d.message_id = m.id
    where m.tenant_id = ${tenantId} and m.direction = 'outbound'`;
  const ledger = await sandbox.ledgerMessages({ phoneNumberId: number.phoneNumberId });
  const taken = Map.groupBy(ledger, (row) => row.bizOpaqueCallbackData);
  const recipients = new Map(ledger.map((row) => [row.bizOpaqueCallbackData, row.to]));
  const untold = new Set(UNTOLD.map((phone) => phone.slice(1)));
  const known = new Map(rows.map((row) => [row.messageId, row]));
  const missing = [...accepted.keys()].filter((id) => !known.has(id));
  const gone = missing.map(
    (messageId): Row => ({
      messageId,
      state: null,
      errorCode: null,
      errorMessage: null,
      providerMessageId: null,
      status: null,
    }),
  );
  return [...rows, ...gone].map((row) => ({
    ...row,
    taken: (taken.get(row.messageId) ?? []).map(({ wamid }) => wamid),
    told: !untold.has(recipients.get(row.messageId)?.replace('+', '') ?? ''),
  }));
}

async function countWaiting(sql: postgres.Sql, tenantId: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from channel_connector.dispatches
    where tenant_id = ${tenantId} and state not in ('sent', 'failed')`;
  return row!.n;
}

async function countRetries(sql: postgres.Sql, tenantId: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from channel_connector.dispatches where tenant_id = ${tenantId} and attempts > 1`;
  return row!.n;
}
