import {
  characters,
  isoTime,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  shownDetails,
  text,
  uuid,
  webUrl,
  withCode,
} from '@recado/contracts';
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
    isGroup: z.boolean().optional().describe('Es un grupo de WhatsApp y no una persona'),
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

const replyToMessageId = uuid().optional().describe('El mensaje de la conversación al que responde');
const file = { fileId: uuid().optional(), mediaUrl: webUrl().optional().describe('WhatsApp lo descarga de ahí') };
const oneFile = (body: { fileId?: string | undefined; mediaUrl?: string | undefined }) =>
  (body.fileId === undefined) !== (body.mediaUrl === undefined);
const needsFile = { ...withCode('one_of_fields', { fields: 'mediaUrl, fileId' }), path: ['mediaUrl'] };
const caption = text(65_536).optional();

/** One member for each kind. The provider's limits are checked when it is accepted. */
export const sendMessageBody = z.discriminatedUnion(
  'messageType',
  [
    z.strictObject({ messageType: z.literal('text'), content: characters(4096), replyToMessageId }),
    z
      .strictObject({ messageType: z.enum(['image', 'video']), ...file, content: caption, replyToMessageId })
      .refine(oneFile, needsFile),
    z
      .strictObject({
        messageType: z.literal('document'),
        ...file,
        content: caption,
        fileName: text(1000).optional(),
        replyToMessageId,
      })
      .refine(oneFile, needsFile),
    z
      .strictObject({ messageType: z.literal('audio'), ...file, voice: z.boolean().optional(), replyToMessageId })
      .refine(oneFile, needsFile),
  ],
  { error: FIELD.messageKinds },
);

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
      .object({ code: z.string(), message: z.string(), hint: z.string(), detail: z.string().optional() })
      .optional()
      .describe('Por qué falló y qué hacer'),
    createdAt: isoTime(),
    ...shownDetails.shape,
  })
  .meta({ id: 'Message' });
