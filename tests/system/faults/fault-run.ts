import { createSandboxControl } from '@recado/sandbox';
import postgres from 'postgres';
import { startMesh } from '../../../infra/local/mesh.ts';
import { call, must, until } from '../../support/api.ts';
import { createTenant } from '../../support/tenant.ts';
import { describeFault, type Fault, inflict, planFaults, seeded } from './chaos.ts';
import type { Clocks } from './clocks.ts';
import { collect } from './collector.ts';
import { startInbound, startOutbound } from './drivers.ts';
import type { Sabotage } from './sabotage.ts';
import { settle } from './settle.ts';
import { judge, type Testimony, type Verdict } from './verdict.ts';

export interface FaultRunOptions {
  dataDir: string;
  rounds: number;
  /** What goes wrong; default: {@link planFaults}. */
  faults?: Fault[];
  /** For faults that turn clocks. */
  clocks?: Clocks;
  seed: number;
  /** Messages a second. */
  inbound: number;
  outbound: number;
  /** Milliseconds between faults: at least, at most. */
  pauseMs: [number, number];
  say: (line: string) => void;
  onLine?: (line: string) => void;
  /** Breaks a guarantee on purpose, after the mesh is up: the run must go red. */
  sabotage?: Sabotage;
}

export interface FaultRunResult {
  verdict: Verdict;
  counts: Record<string, number>;
}

/**
 * A dispatch whose reply was lost is settled by the status webhook within seconds here; one that
 * never went out becomes visibly failed after this long instead of ten minutes.
 */
const UNCERTAIN_MS = 12_000;
const CUSTOMERS = 60;

/**
 * Starts a mesh, lets customers and agents write while everything is killed in turn, waits until
 * all work is done, and compares the witnesses.
 */
export async function runFaults(options: FaultRunOptions): Promise<FaultRunResult> {
  const { say, rounds, seed } = options;
  const mesh = await startMesh({
    dataDir: options.dataDir,
    logLevel: 'warn',
    onLine: options.onLine ?? (() => undefined),
    env: { RECADO_UNCERTAIN_AFTER_MS: String(UNCERTAIN_MS), RECADO_SEND_LEASE_MS: '12000' },
    envOf: { ...options.clocks?.envOf, ...options.sabotage?.envOf },
  });
  const sandbox = createSandboxControl(mesh.urls.sandbox);
  const sql = postgres(mesh.servers.databaseUrl, { max: 2, onnotice: () => undefined, connect_timeout: 5 });
  try {
    const gateway = mesh.urls.gateway;
    // One reply in fifty is lost after the message was accepted; a few statuses come twice or out
    // of order.
    await sandbox.setBehaviour({
      statuses: { sentMs: 20, deliveredMs: 60, readMs: 150 },
      lostReplyRate: 0.02,
      duplicateRate: 0.05,
      reorderRate: 0.05,
    });
    const tenant = await createTenant(gateway, sandbox);
    const screen = await collect(gateway, tenant);
    let chats: string[] = [];
    const inbound = startInbound(gateway, tenant, options.inbound, CUSTOMERS);
    await until(
      'the first chats',
      async () => {
        const list = await must(
          call<{ data: { id: string }[] }>(gateway, 'GET', '/v1/chats?limit=100', { token: tenant.crm }),
          200,
        );
        chats = list.data.map((chat) => chat.id);
        return chats.length >= CUSTOMERS ? true : null;
      },
      30_000,
    );
    const outbound = startOutbound(gateway, tenant, options.outbound, () => chats);
    await options.sabotage?.run?.(mesh);

    const random = seeded(seed + 1);
    const faults = options.faults ?? planFaults(rounds, seed);
    for (const [i, fault] of faults.entries()) {
      await new Promise((resolve) =>
        setTimeout(resolve, options.pauseMs[0] + random() * (options.pauseMs[1] - options.pauseMs[0])),
      );
      say(
        `${String(i + 1).padStart(3)}/${faults.length}  ${describeFault(fault)}   in ${inbound.accepted.size}, out ${outbound.accepted.size}, shown ${screen.shown.size}`,
      );
      await inflict(mesh, fault, options.clocks);
    }
    say('Waiting until everything stands again and the last message has settled');
    await mesh.ready(60_000);
    await Promise.all([inbound.stop(), outbound.stop()]);
    await settle(mesh, sql, sandbox, tenant.tenantId, screen, say);

    const testimony: Testimony = {
      inboundAccepted: inbound.accepted,
      outboundAccepted: outbound.accepted,
      database: await readMessages(sql, tenant.tenantId),
      ledger: (await sandbox.ledgerMessages({ phoneNumberId: tenant.number.phoneNumberId })).map(
        (row) => row.text ?? '',
      ),
      screen,
    };
    screen.close();
    const verdict = judge(testimony);
    return {
      verdict,
      counts: {
        faults: faults.length,
        'webhooks accepted': inbound.accepted.size,
        'webhook POSTs': inbound.posts,
        'sends accepted': outbound.accepted.size,
        'sends whose answer broke': outbound.unsure.size,
        'messages stored': testimony.database.length,
        'messages the provider took': testimony.ledger.length,
        'visibly failed': verdict.visiblyFailed,
        'socket reconnects': screen.reconnects,
        'socket resyncs': screen.resyncs,
      },
    };
  } finally {
    await sql.end({ timeout: 2 }).catch(() => undefined);
    await sandbox.close();
    await mesh.stop();
  }
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
