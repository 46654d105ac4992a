import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { contentOf, MESSAGE_FIELDS } from './content.ts';
import {
  foundMessages,
  message,
  messageParams,
  messageStats,
  messagesQuery,
  searchQuery,
  sendMessageBody,
  thread,
  threadParams,
} from './schemas.ts';
import { foundMessagesView, messageView, statsView, threadView } from './views.ts';

export const messageRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/conversations/:conversationId/messages',
    tag: 'Mensagens',
    summary: 'Listar mensagens de uma conversa',
    description:
      'As mais recentes, em ordem de tempo. `nextCursor` vai em `before` para as anteriores; em `after` para as seguintes, se a página veio de `after`.',
    auth: 'bearer',
    permission: 'messages.read',
    entity: 'conversation',
    params: threadParams,
    query: messagesQuery,
    responses: { 200: thread },
    handle: async ({ params, query, deps, call }) => {
      const page = await deps.clients.conversation.listMessages(
        { params, query: { ...query, order: query.after ? 'asc' : 'desc', count: 'false' } },
        call,
      );
      return threadView(page, query);
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/conversations/:conversationId/stats',
    tag: 'Mensagens',
    summary: 'Estatísticas de mensagens de uma conversa',
    description: 'Sem reações nem avisos. Uma mensagem a caminho conta como SENT.',
    auth: 'bearer',
    permission: 'messages.read',
    entity: 'conversation',
    params: threadParams,
    responses: { 200: messageStats },
    handle: async ({ params, deps, call }) =>
      statsView((await deps.clients.conversation.countMessages({ params }, call)).items),
  }),
  editionRoute({
    method: 'GET',
    path: '/api/messages/search',
    tag: 'Mensagens',
    summary: 'Buscar mensagens por texto',
    description: 'A última primeiro. O que foi encontrado é marcado em `snippet`. Mensagens apagadas não aparecem.',
    auth: 'bearer',
    permission: 'messages.read',
    fields: { userId: 'agentId' },
    query: searchQuery,
    responses: { 200: foundMessages },
    handle: async ({ query: { agentId: userId, direction, ...query }, deps, call }) => {
      const way = direction && ({ INBOUND: 'inbound', OUTBOUND: 'outbound' } as const)[direction];
      const input = { query: { ...query, userId, direction: way } };
      return foundMessagesView(await deps.clients.conversation.searchMessages(input, call));
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/messages',
    tag: 'Mensagens',
    summary: 'Enviar mensagem',
    description:
      'Responde quando a mensagem está guardada e na fila; o status segue por eventos. O que o número não pode enviar é recusado com seu campo.',
    auth: 'bearer',
    permission: 'messages.create',
    fields: MESSAGE_FIELDS,
    body: sendMessageBody,
    responses: { 201: message },
    handle: async ({ body, deps, call }) => {
      const sent = await deps.clients.conversation.sendMessage(
        { params: { conversationId: body.conversationId }, body: { content: contentOf(body) } },
        call,
      );
      return messageView(sent.message);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/messages/:id/read',
    tag: 'Mensagens',
    summary: 'Marcar mensagem como lida',
    description:
      'Com as anteriores da conversa. O cliente vê que foi lida, se o provedor o mostra. Uma mensagem enviada fica como está.',
    auth: 'bearer',
    permission: 'chats.update',
    entity: 'message',
    params: messageParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) => {
      await deps.clients.conversation.markRead({ body: { messageIds: [params.id] } }, call);
      return null;
    },
  }),
];
