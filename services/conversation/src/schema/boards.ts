import type { LeadStatus } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { index, integer, numeric, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

/** Cards in stages: the chats of a campaign, or the contacts by their lead status. */
export const boards = schema.table(
  'boards',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    kind: text('kind', { enum: ['campaign', 'lead_status'] }).notNull(),
    /** Of a board of chats. */
    campaignId: uuid('campaign_id'),
    /** Null for an API key. */
    createdBy: uuid('created_by'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('boards_campaign').on(t.tenantId, t.campaignId).where(sql`${t.campaignId} is not null`),
  ],
);

export const boardStages = schema.table(
  'board_stages',
  {
    tenantId: tenantId(),
    boardId: uuid('board_id').notNull(),
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    color: text('color').notNull(),
    position: integer('position').notNull(),
    /** Cards that may be moved into it at most. */
    wipLimit: integer('wip_limit'),
    /** Of a board of contacts: those with this status stand here. */
    leadStatus: text('lead_status').$type<LeadStatus>(),
    /** Of a board of chats: the closed ones stand here. */
    meaning: text('meaning', { enum: ['closed'] }),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.boardId, t.id] }),
    uniqueIndex('board_stages_lead_status')
      .on(t.tenantId, t.boardId, t.leadStatus)
      .where(sql`${t.leadStatus} is not null`),
  ],
);

/**
 * Cards that a person placed. The others stand by the time of their chat or contact. Of a board of
 * contacts, the stage says for which one the rank is: the lead status alone says where a card is.
 */
export const boardCards = schema.table(
  'board_cards',
  {
    tenantId: tenantId(),
    boardId: uuid('board_id').notNull(),
    /** The conversation or the contact. */
    cardId: uuid('card_id').notNull(),
    stageId: uuid('stage_id').notNull(),
    /** The highest stands first; of a card that was never placed: its milliseconds since 1970. */
    rank: numeric('rank').notNull(),
    movedBy: uuid('moved_by'),
    movedAt: time('moved_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.boardId, t.cardId] }),
    index('board_cards_order').on(t.tenantId, t.boardId, t.stageId, t.rank.desc(), t.cardId.desc()),
    index('board_cards_of').on(t.tenantId, t.cardId),
  ],
);
