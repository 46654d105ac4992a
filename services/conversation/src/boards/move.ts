import {
  type AuditEntry,
  type AuditOrigin,
  type BoardCard,
  type BuiltEvent,
  boardCardMoved,
  buildAudit,
  buildEvent,
  contactUpdated,
  type conversationApi,
  conversationAudit,
  FIELD_CODES,
  type FieldCode,
  type RouteInput,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict, NotFound, ownerSeenBy, requirePermission, ValidationFailed } from '@recado/service-kit';
import { lockEntry } from '../contacts/book-store.ts';
import { contactFacts } from '../contacts/views.ts';
import { writeEntries } from '../contacts/write-store.ts';
import { applyMove, lockOrThrow } from '../conversations/change.ts';
import { closed } from '../conversations/moves.ts';
import type { Deps } from '../deps.ts';
import { lockRouting } from '../routing/lock.ts';
import { selectCards } from './cards.ts';
import { followContact } from './follow.ts';
import { type CardPlace, countCards, findPlace, findPlacedIn, type Scope, savePlaces, selectPlaces } from './places.ts';
import { atBottom, between, onTop, type Rank, spread } from './ranks.ts';
import { stageOf } from './rules.ts';
import { type BoardRow, getBoard, lockBoard, type StageRow } from './store.ts';
import { cardView } from './views.ts';

type Input = RouteInput<typeof conversationApi.moveBoardCard>['body'];

interface Move {
  caller: Caller;
  origin: AuditOrigin;
  boardId: string;
  cardId: string;
}

/**
 * Places a card in a stage. Its contact gets the stage's lead status; a chat is closed in the stage
 * of closed ones. Moves of one board take turns.
 * @throws NotFound `board`, `contact` or `conversation`; Forbidden; ValidationFailed
 * @throws Conflict `board_stage` of a full one, `conversation` of a closed chat
 */
export const moveCard = (deps: Deps, by: Move, { stageId, before, after }: Input): Promise<BoardCard> =>
  withTenant(deps.db, by.caller.tenantId, async (tx) => {
    const { tenantId } = by.caller;
    const board = await getBoard(tx, tenantId, by.boardId);
    const target = board.stages.find(({ id }) => id === stageId);
    if (!target) throw wrong('stageId', 'unknown_stage');
    const held = board.kind === 'lead_status' ? await holdContact(tx, by) : await holdChat(tx, by, board);
    // After the card itself, and before its place is looked for: moves of a board take turns.
    await lockBoard(tx, tenantId, board.id);
    const from = stageOf(board, { ...held, placedIn: await findPlacedIn(tx, board, by.cardId) });
    const scope: Scope = { board, stage: target, owner: ownerSeenBy(by.caller) };
    if (held.isClosed && from?.id !== target.id) throw new Conflict('The conversation is closed', 'conversation');
    if (from?.id !== target.id) await checkRoom(tx, scope);
    const isThere = from?.id === target.id;
    const rank = await findRank(tx, scope, by, { before, after }, deps.now(), isThere);
    // It tells of its own change, from the place that it has until now.
    const isTold = !isThere && (await held.enter(target, deps.now()));
    if (rank !== null) await savePlaces(tx, scope, [{ id: by.cardId, rank }], by.caller.userId);
    if (rank !== null) await tell(tx, by, board, from, target, isTold);
    const [row] = await selectCards(tx, board, [by.cardId]);
    const place = await findPlace(tx, scope, by.cardId);
    return cardView(row!, target.id, place?.movedAt ?? null);
  });

interface Held {
  leadStatus: string | null;
  isClosed: boolean;
  /** Changes it as the stage wants it. Returns whether boards were told of that. */
  enter(stage: StageRow, now: Date): Promise<boolean>;
}

async function holdContact(tx: Tx, { caller, origin, cardId }: Move): Promise<Held> {
  requirePermission(caller, 'contacts.manage');
  const { tenantId } = caller;
  const before = await lockEntry(tx, tenantId, ownerSeenBy(caller), cardId);
  return {
    leadStatus: before.leadStatus,
    isClosed: false,
    enter: async ({ leadStatus }) => {
      const after = { ...before, leadStatus: leadStatus ?? before.leadStatus };
      await writeEntries(tx, tenantId, [after]);
      const data = { ...contactFacts(after), changed: ['leadStatus'] };
      const { traceparent } = origin;
      await enqueue(tx, [buildEvent(contactUpdated, { tenantId, subject: cardId, traceparent, data })]);
      const about = { tenantId, cardId, byUserId: caller.userId, traceparent };
      await followContact(tx, about, before.leadStatus, after.leadStatus);
      return true;
    },
  };
}

