import {
  type AuditEntry,
  type AuditOrigin,
  type Board,
  type BuiltEvent,
  boardChanged,
  buildAudit,
  buildEvent,
  changesBetween,
  type conversationApi,
  conversationAudit,
  FIELD_CODES,
  type FieldCode,
  MAX_BOARDS,
  type RouteInput,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ValidationFailed } from '@recado/service-kit';
import { lockCampaign } from '../campaigns/store.ts';
import type { Deps } from '../deps.ts';
import { lockKind } from '../lock-kind.ts';
import { colorAt } from './rules.ts';
import {
  type BoardRow,
  countBoards,
  deleteBoards,
  getBoard,
  insertBoard,
  lockBoard,
  patchBoard,
  type StageRow,
} from './store.ts';
import { auditedBoard, boardView } from './views.ts';

type NewBoard = RouteInput<typeof conversationApi.createBoard>['body'];
type GivenStages = NonNullable<RouteInput<typeof conversationApi.updateBoard>['body']['stages']>;
type BoardDeps = Pick<Deps, 'db'>;

/** @throws NotFound `campaign`; ValidationFailed for a stage that does not fit, or too many */
export const createBoard = ({ db }: BoardDeps, caller: Caller, origin: AuditOrigin, given: NewBoard): Promise<Board> =>
  withTenant(db, caller.tenantId, (tx) =>
    once(tx, caller.tenantId, origin.callKey, async () => {
      const { tenantId, userId: createdBy } = caller;
      const { name, kind, campaignId = null } = given;
      await lockKind(tx, 'boards', tenantId);
      if (campaignId !== null) await lockCampaign(tx, tenantId, campaignId);
      const [counted] = await countBoards(tx, tenantId);
      if (counted!.count >= MAX_BOARDS) throw tooMany();
      const now = new Date();
      const row: BoardRow = {
        ...{ tenantId, id: uuidv7(), name, kind, campaignId, createdBy, stages: [], createdAt: now, updatedAt: now },
      };
      const board = { ...row, stages: toStages(row, given.stages) };
      await insertBoard(tx, board);
      await tell(tx, origin, board, 'board.create', changesBetween(null, auditedBoard(board)), ['created']);
      return boardView(await getBoard(tx, tenantId, board.id));
    }),
  );

/** @throws NotFound `board`; ValidationFailed naming a stage that the board does not have */
export const updateBoard = (
  { db }: BoardDeps,
  { tenantId }: Caller,
  origin: AuditOrigin,
  boardId: string,
  { name, stages }: RouteInput<typeof conversationApi.updateBoard>['body'],
): Promise<Board> =>
  withTenant(db, tenantId, async (tx) => {
    const before = await lockBoard(tx, tenantId, boardId);
    const after = { ...before, name: name ?? before.name, stages: stages ? toStages(before, stages) : before.stages };
    const changes = changesBetween(auditedBoard(before), auditedBoard(after));
    const isSame = before.stages.every(({ id }, i) => id === after.stages[i]?.id);
    if (!changes && isSame) return boardView(before);
    await patchBoard(tx, after);
    await tell(tx, origin, after, 'board.update', changes, Object.keys(changes ?? { stages: null }));
    return boardView(await getBoard(tx, tenantId, boardId));
  });

/** Chats and contacts stay as they are. @throws NotFound `board` */
export const deleteBoard = (
  { db }: BoardDeps,
  { tenantId }: Caller,
  origin: AuditOrigin,
  boardId: string,
): Promise<void> =>
  withTenant(db, tenantId, async (tx) => {
    const before = await lockBoard(tx, tenantId, boardId);
    await deleteBoards(tx, tenantId, [boardId]);
    await tell(tx, origin, before, 'board.delete', changesBetween(auditedBoard(before), null), ['deleted']);
  });

/** The stages that were given, as rows of the board. */
function toStages(board: BoardRow, given: GivenStages): StageRow[] {
  const { tenantId, id: boardId, kind } = board;
  const known = new Set(board.stages.map(({ id }) => id));
  const wrong = given.flatMap(({ id, leadStatus, isClosed }, i) => {
    const at = (field: string, code: FieldCode) => [
      { field: `stages.${i}.${field}`, message: FIELD_CODES[code], code },
    ];
    if (id !== undefined && !known.has(id)) return at('id', 'unknown_stage');
    if (kind === 'lead_status' && leadStatus === null) return at('leadStatus', 'required');
    if (kind === 'lead_status' && isClosed) return at('isClosed', 'unknown');
    return kind === 'campaign' && leadStatus !== null ? at('leadStatus', 'unknown') : [];
  });
  if (wrong.length > 0) throw new ValidationFailed(wrong);
  return given.map(({ id = uuidv7(), name, color, wipLimit, leadStatus, isClosed }, position) => ({
    ...{ tenantId, boardId, id, name, color: color ?? colorAt(position), position, wipLimit, leadStatus },
    meaning: isClosed ? 'closed' : null,
  }));
}

async function tell(
  tx: Tx,
  origin: AuditOrigin,
  { tenantId, id, name, kind, campaignId }: BoardRow,
  action: string,
  changes: AuditEntry['changes'],
  changed: string[],
): Promise<void> {
  const data = { boardId: id, name, kind, campaignId, changed };
  const events: BuiltEvent[] = [
    buildEvent(boardChanged, { tenantId, subject: id, traceparent: origin.traceparent, data }),
    buildAudit(conversationAudit, origin, { action, entityType: 'board', entityId: id, changes }),
  ];
  await enqueue(tx, events);
}

const tooMany = () =>
  new ValidationFailed([
    {
      field: 'name',
      message: `At most ${MAX_BOARDS} boards`,
      code: 'too_big',
      params: { origin: 'array', maximum: MAX_BOARDS },
    },
  ]);
