import type { MESSAGE_STATUSES } from './internal/conversation.ts';

type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** The error code of a send whose outcome is unknown: no status came in time. */
export const UNCERTAIN = 'uncertain';

/**
 * The order of statuses: pending < failed (uncertain) < sent < failed < delivered < read. The
 * highest one reported is final, so order and repeats do not matter. See the README.
 */
export function messageStatusRank(status: MessageStatus, errorCode: string | null): number {
  if (status === 'failed') return errorCode === UNCERTAIN ? 1 : 3;
  return { pending: 0, sent: 2, delivered: 4, read: 5 }[status];
}
