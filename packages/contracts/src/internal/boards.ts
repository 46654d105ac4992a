import { z } from 'zod';
import { FIELD_CODES, type FieldCode, withCode } from '../errors.ts';
import { cursor, isoTime, matching, oneOrMore, text, uuid } from '../primitives.ts';
import { route } from '../route.ts';
import { LEAD_STATUSES } from './contacts.ts';
import { CONVERSATION_STATUSES } from './statuses.ts';

export const BOARD_KINDS = ['campaign', 'lead_status'] as const;
/** What a tenant, and a board, may have. */
export const MAX_BOARDS = 100;
export const MAX_STAGES = 30;
/** As many cards of a stage as are counted; more are told as this many. */
export const MAX_COUNTED_CARDS = 10_000;

const stageFields = {
  name: text(60),
  color: matching('regex', /^#[0-9A-Fa-f]{6}$/),
  wipLimit: z.number().int().min(1).max(MAX_COUNTED_CARDS).nullable().describe('Cards that may be moved into it'),
  leadStatus: z
    .enum(LEAD_STATUSES)
    .nullable()
    .describe('Of a board of contacts: those with this status stand here, and a card that is moved here gets it'),
  isClosed: z
    .boolean()
    .describe('Of a board of chats: the closed ones stand here, and a card that is moved here is closed'),
};
const newStage = z.strictObject({
  ...stageFields,
  color: stageFields.color.optional(),
  wipLimit: stageFields.wipLimit.default(null),
  leadStatus: stageFields.leadStatus.default(null),
  isClosed: stageFields.isClosed.default(false),
});
const issue = (context: z.core.$RefinementCtx, path: PropertyKey[], code: FieldCode) =>
  context.addIssue({ code: 'custom', path, message: FIELD_CODES[code], params: { code } });

/** Ids, lead statuses and the stage of closed chats stand once. */
function checkStages(
  stages: readonly { id?: string | undefined; leadStatus: string | null; isClosed: boolean }[],
  context: z.core.$RefinementCtx,
): void {
  for (const [i, { id, leadStatus, isClosed }] of stages.entries()) {
    const before = stages.slice(0, i);
    if (id !== undefined && before.some((one) => one.id === id)) issue(context, [i, 'id'], 'duplicate');
    if (leadStatus !== null && before.some((one) => one.leadStatus === leadStatus)) {
      issue(context, [i, 'leadStatus'], 'duplicate');
    }
    if (isClosed && before.some((one) => one.isClosed)) issue(context, [i, 'isClosed'], 'duplicate');
  }
}

export const boardStage = z.object({ id: uuid(), ...stageFields }).meta({ id: 'BoardStage' });
export type BoardStage = z.output<typeof boardStage>;

export const board = z
  .object({
    id: uuid(),
    name: z.string(),
    kind: z.enum(BOARD_KINDS),
    campaignId: uuid().nullable().describe('Of a board of chats'),
    stages: z.array(boardStage).describe('In their order. Chats that were never moved stand in the first open one'),
    createdBy: uuid().nullable().describe('Null for an API key'),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Board' });
export type Board = z.output<typeof board>;

export const countedStage = boardStage
  .extend({
    cards: z.number().int().describe(`Counted up to ${MAX_COUNTED_CARDS}`),
    isCapped: z.boolean().describe('There are more'),
    value: z.number().describe('Of the counted: what the contacts bought, or the outcome of the chats'),
  })
  .meta({ id: 'CountedStage' });
export const countedBoard = board.extend({ stages: z.array(countedStage) }).meta({ id: 'CountedBoard' });
export type CountedBoard = z.output<typeof countedBoard>;

export const boardCard = z
  .object({
    id: uuid().describe('Of the chat or the contact'),
    stageId: uuid(),
    contact: z.object({
      id: uuid(),
      name: z.string().nullable(),
      phone: z.string().nullable(),
      company: z.string().nullable(),
      leadStatus: z.enum(LEAD_STATUSES),
      leadScore: z.number().int(),
    }),
    conversationId: uuid().nullable(),
    status: z.enum(CONVERSATION_STATUSES).nullable(),
    assignedUserId: uuid().nullable(),
    unreadCount: z.number().int(),
    lastMessageAt: isoTime().nullable(),
    tags: z.array(z.string()),
    value: z.number().nullable(),
    movedAt: isoTime().nullable().describe('Null: it was never placed by a person'),
    createdAt: isoTime(),
  })
  .meta({ id: 'BoardCard' });
export type BoardCard = z.output<typeof boardCard>;

const params = z.strictObject({ boardId: uuid() });
const filter = {
  assignedUserId: uuid().optional().describe('The agent of the chat; of a contact: of an open chat'),
  tag: text(60).optional(),
};

/**
 * Cards in stages: the chats of a campaign, or the contacts by their lead status. Contacts take
 * contacts.read besides, and moving them contacts.manage; closing chats takes chats.close.
 */
export const boardRoutes = {
  listBoards: route({
    method: 'GET',
    path: '/boards',
    access: 'chats.read',
    query: z.strictObject({ kind: z.enum(BOARD_KINDS).optional(), campaignId: uuid().optional() }),
    responses: { 200: z.object({ items: z.array(board).max(MAX_BOARDS) }) },
    summary: `The tenant's boards, at most ${MAX_BOARDS}, the first made first (chats.read)`,
  }),
  createBoard: route({
    method: 'POST',
    path: '/boards',
    access: 'campaigns.update',
    once: true,
    body: z
      .strictObject({
        name: text(120),
        kind: z.enum(BOARD_KINDS),
        campaignId: uuid().optional(),
        stages: z.array(newStage).min(1).max(MAX_STAGES).superRefine(checkStages),
      })
      .superRefine(({ kind, campaignId }, context) => {
        if ((kind === 'campaign') === (campaignId !== undefined)) return;
        issue(context, ['campaignId'], kind === 'campaign' ? 'required' : 'unknown');
      }),
    responses: { 201: board },
    audit: 'board.create',
    summary: 'Make a board (campaigns.update)',
  }),
  getBoard: route({
    method: 'GET',
    path: '/boards/:boardId',
    access: 'chats.read',
    params,
    query: z.strictObject(filter),
    responses: { 200: countedBoard },
    summary: 'A board with the cards of each stage counted (chats.read)',
  }),
  updateBoard: route({
    method: 'PUT',
    path: '/boards/:boardId',
    access: 'campaigns.update',
    params,
    body: z
      .strictObject({
        name: text(120),
        stages: z
          .array(newStage.extend({ id: uuid().optional().describe('Of one that stays') }))
          .min(1)
          .max(MAX_STAGES)
          .superRefine(checkStages),
      })
      .partial()
      .refine(oneOrMore, withCode('no_fields')),
    responses: { 200: board },
    audit: 'board.update',
    summary:
      'Rename a board, or give it these stages and no others (campaigns.update). Chats of a stage that goes stand in the first one',
  }),
  deleteBoard: route({
    method: 'DELETE',
    path: '/boards/:boardId',
    access: 'campaigns.update',
    params,
    responses: { 204: z.null() },
    audit: 'board.delete',
    summary: 'Delete a board (campaigns.update); chats and contacts stay as they are',
  }),
  listBoardCards: route({
    method: 'GET',
    path: '/boards/:boardId/stages/:stageId/cards',
    access: 'chats.read',
    params: params.extend({ stageId: uuid() }),
    query: z.strictObject({ ...filter, limit: z.coerce.number().int().min(1).max(100).default(20), cursor: cursor() }),
    responses: { 200: z.object({ items: z.array(boardCard), nextCursor: z.string().nullable() }) },
    summary:
      'The cards of a stage from top to bottom (chats.read). One that was never placed stands by its age, the newest on top',
  }),
  moveBoardCard: route({
    method: 'POST',
    path: '/boards/:boardId/cards/:cardId/move',
    access: 'chats.update',
    once: { none: 'The card stands there afterwards' },
    params: params.extend({ cardId: uuid() }),
    body: z
      .strictObject({
        stageId: uuid(),
        before: uuid().optional().describe('The card that it stands above'),
        after: uuid().optional().describe('The card that it stands below'),
      })
      .refine(({ before, after }) => before === undefined || after === undefined, {
        ...withCode('one_of_fields'),
        path: ['after'],
      }),
    responses: { 200: boardCard },
    audit: 'board.move',
    summary:
      'Place a card: above or below another one of the stage, else on its top (chats.update). A full stage, or a closed chat: 409',
  }),
};
