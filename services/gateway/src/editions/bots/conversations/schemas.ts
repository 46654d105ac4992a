import { isoTime, MESSAGE_STATUSES, MESSAGE_TYPES, shownDetails, text, uuid } from '@recado/contracts';
import { z } from 'zod';
import { pageQuery } from '../common/schemas.ts';
import { FIELD } from '../texts.ts';

export const STATUSES = ['active', 'archived', 'closed'] as const;

export const conversationParams = z.strictObject({ id: uuid() });

export const conversationsQuery = z.object({
  ...pageQuery(10),
  status: z.enum(STATUSES).optional(),
  instanceId: uuid().optional(),
});

export const conversation = z
  .object({
    id: uuid(),
    instanceId: uuid(),
    contactId: uuid(),
    contactName: z.string().nullable(),
    contactPhone: z.string().nullable(),
    status: z.enum(STATUSES),
    lastMessage: z.string().nullable(),
    lastMessageAt: isoTime().nullable(),
    unreadCount: z.number().int(),
    createdAt: isoTime(),
    updatedAt: isoTime(),
    instance: z
      .object({ name: z.string(), phoneNumber: z.string().nullable() })
      .nullable()
      .describe('null mientras no se puede consultar'),
  })
  .meta({ id: 'Conversation' });

export const messagesQuery = z.object(pageQuery(50));

const textMessage = z.strictObject({ content: text(4096), messageType: z.literal('text') });
/** One member for each kind this build sends. */
export const sendMessageBody = z.discriminatedUnion('messageType', [textMessage], { error: FIELD.messageKinds });

export const message = z
  .object({
    id: uuid(),
    conversationId: uuid(),
    sender: z.enum(['user', 'bot']).describe('`user`: una persona, el cliente o un agente; `direction` dice cuál'),
    direction: z.enum(['inbound', 'outbound']),
    userId: uuid().nullable().describe('El agente que lo escribió'),
    content: z.string(),
    messageType: z.enum(MESSAGE_TYPES),
    status: z.enum(MESSAGE_STATUSES),
    metadata: z.object({ timestamp: isoTime(), whatsappMessageId: z.string().nullable() }),
    error: z
      .object({ code: z.string(), message: z.string(), remedy: z.string(), detail: z.string().optional() })
      .optional()
      .describe('Por qué falló y qué hacer'),
    createdAt: isoTime(),
    ...shownDetails.shape,
  })
  .meta({ id: 'Message' });
