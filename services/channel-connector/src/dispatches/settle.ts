import type { EventData, messageStatus } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Delivered } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { type Proof, settleDispatches } from './store.ts';

type Status = EventData<typeof messageStatus>;

/** Settles dispatches by what the provider says of their messages. */
export async function settleByStatuses(
  tx: Tx,
  { metrics, sender }: Pick<Deps, 'metrics' | 'sender'>,
  events: readonly Delivered<Status>[],
): Promise<void> {
  const proofs = strongestProofs(events);
  if (proofs.length === 0) return;
  const settled = await settleDispatches(tx, proofs);
  metrics.sends.inc({ result: 'settled' }, settled.length);
  const freed = settled.filter((row) => row.before === 'sending');
  tx.onCommit(() => {
    for (const channel of freed) sender.wake(channel);
  });
}

/** `delivered` and `read` prove more than a failure that came before them, `sent` less. */
const STRENGTH: Record<Status['status'], number> = { sent: 0, failed: 1, delivered: 2, read: 3 };

/**
 * Of the provider's words about our messages, the one that counts for each. Our own results are
 * nothing new.
 */
export function strongestProofs(events: readonly Pick<Delivered<Status>, 'tenantId' | 'data'>[]): Proof[] {
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
