import type { EventData, messageStatus } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Delivered } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { releaseOpenings } from './limits/opening-store.ts';
import { strongestProofs } from './rules.ts';
import { settleDispatches } from './store.ts';

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
  const failed = proofs.filter(({ status }) => status === 'failed');
  if (failed.length > 0) await releaseOpenings(tx, failed);
  metrics.sends.inc({ result: 'settled' }, settled.length);
  const freed = settled.filter((row) => row.before === 'sending');
  tx.onCommit(() => {
    for (const channel of freed) sender.wake(channel);
  });
}
