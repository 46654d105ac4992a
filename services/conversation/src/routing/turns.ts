import type { ConversationRow } from '../conversations/store.ts';

/**
 * Who has the next word in a chat of a campaign: an agent, or the AI until its time is over. Null:
 * no customer waits for either.
 * @param aiFirst whether the campaign lets the AI answer before people do
 */
export function turnOf(
  { status, assignedUserId, lastInboundAt }: Pick<ConversationRow, 'status' | 'assignedUserId' | 'lastInboundAt'>,
  aiFirst: boolean,
): 'people' | 'ai' | null {
  if (assignedUserId !== null || lastInboundAt === null) return null;
  if (status === 'new' || status === 'bot') return aiFirst ? 'ai' : 'people';
  // A person, a phone or a key answered, and no user took it.
  return status === 'active' || status === 'pending' ? 'people' : null;
}

/** Whether the AI, which had its turn since then, is late. */
export const isOverdue = (since: Date | null, waitSeconds: number, now: Date): boolean =>
  since !== null && since.getTime() + waitSeconds * 1000 <= now.getTime();
