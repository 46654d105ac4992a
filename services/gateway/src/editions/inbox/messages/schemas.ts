import { characters, isoTime, messageSnippet, shownDetails, text, uuid, webUrl } from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../../edge/cursors.ts';
import { FIELD } from '../texts.ts';

export const messageParams = z.strictObject({ id: uuid() });
export const threadParams = z.strictObject({ conversationId: uuid() });

export const messagesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: uuid().optional().describe('As anteriores a esta mensagem'),
  after: uuid().optional().describe('As seguintes a esta mensagem'),
});

const sent = {
  conversationId: uuid(),
  replyToMessageId: uuid().optional().describe('A mensagem da conversa a que responde'),
};
/** A link that the provider fetches, or the id of a stored file. */
const file = z
  .union([uuid(), webUrl()], { error: FIELD.fileOrLink })
  .describe('URL do arquivo, ou o id de um guardado');
const caption = text(65_536).optional();

/** One member for each kind. The provider's limits are checked when it is accepted. */
export const sendMessageBody = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      ...sent,
      type: z.literal('TEXT'),
      content: characters(4096),
      metadata: z.strictObject({ previewUrl: z.boolean().optional() }).nullish(),
    }),
    z.strictObject({
      ...sent,
      type: z.enum(['IMAGE', 'VIDEO']),
      content: file,
      metadata: z.strictObject({ caption }).nullish(),
    }),
    z.strictObject({
      ...sent,
      type: z.literal('DOCUMENT'),
      content: file,
      metadata: z.strictObject({ caption, fileName: text(1000).optional() }).nullish(),
    }),
    z.strictObject({
      ...sent,
      type: z.literal('AUDIO'),
      content: file,
      metadata: z.strictObject({ voice: z.boolean().optional() }).nullish(),
    }),
    z.strictObject({ ...sent, type: z.literal('STICKER'), content: file, metadata: z.null().optional() }),
    z.strictObject({
      ...sent,
      type: z.literal('LOCATION'),
      metadata: z.strictObject({
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        name: text(1000).optional(),
        address: text(1000).optional(),
      }),
    }),
    z.strictObject({
      conversationId: uuid(),
      type: z.literal('REACTION'),
      content: z.string().max(64).describe('Um emoji; vazio retira a reação'),
      metadata: z.strictObject({ messageId: uuid() }),
    }),
  ],
  { error: FIELD.messageKinds },
);

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
  hint: z.string(),
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

const count = z.number().int();

/** Messages of a conversation. */
export const messageStats = z
  .object({
    total: count,
    byDirection: z.object({ INBOUND: count, OUTBOUND: count }),
    byStatus: z.object({ SENT: count, DELIVERED: count, READ: count, FAILED: count }),
  })
  .meta({ id: 'MessageStats' });

export const searchQuery = z.object({
  query: text(200).describe(
    '`olá`, `reserv*`, `"bom dia"`: a mensagem tem de ter tudo; acentos e maiúsculas não contam',
  ),
  conversationId: uuid().optional(),
  agentId: uuid().optional().describe('Escritas por este usuário, ou em conversas atribuídas a ele'),
  direction: direction.optional(),
  from: isoTime().optional().describe('Inclusive'),
  to: isoTime().optional().describe('Inclusive'),
  sort: z.enum(['time', 'relevance']).default('time').describe('relevance: as melhores das 500 últimas'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: cursorField('pt'),
});

export const foundMessages = z.object({
  data: z.array(
    message.extend({
      conversationId: uuid(),
      conversation: z.object({ id: uuid(), contact: messageContact }),
      snippet: messageSnippet,
    }),
  ),
  count: count.describe('As desta página'),
  nextCursor: nextCursorField('pt'),
  isComplete: z
    .boolean()
    .describe('false: o tempo acabou e `nextCursor` continua (por data), ou mensagens antigas ainda estão sendo lidas'),
});
