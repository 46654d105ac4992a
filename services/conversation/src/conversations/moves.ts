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
  snooze: OPEN,
  archive: ['closed'],
} as const satisfies Record<string, readonly Status[]>;

/** What a move changes. */
export type Moved = Partial<
  Pick<
    ConversationRow,
    | 'status'
    | 'assignedUserId'
    | 'assignedAt'
    | 'campaignId'
    | 'queuedAt'
    | 'closedAt'
    | 'closeReason'
    | 'outcome'
    | 'outcomeValue'
    | 'priority'
    | 'archived'
    | 'snoozedUntil'
    | 'reopenCount'
  >
>;

type Before = Pick<ConversationRow, 'status' | 'assignedUserId'>;

const isLegal = (move: keyof typeof LEGAL, { status }: Before): boolean =>
  (LEGAL[move] as readonly Status[]).includes(status);

/** @throws Conflict `conversation` when it is closed */
function checkOpen(move: 'assign' | 'queue' | 'snooze', before: Before): void {
  if (!isLegal(move, before)) throw new Conflict('The conversation is closed', 'conversation');
}

/** Gives it to a user. Nothing changes for one who has it already. */
export function assignedTo(userId: string, before: Before, now: Date): Moved {
  checkOpen('assign', before);
  if (before.assignedUserId === userId) return {};
  return { status: 'assigned', assignedUserId: userId, assignedAt: now };
}

/** Puts it back to those that wait for a person. One that waits keeps its place. */
export function queued(before: Before, now: Date): Moved {
  checkOpen('queue', before);
  const moved: Moved = { status: 'queued', assignedUserId: null, assignedAt: null };
  return isQueued(before) ? moved : { ...moved, queuedAt: now };
}

const isQueued = ({ status, assignedUserId }: Before): boolean => status === 'queued' && assignedUserId === null;

/** Hands it on to a campaign. One that waits there already stays as it is. */
export function queuedIn(campaignId: string, before: Before & Pick<ConversationRow, 'campaignId'>, now: Date): Moved {
  if (before.campaignId === campaignId) return queued(before, now);
  return { ...queued(before, now), campaignId, queuedAt: now };
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

/**
 * Opens it again, for the user who had it. Without one it waits for a person.
 * @param isFree whether that user takes it
 */
export function reopened(before: Before, now: Date, isFree = true): Moved {
  if (!isLegal('reopen', before)) return {};
  const open = { closedAt: null, closeReason: null, outcome: null, outcomeValue: null };
  if (before.assignedUserId !== null && isFree) return { status: 'assigned', ...open };
  return { status: 'queued', assignedUserId: null, assignedAt: null, queuedAt: now, ...open };
}

/** Puts an open one away. @throws Conflict when it is closed, or its customer waits for an agent */
export function snoozed(until: Date, before: Before & Pick<ConversationRow, 'campaignId'>): Moved {
  checkOpen('snooze', before);
  if (before.assignedUserId === null && before.campaignId !== null) {
    throw new Conflict('The conversation waits for an agent', 'conversation_waits');
  }
  return { snoozedUntil: until };
}

/** Puts a closed one out of the lists. @throws Conflict `conversation_still_open` */
export function archived(before: Before): Moved {
  if (!isLegal('archive', before)) throw new Conflict('The conversation is open', 'conversation_still_open');
  return { archived: true };
}

/** What a move brings along: it ends a snooze, and one that opens leaves the archive. */
export function consequencesOf(
  before: Before & Pick<ConversationRow, 'campaignId' | 'snoozedUntil' | 'reopenCount'>,
  moved: Moved,
): Moved {
  const moves = (['status', 'assignedUserId', 'campaignId'] as const).some(
    (field) => moved[field] !== undefined && moved[field] !== before[field],
  );
  const opens = before.status === 'closed' && moved.status !== undefined && moved.status !== 'closed';
  return {
    ...(moves && before.snoozedUntil !== null && { snoozedUntil: null }),
    ...(opens && { archived: false, reopenCount: before.reopenCount + 1 }),
  };
}

/** Shows an open one as with a person, waiting for one, or waiting for the customer. */
function shownAs(status: 'queued' | 'active' | 'pending', before: Before, now: Date): Moved {
  if (status !== 'queued') return { status };
  return WAITING.includes(before.status) ? {} : queued(before, now);
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
 * user, and the status last. One that opens for a user who is not free waits for another.
 * @param isFree whether the user who had a closed one takes it
 * @throws Conflict `conversation`: a closed one that stays so is given to no user
 */
export function movedBy({ status, assignedUserId }: Wanted, before: Before, now: Date, isFree = true): Moved {
  const moved: Moved = {};
  const apply = (move: (present: Before) => Moved) => Object.assign(moved, move({ ...before, ...moved }));
  const waits = before.status === 'closed' && !isFree && assignedUserId === undefined;
  if (status && status !== 'closed') apply((present) => reopened(present, now, isFree));
  if (assignedUserId === null) apply((present) => queued(present, now));
  else if (assignedUserId !== undefined) apply((present) => assignedTo(assignedUserId, present, now));
  if (status === 'closed') apply((present) => closed(present, NOTHING_SAID, now));
  else if (status && !waits) apply((present) => shownAs(status, present, now));
  return moved;
}

const NOTHING_SAID: Closing = { reason: null, outcome: null, value: null };
