import {
  BOARD_KINDS,
  boardStage,
  CONVERSATION_STATUSES,
  isoTime,
  LEAD_STATUSES,
  MAX_STAGES,
  oneOrMore,
  text,
  uuid,
  withCode,
} from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../../edge/cursors.ts';
import { person } from '../common/schemas.ts';

const own = boardStage.shape;
const stageFields = {
  name: own.name,
  color: own.color.describe('Como #1565C0'),
  wip_limit: own.wipLimit.describe('Tarjetas que pueden moverse a la etapa'),
  lead_status: own.leadStatus.describe('De un tablero de clientes: su estado. Mover una tarjeta aquí lo cambia'),
  is_closed: own.isClosed.describe('De un tablero de chats: los cerrados. Mover una tarjeta aquí cierra el chat'),
};
const stageBody = z.strictObject({
  ...stageFields,
  color: stageFields.color.optional(),
  wip_limit: stageFields.wip_limit.default(null),
  lead_status: stageFields.lead_status.default(null),
  is_closed: stageFields.is_closed.default(false),
});
const stagesOf = <S extends z.ZodType>(one: S) => z.array(one).min(1).max(MAX_STAGES);
const name = text(120);

export const boardParams = z.strictObject({ id: uuid() });
export const stageParams = z.strictObject({ id: uuid(), stageId: uuid() });
export const cardParams = z.strictObject({ id: uuid(), cardId: uuid() });

export const boardsQuery = z.object({
  kind: z.enum(BOARD_KINDS).optional(),
  campaign_id: uuid().optional(),
});
const filter = {
  agent_id: uuid().optional().describe('Con el chat; de un cliente, con un chat abierto suyo'),
  tag: text(60).optional(),
};
export const boardQuery = z.object(filter);
export const cardsQuery = z.object({
  ...filter,
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
});

export const createBody = z.strictObject({
  name,
  kind: z.enum(BOARD_KINDS).describe('`campaign`: chats de una campaña. `lead_status`: clientes por estado'),
  campaign_id: uuid().optional().describe('Solo de `campaign`, que lo necesita'),
  stages: stagesOf(stageBody).optional().describe('Si no se indican: una por estado, o nuevo, en curso y cerrado'),
});
export const updateBody = z
  .strictObject({ name, stages: stagesOf(stageBody.extend({ id: uuid().optional().describe('De la que sigue') })) })
  .partial()
  .refine(oneOrMore, withCode('no_fields'));
export const moveBody = z.strictObject({
  stage_id: uuid(),
  before: uuid().optional().describe('La tarjeta que queda debajo'),
  after: uuid().optional().describe('La tarjeta que queda encima. Sin ninguna, arriba de todo'),
});

const stage = z.object({ id: uuid(), ...stageFields });
const boardFields = {
  id: uuid(),
  name: z.string(),
  kind: z.enum(BOARD_KINDS),
  campaign_id: uuid().nullable(),
  created_by: person.nullable().describe('null: una clave de API'),
  created_at: isoTime(),
  updated_at: isoTime(),
};
export const board = z.object({ ...boardFields, stages: z.array(stage) }).meta({ id: 'CrmBoard' });
export const countedBoard = z
  .object({
    ...boardFields,
    stages: z.array(
      stage.extend({
        cards_count: z.number().int(),
        count_is_capped: z.boolean().describe('Hay más'),
        total_value: z.number().describe('Lo comprado por los clientes, o el resultado de los chats'),
      }),
    ),
  })
  .meta({ id: 'CrmCountedBoard' });

export const card = z
  .object({
    id: uuid().describe('Del chat o del cliente'),
    stage_id: uuid(),
    client: z.object({
      id: uuid(),
      first_name: z.string(),
      last_name: z.string(),
      phone_number: z.string().nullable(),
      company: z.string().nullable(),
      lead_status: z.enum(LEAD_STATUSES),
      lead_score: z.number().int(),
    }),
    chat_id: uuid().nullable(),
    chat_status: z.enum(CONVERSATION_STATUSES).nullable(),
    assigned_agent: person.nullable(),
    unread_count: z.number().int(),
    last_message_at: isoTime().nullable(),
    tags: z.array(z.string()),
    value: z.number().nullable(),
    moved_at: isoTime().nullable(),
    created_at: isoTime(),
  })
  .meta({ id: 'CrmBoardCard' });
export const cards = z.object({ data: z.array(card), meta: z.object({ next_cursor: nextCursorField('es') }) });
