import type { Conversation } from '@recado/contracts';
import type { GatewayDeps } from '../../../deps.ts';
import { chatsByCursor } from '../../../edge/cursors.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { paged } from '../common/schemas.ts';
import { assignBody, conversation, conversationParams, conversationsQuery, updateBody } from './schemas.ts';
import { conversationView, participantsView, priorityOf, statusesOf, statusOf } from './views.ts';

const one = { tag: 'Conversas', auth: 'bearer', entity: 'conversation', params: conversationParams } as const;

export const conversationRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/conversations',
    tag: 'Conversas',
    summary: 'Listar conversas',
    description: `A última ativa primeiro. \`total\` conta até 10.000; na busca de um nome frequente, até 1.000. ${chatsByCursor('pt')}`,
    auth: 'bearer',
    permission: 'chats.read',
    query: conversationsQuery,
    responses: { 200: paged(conversation) },
    handle: async ({ query, deps, call }) => {
      const { page, limit, cursor, status, priority, assignedToId, search } = query;
      const { items, total, totalIsCapped, nextCursor } = await deps.clients.conversation.listConversations(
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
        pagination: {
          ...{ page, limit, total: count, pages: Math.ceil(count / limit) },
          ...(totalIsCapped && { totalIsCapped }),
          nextCursor: nextCursor ?? null,
        },
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
  editionRoute({
    ...one,
    method: 'PATCH',
    path: '/api/conversations/:id',
    summary: 'Atualizar conversa (status, prioridade, etiquetas, atribuição)',
    permission: 'chats.update',
    body: updateBody,
    responses: { 200: conversation },
    handle: async ({ params, body: { status, priority, assignedToId, tagIds }, deps, call }) => {
      const body = {
        status: status && statusOf(status),
        priority: priority && priorityOf(priority),
        assignedUserId: assignedToId,
        tagIds,
      };
      const input = { params: { conversationId: params.id }, body };
      return shown(deps, call, await deps.clients.conversation.updateConversation(input, call));
    },
  }),
  editionRoute({
    ...one,
    method: 'POST',
    path: '/api/conversations/:id/assign',
    summary: 'Atribuir conversa a um atendente',
    permission: 'chats.assign',
    body: assignBody,
    responses: { 200: conversation },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { conversationId: params.id }, body };
      return shown(deps, call, await deps.clients.conversation.assignConversation(input, call));
    },
  }),
  editionRoute({
    ...one,
    method: 'POST',
    path: '/api/conversations/:id/close',
    summary: 'Fechar conversa',
    permission: 'chats.close',
    responses: { 200: conversation },
    handle: async ({ params, deps, call }) => {
      const input = { params: { conversationId: params.id }, body: {} };
      return shown(deps, call, await deps.clients.conversation.closeConversation(input, call));
    },
  }),
];

async function shown(deps: GatewayDeps, call: CallContext, found: Conversation) {
  const users = await deps.directory.users(call, [found.assignedUserId]);
  return conversationView(found, call.caller.tenantId, users.get(found.assignedUserId ?? ''));
}

const assigneeOf = ({ assignedUserId }: Conversation) => assignedUserId;
