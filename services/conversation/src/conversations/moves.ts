import type { Conversation } from '@recado/contracts';
import { Conflict } from '@recado/service-kit';
import type { ConversationRow } from './store.ts';

type Status = Conversation['status'];

/** What a person does with a conversation. */
export type Move = 'assign' | 'queue' | 'close' | 'reopen';

/** In which states each may be done. From any other it is a conflict. */
export const LEGAL: Readonly<Record<Move, readonly Status[]>> = {
  assign: ['new', 'bot', 'queued', 'assigned', 'active', 'pending'],
  queue: ['new', 'bot', 'queued', 'assigned', 'active', 'pending'],
  close: ['new', 'bot', 'queued', 'assigned', 'active', 'pending', 'closed'],
  reopen: ['new', 'bot', 'queued', 'assigned', 'active', 'pending', 'closed'],
};

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

/** @throws Conflict `conversation`: it is closed */
export function checkMove(move: Move, { status }: Before): void {
  if (!LEGAL[move].includes(status)) throw new Conflict('The conversation is closed', 'conversation');
}

/** Given to a user. Who has it already goes on as before. */
export function assignedTo(userId: string, before: Before, now: Date): Moved {
  checkMove('assign', before);
  if (before.assignedUserId === userId) return {};
  return { status: 'assigned', assignedUserId: userId, assignedAt: now };
}

/** Back to those that wait for a person. */
export function queued(before: Before): Moved {
  checkMove('queue', before);
  return { status: 'queued', assignedUserId: null, assignedAt: null };
}

export interface Closing {
  reason: string | null;
  outcome: string | null;
  value: number | null;
}

/** One that is closed stays as it was closed. */
export function closed(before: Before, { reason, outcome, value }: Closing, now: Date): Moved {
  checkMove('close', before);
  if (before.status === 'closed') return {};
  return { status: 'closed', closedAt: now, closeReason: reason, outcome, outcomeValue: value };
}

/** Back to who had it; else it waits for a person. */
export function reopened(before: Before): Moved {
  checkMove('reopen', before);
  if (before.status !== 'closed') return {};
  const open = { closedAt: null, closeReason: null, outcome: null, outcomeValue: null };
  return { status: before.assignedUserId === null ? 'queued' : 'assigned', ...open };
}

/** With a person, waiting for one, or for the customer. A closed one is opened again by it. */
export function shownAs(status: 'queued' | 'active' | 'pending', before: Before): Moved {
  const opened = reopened(before);
  const now = { ...before, ...opened };
  if (status !== 'queued') return { ...opened, status };
  return WAITING.includes(now.status) ? opened : { ...opened, ...queued(now) };
}

/** These wait for a person. */
const WAITING: readonly Status[] = ['new', 'bot', 'queued'];
