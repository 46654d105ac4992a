import { type EventData, type timerFired, uuid } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Delivered } from '@recado/messaging';
import { type ConversationKey, markDue, supersedeEarlier } from '../replies/store.ts';

const OWNER = 'ai-responder';
const PREFIX = 'reply:';

/**
 * Makes what waits in the timers' conversations due; the worker does the rest. Repeats find nothing waiting. Whatever waits
 * is taken, not only what the timer was ordered for: of two orders at the same moment the scheduler keeps one.
 */
export async function wakeReplies(tx: Tx, events: readonly Delivered<EventData<typeof timerFired>>[]): Promise<void> {
  const conversations = events.flatMap(({ tenantId, data }): ConversationKey[] => {
    if (data.owner !== OWNER || !data.key.startsWith(PREFIX)) return [];
    const id = uuid().safeParse(data.key.slice(PREFIX.length));
    return id.success ? [{ tenantId, conversationId: id.data }] : [];
  });
  if (conversations.length === 0) return;
  await markDue(tx, conversations);
  await supersedeEarlier(tx, conversations);
}
