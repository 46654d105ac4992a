import { CONVERSATION_STATUSES } from '@recado/contracts';
import { NotFound, Unauthorized } from '@recado/service-kit';
import type { GatewayDeps } from '../../../deps.ts';
import { chatsByCursor } from '../../../edge/cursors.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import {
  conversation,
  conversationParams,
  conversationsQuery,
  envelope,
  instance,
  instanceParams,
  listEnvelope,
  message,
  messagesQuery,
  queued,
  requestUsage,
  sendBody,
  walkedEnvelope,
} from '../schemas.ts';
import { conversationView, instanceView, messageView, queuedView } from '../views.ts';

const OPEN = CONVERSATION_STATUSES.filter((status) => status !== 'closed');

export const whatsappRoutes = [
  editionRoute({
    method: 'GET',
    path: '/whatsapp/instances',
    tag: 'WhatsApp',
    summary: 'Listar todas las instancias',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    responses: { 200: listEnvelope(instance) },
    handle: async ({ deps, call }) => {
      const { items, total } = await deps.clients.connector.listChannels({ query: { limit: 500 } }, call);
      return { message: 'Instancias obtenidas exitosamente', data: items.map(instanceView), total };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp/instances/:instanceId/messages/send',
    tag: 'WhatsApp',
    summary: 'Enviar mensaje individual',
    auth: 'bearer',
    permission: 'messages.create',
    entity: 'instance',
    params: instanceParams,
    body: sendBody,
    responses: { 201: envelope(queued) },
    handle: async ({ params, body, deps, call }) => {
      const { instanceId: channelId } = params;
      await requireInstance(deps, call, channelId);
      const sent = await deps.clients.conversation.sendToPhone({ params: { channelId }, body }, call);
      return { message: 'Mensaje agregado a la cola de envío', data: queuedView(sent.message, sent.conversation) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp/instances/:instanceId/conversations',
    tag: 'WhatsApp',
    summary: 'Listar conversaciones de una instancia',
    description: `La última activa primero. ${chatsByCursor('es')}`,
    auth: 'bearer',
    permission: 'chats.read',
    entity: 'instance',
    params: instanceParams,
    query: conversationsQuery,
    responses: { 200: walkedEnvelope(conversation) },
    handle: async ({ params, query, deps, call }) => {
      const { instanceId: channelId } = params;
      const { status, limit, page, cursor } = query;
      const [, { items, total, nextCursor }] = await Promise.all([
        requireInstance(deps, call, channelId),
        deps.clients.conversation.listConversations(
          { query: { channelId, limit, page, cursor, count: 'true', ...statusFilter(status) } },
          call,
        ),
      ]);
      return {
        message: 'Conversaciones obtenidas exitosamente',
        data: items.map(conversationView),
        total: total ?? items.length,
        nextCursor: nextCursor ?? null,
      };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp/conversations/:conversationId/messages',
    tag: 'WhatsApp',
    summary: 'Obtener mensajes de una conversación',
    auth: 'bearer',
    permission: 'messages.read',
    entity: 'conversation',
    params: conversationParams,
    query: messagesQuery,
    responses: { 200: walkedEnvelope(message) },
    handle: async ({ params, query, deps, call }) => {
      const { items, total, nextCursor } = await deps.clients.conversation.listMessages({ params, query }, call);
      return {
        message: 'Mensajes obtenidos exitosamente',
        data: items.map(messageView),
        total: total ?? items.length,
        nextCursor: nextCursor ?? null,
      };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp/rate-limit/usage',
    tag: 'WhatsApp',
    summary: 'Uso actual de rate limits',
    description: 'Las cuatro ventanas del plan, que todas las solicitudes del tenant comparten. Esta también cuenta.',
    auth: 'bearer',
    permission: 'tenant.read',
    responses: { 200: envelope(requestUsage) },
    handle: async ({ deps, principal }) => {
      if (!principal) throw new Unauthorized();
      return { message: 'Uso actual de límites', data: await deps.limits.usage(principal) };
    },
  }),
];

/** @throws NotFound naming the instance, as this edition calls a channel */
async function requireInstance(deps: GatewayDeps, call: CallContext, id: string): Promise<void> {
  const found = await deps.directory.channels(call, [id]);
  if (!found.has(id)) throw new NotFound('instance', id);
}

function statusFilter(status: 'active' | 'archived' | 'closed' | undefined) {
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
