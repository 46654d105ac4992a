import type { Conversation } from '@recado/contracts';
import { chatsByCursor } from '../../../edge/cursors.ts';
import { editionRoute } from '../../../edge/edition.ts';
import { paged } from '../common/schemas.ts';
import { conversation, conversationParams, conversationsQuery } from './schemas.ts';
import { conversationView, participantsView, priorityOf, statusesOf } from './views.ts';

export const conversationRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/conversations',
    tag: 'Conversas',
    summary: 'Listar conversas',
    description: `A última ativa primeiro. ${chatsByCursor('pt')}`,
    auth: 'bearer',
    permission: 'chats.read',
    query: conversationsQuery,
    responses: { 200: paged(conversation) },
    handle: async ({ query, deps, call }) => {
      const { page, limit, cursor, status, priority, assignedToId, search } = query;
      const { items, total, nextCursor } = await deps.clients.conversation.listConversations(
        {
          query: {
            page,
            limit,
            cursor,
            search: search || undefined,
            statuses: status && statusesOf(status),
            priority: priority && priorityOf(priority),
            assignedUserId: assignedToId,
          },
        },
        call,
      );
      const users = await deps.directory.users(call, items.map(assigneeOf));
      const count = total ?? items.length;
      return {
        data: items.map((item) => conversationView(item, call.caller.tenantId, users.get(item.assignedUserId ?? ''))),
        pagination: { page, limit, total: count, pages: Math.ceil(count / limit), nextCursor: nextCursor ?? null },
      };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/conversations/:id',
    tag: 'Conversas',
    summary: 'Buscar conversa por ID',
    auth: 'bearer',
    permission: 'chats.read',
    entity: 'conversation',
    params: conversationParams,
    responses: { 200: conversation },
    handle: async ({ params, deps, call }) => {
      const found = await deps.clients.conversation.getConversation({ params: { conversationId: params.id } }, call);
      const users = await deps.directory.users(call, [found.assignedUserId]);
      const shown = conversationView(found, call.caller.tenantId, users.get(found.assignedUserId ?? ''));
      return { ...shown, ...participantsView(found.participants) };
    },
  }),
];

const assigneeOf = ({ assignedUserId }: Conversation) => assignedUserId;
