import { SERVICE_SCHEMAS } from '@recado/database';
import { connectBus, PUBLISHERS, streamName } from '@recado/messaging';
import type { SandboxControl } from '@recado/sandbox';
import { createLogger } from '@recado/service-kit';
import type postgres from 'postgres';
import type { Mesh } from '../../../infra/local/mesh.ts';
import type { Collector } from './collector.ts';

// What a killed consumer held comes back after 30 s (ack_wait); the pauses between an event's first
// tries are shorter.
const SETTLE_MS = 180_000;
const QUIET_MS = 2_000;

/**
 * Waits until all work is done: outboxes, durables, retries, dispatches, messages, sandbox and
 * the screen, if any. After the time limit it returns, and the verdict names what is missing.
 */
export async function settle(
  mesh: Mesh,
  sql: postgres.Sql,
  sandbox: SandboxControl,
  tenantId: string,
  screen: Collector | null,
  say: (line: string) => void,
): Promise<void> {
  const bus = await connectBus({
    url: mesh.servers.natsUrl,
    name: 'settle',
    log: createLogger({ name: 'settle', level: 'silent' }),
  });

  async function undelivered(): Promise<number> {
    let sum = 0;
    for (const service of PUBLISHERS) {
      for await (const info of bus.jsm.consumers.list(streamName(service))) {
        if (info.config.durable_name) sum += info.num_pending + info.num_ack_pending;
      }
    }
    return sum;
  }

  async function busy(): Promise<Record<string, number>> {
    const [row] = await sql<[{ outbox: number; tries: number; dispatches: number; pending: number }]>`
      select (select count(*)::int from channel_connector.outbox where published_at is null)
             + (select count(*)::int from conversation.outbox where published_at is null) as outbox,
             (${waitingTries(sql)}) as tries,
             (select count(*)::int from channel_connector.dispatches where tenant_id = ${tenantId} and state not in ('sent', 'failed')) as dispatches,
             (select count(*)::int from conversation.messages where tenant_id = ${tenantId} and direction = 'outbound' and status = 'pending') as pending`;
    const { webhooks, timers } = await sandbox.state();
    return { ...row, undelivered: await undelivered(), webhooks: webhooks.pending, statuses: timers };
  }

  try {
    const deadline = Date.now() + SETTLE_MS;
    let quietSince = Date.now();
    let before = '';
    while (Date.now() - quietSince < QUIET_MS) {
      const counts = await busy();
      const seen = screen ? `${screen.shown.size} ${[...screen.status.values()].join()}` : '';
      if (Object.values(counts).some((n) => n > 0) || seen !== before) quietSince = Date.now();
      before = seen;
      if (Date.now() > deadline) {
        say(`Not settled after ${SETTLE_MS / 1000} s: ${JSON.stringify(counts)}`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  } finally {
    await bus.close();
  }
}

/** Events that failed and are to be tried again, over all services. */
function waitingTries(sql: postgres.Sql) {
  const counts = Object.values(SERVICE_SCHEMAS).map(
    (schema) => sql`
    (select count(*)::int from ${sql(schema)}.delivery_tries where next_try_at is not null)`,
  );
  return counts.reduce((sum, count) => sql`${sum} + ${count}`);
}