async function holdChat(tx: Tx, { caller, origin, cardId }: Move, board: BoardRow): Promise<Held> {
  const { tenantId } = caller;
  const [, before] = await Promise.all([lockRouting(tx, [tenantId]), lockOrThrow(tx, tenantId, cardId)]);
  if (before.campaignId !== board.campaignId || before.contactBlockedAt !== null) {
    throw new NotFound('conversation', cardId);
  }
  return {
    leadStatus: null,
    isClosed: before.status === 'closed',
    enter: async ({ meaning }, now) => {
      if (meaning !== 'closed') return false;
      requirePermission(caller, 'chats.close');
      const moved = closed(before, { reason: null, outcome: null, value: null }, now);
      await applyMove(tx, origin, before, moved, { action: 'conversation.close' });
      return true;
    },
  };
}

/** @throws Conflict `board_stage` for a stage that holds as many as it may */
async function checkRoom(tx: Tx, scope: Scope): Promise<void> {
  const { wipLimit } = scope.stage;
  if (wipLimit === null) return;
  // All cards count, also those that the caller does not see.
  const [counted] = await countCards(tx, { ...scope, owner: null }, wipLimit);
  if (counted!.count < wipLimit) return;
  const message = 'The stage is full';
  throw new Conflict(message, 'board_stage', [
    { field: 'stageId', message: FIELD_CODES.stage_full, code: 'stage_full' },
  ]);
}

/** The rank that puts the card there; null: it is there, and no other place is wanted. */
async function findRank(
  tx: Tx,
  scope: Scope,
  { cardId }: Move,
  { before, after }: Omit<Input, 'stageId'>,
  now: Date,
  isThere: boolean,
): Promise<Rank | null> {
  const near = before ?? after;
  if (near === undefined) {
    if (isThere) return null;
    const [top] = await others(tx, scope, cardId, { limit: 2 });
    return onTop(top?.rank ?? null, now);
  }
  const field = before === undefined ? 'after' : 'before';
  const anchor = near === cardId ? null : await findPlace(tx, scope, near);
  if (!anchor) throw wrong(field, 'unknown_card');
  const side = before === undefined ? { below: anchor.rank } : { above: anchor.rank };
  const [next] = await others(tx, scope, cardId, { ...side, limit: 2 });
  if (!next) return before === undefined ? atBottom(anchor.rank) : onTop(anchor.rank, now);
  const [high, low] = before === undefined ? [anchor, next] : [next, anchor];
  return between(high.rank, low.rank) ?? spreadBelow(tx, scope, cardId, high);
}

/** Cards of the stage without the one that is moved. */
const others = async (tx: Tx, scope: Scope, cardId: string, slice: Parameters<typeof selectPlaces>[2]) =>
  (await selectPlaces(tx, scope, slice)).filter(({ id }) => id !== cardId);

/** Cards that are spread anew at once. */
const WINDOW = 100;

/** Makes room below a card: those that follow it get new ranks. Returns the free one. */
async function spreadBelow(tx: Tx, scope: Scope, cardId: string, above: CardPlace): Promise<Rank> {
  const all = { ...scope, owner: null };
  const following = await others(tx, all, cardId, { below: above.rank, limit: WINDOW + 2 });
  const moved = following.slice(0, WINDOW);
  const end = following[WINDOW]?.rank ?? atBottom(moved.at(-1)!.rank);
  const [free, ...ranks] = spread(above.rank, end, moved.length + 1);
  await savePlaces(
    tx,
    scope,
    moved.map(({ id }, i) => ({ id, rank: ranks[i]! })),
    null,
  );
  return free!;
}

function tell(
  tx: Tx,
  by: Move,
  board: BoardRow,
  from: StageRow | null,
  to: StageRow,
  isTold: boolean,
): Promise<unknown> {
  const { origin, cardId, caller } = by;
  const { tenantId, id: boardId, kind } = board;
  const stages = { fromStageId: from?.id ?? null, stageId: to.id };
  const data = { boardId, kind, cardId, ...stages, byUserId: caller.userId };
  const changes: AuditEntry['changes'] = {
    stage: { from: from?.name ?? null, to: to.name },
    card: { from: null, to: cardId },
  };
  const events: BuiltEvent[] = [
    ...(isTold
      ? []
      : [buildEvent(boardCardMoved, { tenantId, subject: cardId, traceparent: origin.traceparent, data })]),
    buildAudit(conversationAudit, origin, { action: 'board.move', entityType: 'board', entityId: boardId, changes }),
  ];
  return enqueue(tx, events);
}

const wrong = (field: string, code: FieldCode) => new ValidationFailed([{ field, message: FIELD_CODES[code], code }]);
