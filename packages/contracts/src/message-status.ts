import type { MESSAGE_STATUSES } from './internal/conversation.ts';

type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/**
 * The error code of a send whose outcome nobody knows: the connector gave up waiting for a sign of
 * it.
 */
export const UNCERTAIN = 'uncertain';

/**
 * The one order of statuses, for what is stored and for what is shown. The final status is the highest ever reported, so
 * neither order nor repeats matter.
 *
 * pending < failed (uncertain) < sent < failed < delivered < read
 *
 * A failure stands above `sent`: providers take a message and refuse it later. Delivered and read stand above a failure:
 * they are proof, whatever was believed before. A failure that only means "nobody knows" gives way to any proof,
 * `sent` included.
 */
export function messageStatusRank(status: MessageStatus, errorCode: string | null): number {
  if (status === 'failed') return errorCode === UNCERTAIN ? 1 : 3;
  return { pending: 0, sent: 2, delivered: 4, read: 5 }[status];
}
