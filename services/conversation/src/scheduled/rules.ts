import type { Caller } from '@recado/service-kit';
import type { ScheduledRow } from './store.ts';

/** A message is not sent when its time passed this long ago: its words may be wrong by then. */
const MOST_LATE_MS = 3_600_000;

type Waiting = Pick<ScheduledRow, 'status' | 'cancelOnReply' | 'createdAt' | 'sendAt'>;

/** Whether the customer's message cancelled it. Nothing writes that down when it arrives. */
export const isOvertaken = (
  { status, cancelOnReply, createdAt }: Omit<Waiting, 'sendAt'>,
  lastInboundAt: Date | null,
): boolean => status === 'scheduled' && cancelOnReply && lastInboundAt !== null && lastInboundAt > createdAt;

/** Whether it goes out in the caller's name. */
export const isAuthor = (
  { userId, apiKeyId }: Pick<ScheduledRow, 'userId' | 'apiKeyId'>,
  caller: Pick<Caller, 'userId' | 'apiKeyId'>,
): boolean => (userId !== null && userId === caller.userId) || (apiKeyId !== null && apiKeyId === caller.apiKeyId);

/** What becomes of one whose timer fired: nothing, a message, or an end without one. */
export function dueOutcome(
  row: Waiting,
  lastInboundAt: Date | null,
  now: Date,
): 'nothing' | 'send' | 'customer_wrote' | 'late' {
  if (row.status !== 'scheduled' || row.sendAt > now) return 'nothing';
  if (isOvertaken(row, lastInboundAt)) return 'customer_wrote';
  return now.getTime() - row.sendAt.getTime() > MOST_LATE_MS ? 'late' : 'send';
}
