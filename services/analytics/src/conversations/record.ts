import type { Conversation } from '@recado/contracts';
import type { Delivered, Tx } from '@recado/messaging';
import { saveStates } from './store.ts';

/** Remembers which conversations are open, from the events that tell of them. */
export function recordStates(
  tx: Tx,
  events: readonly Delivered<{ conversation: Pick<Conversation, 'id' | 'status'> }>[],
): Promise<void> {
  return saveStates(
    tx,
    events.map(({ tenantId, data: { conversation }, envelope }) => ({
      tenantId,
      conversationId: conversation.id,
      open: conversation.status !== 'closed',
      changedAt: envelope.time,
    })),
  );
}
