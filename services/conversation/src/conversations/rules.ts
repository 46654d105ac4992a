import type { Conversation } from '@recado/contracts';

const HOUR_MS = 60 * 60 * 1000;

/**
 * Whether a business may write freely: within `hours` of the customer's last message. Null: always.
 */
export function isWindowOpen(lastInboundAt: Date | null, hours: number | null, now: Date): boolean {
  if (hours === null) return true;
  return lastInboundAt !== null && now.getTime() - lastInboundAt.getTime() < hours * HOUR_MS;
}

/**
 * The status after an outbound message: a person takes the conversation over, and the AI has it
 * until one does. One that waits for an agent of its campaign still waits: else it would have none.
 */
export function statusAfterOutbound(
  { status: current, campaignId }: Pick<Conversation, 'status' | 'campaignId'>,
  author: 'user' | 'ai' | 'system',
): Conversation['status'] {
  if (author === 'user') {
    const isTaken = current === 'new' || current === 'bot' || (current === 'queued' && campaignId === null);
    return isTaken ? 'active' : current;
  }
  if (author === 'ai') return current === 'new' ? 'bot' : current;
  return current;
}

/** Whether a chat belongs to a campaign and no user has it: routing looks at it when one writes. */
export const lacksAgent = ({
  status,
  assignedUserId,
  campaignId,
}: Pick<Conversation, 'status' | 'assignedUserId' | 'campaignId'>): boolean =>
  campaignId !== null && assignedUserId === null && status !== 'closed';

/**
 * When the customer was first answered by a person; one who was written to first has nothing to be
 * answered.
 */
export function firstResponseAfter(
  c: { firstResponseAt: Date | null; lastInboundAt: Date | null },
  author: 'user' | 'ai' | 'system',
  now: Date,
): Date | null {
  if (c.firstResponseAt !== null || author !== 'user' || c.lastInboundAt === null) return c.firstResponseAt;
  return now;
}

/** Why an AI reply must not go out any more; null when it may. */
export function aiReplyRefusal(
  c: { status: Conversation['status']; assignedUserId: string | null },
  personWroteSince: boolean,
): 'closed' | 'assigned' | 'answered' | null {
  if (c.status === 'closed') return 'closed';
  if (c.assignedUserId !== null || c.status === 'assigned') return 'assigned';
  return personWroteSince ? 'answered' : null;
}
