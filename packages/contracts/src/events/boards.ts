import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { BOARD_KINDS } from '../internal/boards.ts';
import { uuid } from '../primitives.ts';

const boardFacts = { boardId: uuid(), name: z.string(), kind: z.enum(BOARD_KINDS), campaignId: uuid().nullable() };

export const boardChanged = defineEvent(
  'conversation.board.updated',
  1,
  z.object({ ...boardFacts, changed: z.array(z.string()).describe('`created`, `deleted`, or its fields') }),
  'A board was made, changed or deleted',
);
export const boardCardMoved = defineEvent(
  'conversation.board.card-moved',
  1,
  z.object({
    boardId: uuid(),
    kind: z.enum(BOARD_KINDS),
    cardId: uuid().describe('Of the chat or the contact'),
    stageId: uuid().nullable().describe('Null: it left the board'),
    fromStageId: uuid().nullable(),
    byUserId: uuid().nullable(),
  }),
  'A card stands in another stage or place, by a person or because its chat or contact changed',
);
