import { CONVERSATION_STATUSES, type Conversation } from '@recado/contracts';
import { Conflict } from '@recado/service-kit';
import type { ConversationRow } from './store.ts';

type Status = Conversation['status'];

const OPEN = CONVERSATION_STATUSES.filter((status) => status !== 'closed');

/** In which states each move may be made. */
const LEGAL = {
  assign: OPEN,
  queue: OPEN,
  close: OPEN,
  reopen: ['closed'],
} as const satisfies Record<string, readonly Status[]>;

/** What a move changes. */
export type Moved = Partial<
  Pick<
    ConversationRow,
    | 'status'
    | 'assignedUserId'
    | 'assignedAt'
    | 'closedAt'
    | 'closeReason'
    | 'outcome'
    | 'outcomeValue'
    | 'priority'
    | 'archived'
  >
>;

type Before = Pick<ConversationRow, 'status' | 'assignedUserId'>;

const isLegal = (move: keyof typeof LEGAL, { status }: Before): boolean =>
  (LEGAL[move] as readonly Status[]).includes(status);

/** @throws Conflict `conversation` when it is closed */
function checkOpen(move: 'assign' | 'queue', before: Before): void {
  if (!isLegal(move, before)) throw new Conflict('The conversation is closed', 'conversation');
}

/** Gives it to a user. Nothing changes for one who has it already. */
export function assignedTo(userId: string, before: Before, now: Date): Moved {
  checkOpen('assign', before);
  if (before.assignedUserId === userId) return {};
  return { status: 'assigned', assignedUserId: userId, assignedAt: now };
}

/** Puts it back to those that wait for a person. */
export function queued(before: Before): Moved {
  checkOpen('queue', before);
  return { status: 'queued', assignedUserId: null, assignedAt: null };
}

export interface Closing {
  reason: string | null;
  outcome: string | null;
  value: number | null;
}

/** Closes it. One that is closed stays as it was closed. */
export function closed(before: Before, { reason, outcome, value }: Closing, now: Date): Moved {
  if (!isLegal('close', before)) return {};
  return { status: 'closed', closedAt: now, closeReason: reason, outcome, outcomeValue: value };
}

/** Opens it again, for the user who had it. Without one it waits for a person. */
export function reopened(before: Before): Moved {
  if (!isLegal('reopen', before)) return {};
  const open = { closedAt: null, closeReason: null, outcome: null, outcomeValue: null };
  return { status: before.assignedUserId === null ? 'queued' : 'assigned', ...open };
}

/** Shows an open one as with a person, waiting for one, or waiting for the customer. */
function shownAs(status: 'queued' | 'active' | 'pending', before: Before): Moved {
  if (status !== 'queued') return { status };
  return WAITING.includes(before.status) ? {} : queued(before);
}

/** These wait for a person. */
const WAITING: readonly Status[] = ['new', 'bot', 'queued'];

/** What a person wants changed at once. */
export interface Wanted {
  status?: 'queued' | 'active' | 'pending' | 'closed' | undefined;
  /** Null: no user. */
  assignedUserId?: string | null | undefined;
}

/**
 * Several moves as one. The status of an open conversation opens a closed one first; then comes the
 * user, and the status last.
 * @throws Conflict `conversation`: a closed one that stays so is given to no user
 */
export function movedBy({ status, assignedUserId }: Wanted, before: Before, now: Date): Moved {
  const moved: Moved = {};
  const apply = (move: (present: Before) => Moved) => Object.assign(moved, move({ ...before, ...moved }));
  if (status && status !== 'closed') apply(reopened);
  if (assignedUserId === null) apply(queued);
  else if (assignedUserId !== undefined) apply((present) => assignedTo(assignedUserId, present, now));
  if (status === 'closed') apply((present) => closed(present, NOTHING_SAID, now));
  else if (status) apply((present) => shownAs(status, present));
  return moved;
}

const NOTHING_SAID: Closing = { reason: null, outcome: null, value: null };
