import { CONVERSATION_STATUSES } from '@recado/contracts';
import { chatsByCursor } from '../../../edge/cursors.ts';
import { editionRoute } from '../../../edge/edition.ts';
import { paged, success } from '../common/schemas.ts';
import { paginationView } from '../common/views.ts';
import { SUCCESS } from '../texts.ts';
import { contentOf, MESSAGE_FIELDS } from './content.ts';
import {
  conversation,
  conversationParams,
  conversationsQuery,
  message,
  messagesQuery,
  type STATUSES,
  sendMessageBody,
} from './schemas.ts';
import { conversationView, messageView } from './views.ts';

const tag = 'Conversaciones';
const OPEN = CONVERSATION_STATUSES.filter((status) => status !== 'closed');

export const conversationRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/conversations',
    tag,
    summary: 'Listar conversaciones',
    description: `La última activa primero. \`total\` cuenta hasta 10.000. ${chatsByCursor('es')}`,
    auth: 'bearer',
    permission: 'chats.read',
    query: conversationsQuery,
    responses: { 200: paged(conversation) },
    handle: async ({ query: { status, instanceId: channelId, ...page }, deps, call }) => {
      const list = await deps.clients.conversation.listConversations(
        { query: { ...page, channelId, ...statusFilter(status) } },
        call,
      );
      const channels = await deps.directory.channels(
        call,
        list.items.map((item) => item.channelId),
      );
      return {
        success: true as const,
        data: list.items.map((item) => conversationView(item, channels)),
        pagination: paginationView(page, list),
      };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/conversations/:id/messages',
    tag,
    summary: 'Obtener mensajes de conversación',
    description: 'El más antiguo primero.',
    auth: 'bearer',
    permission: 'messages.read',
    entity: 'conversation',
    params: conversationParams,
    query: messagesQuery,
    responses: { 200: paged(message) },
    handle: async ({ params, query, deps, call }) => {
      const { page, limit, cursor } = query;
      const list = await deps.clients.conversation.listMessages(
        { params: { conversationId: params.id }, query: { limit, cursor, offset: (page - 1) * limit } },
        call,
      );
      return { success: true as const, data: list.items.map(messageView), pagination: paginationView(query, list) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/conversations/:id/messages',
    tag,
    summary: 'Enviar mensaje',
    description:
      'Responde cuando el mensaje está guardado y en cola. Lo que el número no puede enviar se rechaza con su campo.',
    auth: 'bearer',
    permission: 'messages.create',
    entity: 'conversation',
    fields: MESSAGE_FIELDS,
    params: conversationParams,
    body: sendMessageBody,
    responses: { 201: success(message) },
    handle: async ({ params, body, deps, call }) => {
      const sent = await deps.clients.conversation.sendMessage(
        { params: { conversationId: params.id }, body: { content: contentOf(body) } },
        call,
      );
      return { success: true as const, message: SUCCESS.messageSent, data: messageView(sent.message) };
    },
  }),
];

function statusFilter(status: (typeof STATUSES)[number] | undefined) {
  switch (status) {
    case 'active':
      return { statuses: OPEN, archived: 'false' };
    case 'closed':
      return { statuses: ['closed' as const], archived: 'false' };
    case 'archived':
      return { archived: 'true' };
    default:
      return {};
  }
}
