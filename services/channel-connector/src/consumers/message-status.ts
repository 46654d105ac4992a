import { messageStatus } from '@recado/contracts';
import { type Delivered, type EventConsumer, startConsumer } from '@recado/messaging';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { DemandKey } from '../dispatches/demand.ts';
import { type Proof, settleDispatches } from '../dispatches/store.ts';

type Status = z.output<typeof messageStatus.data>;

/**
 * The connector's own `message.status-changed` → dispatches are settled by what the provider says. Not done while the webhook is accepted, which must
 * stay fast; and through the stream rather than in memory, so that a crash loses none.
 */
export function consumeMessageStatus(deps: Deps): EventConsumer {
  const freed: DemandKey[] = [];
  return startConsumer({
    bus: deps.bus,
    db: deps.workerDb.sql,
    service: 'channel-connector',
    event: messageStatus,
    dedupe: 'handler',
    log: deps.log,
    registry: deps.registry,
    async handle(tx, events) {
      const proofs = strongestProofs(events);
      if (proofs.length === 0) return;
      for (const row of await settleDispatches(tx, proofs)) {
        // A wake too many, after a rollback, finds nothing to do.
        if (row.before === 'sending') freed.push(row);
        deps.metrics.sends.inc({ result: 'settled' });
      }
    },
    afterCommit() {
      for (const channel of freed.splice(0)) deps.sender.wake(channel);
    },
  });
}

/** `delivered` and `read` prove more than a failure that came before them, `sent` less. */
const STRENGTH: Record<Status['status'], number> = { sent: 0, failed: 1, delivered: 2, read: 3 };

/**
 * Of the provider's words about our messages, the one that counts for each. Our own results are
 * nothing new.
 */
export function strongestProofs(events: Pick<Delivered<Status>, 'tenantId' | 'data'>[]): Proof[] {
  const proofs = new Map<string, Proof>();
  for (const { tenantId, data } of events) {
    const { messageId, status, providerMessageId, error } = data;
    if (data.source !== 'webhook' || messageId === null) continue;
    const known = proofs.get(`${tenantId} ${messageId}`);
    if (known && STRENGTH[known.status] >= STRENGTH[status]) continue;
    proofs.set(`${tenantId} ${messageId}`, {
      tenantId,
      messageId,
      providerMessageId: providerMessageId ?? known?.providerMessageId ?? null,
      status,
      errorCode: error?.code ?? null,
      errorMessage: error?.message ?? null,
    });
  }
  return [...proofs.values()];
}
