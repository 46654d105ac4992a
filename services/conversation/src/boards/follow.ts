import { type BuiltEvent, boardCardMoved, buildEvent } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { stageOf } from './rules.ts';
import { type BoardRow, findBoards } from './store.ts';

interface Follow {
  tenantId: string;
  cardId: string;
  byUserId: string | null;
  traceparent?: string | undefined;
}

/** A contact has another lead status: its card moves on every board of contacts. */
export async function followContact(tx: Tx, about: Follow, from: string, to: string): Promise<void> {
  if (from === to) return;
  const boards = await findBoards(tx, about.tenantId, { kind: 'lead_status' });
  const at = (board: BoardRow, leadStatus: string) => stageOf(board, { leadStatus, placedIn: null })?.id ?? null;
  await tell(tx, about, boards, (board) => [at(board, from), at(board, to)]);
}

interface Chat {
  campaignId: string | null;
  status: string;
}

/** A chat was closed, opened again, or is in another campaign: its card moves on their boards. */
export async function followChat(tx: Tx, about: Follow, from: Chat, to: Chat): Promise<void> {
  const isSame = from.campaignId === to.campaignId && (from.status === 'closed') === (to.status === 'closed');
  if (isSame || (from.campaignId === null && to.campaignId === null)) return;
  const { tenantId, cardId } = about;
  const boards: BoardRow[] = [];
  for (const campaignId of new Set([from.campaignId, to.campaignId])) {
    if (campaignId !== null) boards.push(...(await findBoards(tx, tenantId, { campaignId })));
  }
  if (boards.length === 0) return;
  const places = await tx<{ boardId: string; stageId: string }[]>`
    select board_id as "boardId", stage_id as "stageId" from board_cards
    where tenant_id = ${tenantId} and card_id = ${cardId}`;
  const placed = new Map(places.map(({ boardId, stageId }) => [boardId, stageId]));
  const at = (board: BoardRow, { campaignId, status }: Chat) => {
    if (campaignId !== board.campaignId) return null;
    return stageOf(board, { isClosed: status === 'closed', placedIn: placed.get(board.id) ?? null })?.id ?? null;
  };
  await tell(tx, about, boards, (board) => [at(board, from), at(board, to)]);
}

async function tell(
  tx: Tx,
  { tenantId, cardId, byUserId, traceparent }: Follow,
  boards: readonly BoardRow[],
  stagesOn: (board: BoardRow) => [string | null, string | null],
): Promise<void> {
  const events = boards.flatMap((board): BuiltEvent[] => {
    const [fromStageId, stageId] = stagesOn(board);
    if (fromStageId === stageId) return [];
    const data = { boardId: board.id, kind: board.kind, cardId, stageId, fromStageId, byUserId };
    return [buildEvent(boardCardMoved, { tenantId, subject: cardId, traceparent, data })];
  });
  if (events.length > 0) await enqueue(tx, events);
}
