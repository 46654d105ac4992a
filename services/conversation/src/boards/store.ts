import { columns, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { boardStages, boards } from '../schema.ts';

/** A board; the table is `b`. */
const boardColumns = columns(boards, { alias: 'b' });
/** A stage; the table is `s`. */
const stageColumns = columns(boardStages, { alias: 's' });
export type StageRow = typeof stageColumns.$row;
export type BoardRow = typeof boardColumns.$row & {
  /** In their order. */
  stages: StageRow[];
};

export async function findBoards(
  tx: Tx,
  tenantId: string,
  { id, kind, campaignId }: { id?: string; kind?: string | undefined; campaignId?: string | undefined },
): Promise<BoardRow[]> {
  const rows = await tx<Omit<BoardRow, 'stages'>[]>`
    select ${boardColumns(tx)} from boards b
    where b.tenant_id = ${tenantId} ${id ? tx`and b.id = ${id}` : tx``} ${kind ? tx`and b.kind = ${kind}` : tx``}
      ${campaignId ? tx`and b.campaign_id = ${campaignId}` : tx``}
    order by b.id`;
  if (rows.length === 0) return [];
  const stages = await tx<StageRow[]>`
    select ${stageColumns(tx)} from board_stages s
    where s.tenant_id = ${tenantId} and s.board_id = any(${rows.map((row) => row.id)}::uuid[])
    order by s.board_id, s.position`;
  const byBoard = Map.groupBy(stages, ({ boardId }) => boardId);
  return rows.map((row) => ({ ...row, stages: byBoard.get(row.id) ?? [] }));
}

/** @throws NotFound `board` */
export async function getBoard(tx: Tx, tenantId: string, id: string): Promise<BoardRow> {
  const [row] = await findBoards(tx, tenantId, { id });
  if (!row) throw new NotFound('board', id);
  return row;
}

/** Locks a board against other changes of it and moves of its cards. @throws NotFound `board` */
export async function lockBoard(tx: Tx, tenantId: string, id: string): Promise<BoardRow> {
  await tx`select from boards b where b.tenant_id = ${tenantId} and b.id = ${id} for update`;
  return getBoard(tx, tenantId, id);
}

export const countBoards = (tx: Tx, tenantId: string) =>
  tx<{ count: number }[]>`select count(*)::int as count from boards where tenant_id = ${tenantId}`;

export async function insertBoard(tx: Tx, b: BoardRow): Promise<void> {
  await tx`
    insert into boards (tenant_id, id, name, kind, campaign_id, created_by)
    values (${b.tenantId}, ${b.id}, ${b.name}, ${b.kind}, ${b.campaignId}, ${b.createdBy})`;
  await writeStages(tx, b);
}

export async function patchBoard(tx: Tx, b: BoardRow): Promise<void> {
  await tx`update boards set name = ${b.name}, updated_at = now() where tenant_id = ${b.tenantId} and id = ${b.id}`;
  await writeStages(tx, b);
}

/** A locked board has these stages and no others afterwards. Cards of others lose their place. */
async function writeStages(tx: Tx, { tenantId, id, stages }: BoardRow): Promise<void> {
  const ids = stages.map((stage) => stage.id);
  await tx`delete from board_stages where tenant_id = ${tenantId} and board_id = ${id}`;
  await tx`
    delete from board_cards where tenant_id = ${tenantId} and board_id = ${id} and stage_id <> all(${ids}::uuid[])`;
  await tx`
    insert into board_stages (tenant_id, board_id, id, name, color, position, wip_limit, lead_status, meaning)
    select ${tenantId}::uuid, ${id}::uuid, n.* from jsonb_to_recordset(${JSON.stringify(stages)}::text::jsonb)
      as n (id uuid, name text, color text, position int, "wipLimit" int, "leadStatus" text, meaning text)`;
}

export async function deleteBoards(tx: Tx, tenantId: string, ids: readonly string[]): Promise<void> {
  const all = ids as string[];
  await tx`delete from board_cards where tenant_id = ${tenantId} and board_id = any(${all}::uuid[])`;
  await tx`delete from board_stages where tenant_id = ${tenantId} and board_id = any(${all}::uuid[])`;
  await tx`delete from boards where tenant_id = ${tenantId} and id = any(${all}::uuid[])`;
}

/** The boards of a campaign that is removed go with it. */
export async function deleteBoardsOf(tx: Tx, tenantId: string, campaignId: string): Promise<void> {
  const found = await findBoards(tx, tenantId, { campaignId });
  if (found.length === 0) return;
  await deleteBoards(
    tx,
    tenantId,
    found.map(({ id }) => id),
  );
}

/** The places of an erased contact, which is a card. */
export const erasePlaces = (tx: Tx, tenantId: string, cardId: string) =>
  tx`delete from board_cards where tenant_id = ${tenantId} and card_id = ${cardId}`;
