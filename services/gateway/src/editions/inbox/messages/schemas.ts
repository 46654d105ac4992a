import { isoTime, shownDetails, text, uuid } from '@recado/contracts';
import { z } from 'zod';
import { FIELD } from '../texts.ts';

export const messageParams = z.strictObject({ id: uuid() });
export const threadParams = z.strictObject({ conversationId: uuid() });

export const messagesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: uuid().optional().describe('As anteriores a esta mensagem'),
  after: uuid().optional().describe('As seguintes a esta mensagem'),
});

const textMessage = z.strictObject({ conversationId: uuid(), type: z.literal('TEXT'), content: text(4096) });

/** One member for each kind this build sends. */
export const sendMessageBody = z.discriminatedUnion('type', [textMessage], { error: FIELD.messageKinds });

export const direction = z.enum(['INBOUND', 'OUTBOUND']);
export const messageType = z.string().describe('TEXT, IMAGE, VIDEO, AUDIO, DOCUMENT, TEMPLATE, INTERACTIVE …');

export const messageContact = z.object({
  id: uuid(),
  phoneNumber: z.string().nullable().describe('Só dígitos'),
  name: z.string().nullable(),
  username: z.string().nullable().optional().describe('O de quem não mostra o telefone'),
  isGroup: z.boolean().optional().describe('É um grupo do WhatsApp e não uma pessoa'),
});

const messageError = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  detail: z.string().optional().describe('O que o WhatsApp disse'),
});

export const message = z
  .object({
    id: uuid(),
    whatsappMessageId: z.string().nullable(),
    direction,
    type: messageType,
    content: z.string(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    status: z.enum(['SENT', 'DELIVERED', 'READ', 'FAILED']),
    sentById: uuid().nullable(),
    timestamp: isoTime(),
    createdAt: isoTime(),
    error: messageError.optional().describe('Por que falhou e o que fazer'),
    ...shownDetails.shape,
  })
  .meta({ id: 'Message' });

export const thread = z.object({
  data: z.array(message),
  hasMore: z.boolean(),
  nextCursor: uuid().nullable().describe('null se não há mais'),
});
