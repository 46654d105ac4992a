import type { Board, BoardCard, BoardStage, CountedBoard, LeadStatus, User } from '@recado/contracts';
import type { z } from 'zod';
import type { View } from '../../../edge/edition.ts';
import { personNames } from '../chats/views.ts';
import { personView } from '../common/views.ts';
import { BOARD_STAGES } from '../texts.ts';
import type * as schemas from './schemas.ts';

type Users = ReadonlyMap<string, User>;
const personOf = (users: Users, id: string | null) => (id === null ? null : personView(users.get(id)));

const stageView = (stage: BoardStage) => ({
  id: stage.id,
  name: stage.name,
  color: stage.color,
  wip_limit: stage.wipLimit,
  lead_status: stage.leadStatus,
  is_closed: stage.isClosed,
});

const fieldsOf = (board: Omit<Board, 'stages'>, users: Users) => ({
  id: board.id,
  name: board.name,
  kind: board.kind,
  campaign_id: board.campaignId,
  created_by: personOf(users, board.createdBy),
  created_at: board.createdAt,
  updated_at: board.updatedAt,
});

export const boardView = (board: Board, users: Users): View<typeof schemas.board> => ({
  ...fieldsOf(board, users),
  stages: board.stages.map(stageView),
});

export const countedBoardView = (board: CountedBoard, users: Users): View<typeof schemas.countedBoard> => ({
  ...fieldsOf(board, users),
  stages: board.stages.map((stage) => ({
    ...stageView(stage),
    cards_count: stage.cards,
    count_is_capped: stage.isCapped,
    total_value: stage.value,
  })),
});

export const boardCardView = (card: BoardCard, users: Users): View<typeof schemas.card> => ({
  id: card.id,
  stage_id: card.stageId,
  client: {
    id: card.contact.id,
    ...personNames(card.contact),
    phone_number: card.contact.phone,
    company: card.contact.company,
    lead_status: card.contact.leadStatus,
    lead_score: card.contact.leadScore,
  },
  chat_id: card.conversationId,
  chat_status: card.status,
  assigned_agent: personOf(users, card.assignedUserId),
  unread_count: card.unreadCount,
  last_message_at: card.lastMessageAt,
  tags: card.tags,
  value: card.value,
  moved_at: card.movedAt,
  created_at: card.createdAt,
});

type GivenStage = NonNullable<z.output<typeof schemas.updateBody>['stages']>[number];

/** Stages of a body, in the names inside. */
export const stagesInside = (stages: readonly GivenStage[]) =>
  stages.map(({ id, name, color, wip_limit, lead_status, is_closed }) => ({
    ...(id !== undefined && { id }),
    ...{ name, color, wipLimit: wip_limit, leadStatus: lead_status, isClosed: is_closed },
  }));

/** The stages of a board whose body names none. */
export const defaultStages = (kind: Board['kind']) =>
  kind === 'lead_status'
    ? Object.entries(BOARD_STAGES.leadStatus).map(([status, name]) => ({ name, leadStatus: status as LeadStatus }))
    : BOARD_STAGES.campaign.map((name, i, all) => ({ name, isClosed: i === all.length - 1 }));
