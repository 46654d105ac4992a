import {
  type BoardCard,
  type CountedBoard,
  type conversationApi,
  MAX_COUNTED_CARDS,
  type RouteInput,
} from '@recado/contracts';
import { readTenant, type Tx, withTenant } from '@recado/database';
import { type Caller, NotFound, ownerSeenBy, requirePermission, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import { tagNames } from '../contacts/book-store.ts';
import type { Deps } from '../deps.ts';
import { countCards, type Scope, selectPlaces } from './places.ts';
import { type BoardRow, getBoard } from './store.ts';
import { boardView, type CardRow, cardView, stageView } from './views.ts';

const walk = walkOf('board-cards', { rank: z.string().regex(/^-?\d{1,60}(?:\.\d{1,200})?$/) });

type Query = RouteInput<typeof conversationApi.listBoardCards>['query'];

/** Contacts take their own permission, beside that of chats. @throws Forbidden */
export function checkMayRead(caller: Caller, board: Pick<BoardRow, 'kind'>): void {
  if (board.kind === 'lead_status') requirePermission(caller, 'contacts.read');
}

/** The cards of a stage from top to bottom. @throws NotFound `board` or `board_stage`; Forbidden */
export const listCards = (
  { db }: Pick<Deps, 'db'>,
  caller: Caller,
  { boardId, stageId }: { boardId: string; stageId: string },
  { limit, cursor, ...filter }: Query,
): Promise<{ items: BoardCard[]; nextCursor: string | null }> =>
  withTenant(db, caller.tenantId, async (tx) => {
    const board = await getBoard(tx, caller.tenantId, boardId);
    checkMayRead(caller, board);
    const stage = board.stages.find(({ id }) => id === stageId);
    if (!stage) throw new NotFound('board_stage', stageId);
    const { after, limit: wanted } = walk.slice({ limit, cursor });
    const scope: Scope = { board, stage, owner: ownerSeenBy(caller), ...filter };
    const places = await selectPlaces(tx, scope, { below: after?.rank, limit: wanted });
    const { items, nextCursor } = walk.page(places, limit, ({ rank }) => ({ rank }));
    const rows = new Map(
      (
        await selectCards(
          tx,
          board,
          items.map(({ id }) => id),
        )
      ).map((row) => [row.id, row]),
    );
    const cards = items.flatMap(({ id, movedAt }) => {
      const row = rows.get(id);
      return row ? [cardView(row, stage.id, movedAt)] : [];
    });
    return { items: cards, nextCursor };
  });

/** A board with its cards counted. @throws NotFound `board`; Forbidden */
export async function countBoard(
  { db }: Pick<Deps, 'db'>,
  caller: Caller,
  boardId: string,
  filter: Pick<Query, 'assignedUserId' | 'tag'>,
): Promise<CountedBoard> {
  const { tenantId } = caller;
  const board = await withTenant(db, tenantId, (tx) => getBoard(tx, tenantId, boardId));
  checkMayRead(caller, board);
  const owner = ownerSeenBy(caller);
  const counted = await readTenant(db, tenantId, (tx) =>
    board.stages.map((stage) => countCards(tx, { board, stage, owner, ...filter }, MAX_COUNTED_CARDS + 1)),
  );
  const stages = board.stages.map((stage, i) => {
    const { count, value } = counted[i]![0]!;
    const isCapped = count > MAX_COUNTED_CARDS;
    return { ...stageView(stage), cards: Math.min(count, MAX_COUNTED_CARDS), isCapped, value };
  });
  return { ...boardView(board), stages };
}

/** What cards show. */
export function selectCards(tx: Tx, { tenantId, kind }: BoardRow, ids: readonly string[]): Promise<CardRow[]> {
  const contact = tx`k.id as "contactId", k.name as "contactName", k.phone as "contactPhone", k.company as "contactCompany",
    k.lead_status as "leadStatus", k.lead_score as "leadScore"`;
  const wanted = ids as string[];
  if (kind === 'lead_status') {
    return tx<CardRow[]>`
      select k.id, ${contact}, null as "conversationId", null as status, null as "assignedUserId", 0 as "unreadCount",
             null as "lastMessageAt", ${tagNames(tx, tenantId)} as tags, k.ltv::float8 as value, k.created_at as "createdAt"
      from contacts k where k.tenant_id = ${tenantId} and k.id = any(${wanted}::uuid[])`;
  }
  return tx<CardRow[]>`
    select c.id, ${contact}, c.id as "conversationId", c.status, c.assigned_user_id as "assignedUserId",
           c.unread_count as "unreadCount", c.last_message_at as "lastMessageAt",
           array(select t.name from conversation_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
                 where l.tenant_id = c.tenant_id and l.conversation_id = c.id order by lower(t.name)) as tags,
           c.outcome_value as value, c.created_at as "createdAt"
    from conversations c join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    where c.tenant_id = ${tenantId} and c.id = any(${wanted}::uuid[])`;
}
