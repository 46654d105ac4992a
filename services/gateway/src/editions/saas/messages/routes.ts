import { editionRoute } from '../../../edge/edition.ts';
import { envelope, walkedEnvelope } from '../common/schemas.ts';
import { requirePresentInstance } from '../instances/require-instance.ts';
import { instanceParams } from '../instances/schemas.ts';
import { SUCCESS } from '../texts.ts';
import {
  bulkBody,
  bulkQueued,
  conversationParams,
  message,
  messagesQuery,
  queued,
  sendBody,
  undeliveredList,
  undeliveredQuery,
} from './schemas.ts';
import { bulkView, messageView, queuedView, undeliveredView } from './views.ts';

export const messageRoutes = [
  editionRoute({
    method: 'POST',
    path: '/whatsapp/instances/:instanceId/messages/send',
    tag: 'WhatsApp',
    summary: 'Enviar mensaje individual',
    auth: 'bearer',
    permission: 'messages.create',
    entity: 'instance',
    fields: { 'content.body': 'text' },
    params: instanceParams,
    body: sendBody,
    responses: { 201: envelope(queued) },
    handle: async ({ params, body, deps, call }) => {
      const { instanceId: channelId } = params;
      await requirePresentInstance(deps, call, channelId);
      const sent = await deps.clients.conversation.sendToPhone({ params: { channelId }, body }, call);
      return { message: SUCCESS.messageQueued, data: queuedView(sent.message, sent.conversation) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp/instances/:instanceId/messages/bulk',
    tag: 'WhatsApp',
    summary: 'Enviar mensajes masivos',
    description:
      'Todos o ninguno, y uno por contacto. Las respuestas a clientes salen antes; ninguna conversación cambia de manos.',
    auth: 'bearer',
    permission: 'messages.create',
    entity: 'instance',
    fields: { to: 'recipients', delayMs: 'delayBetweenMessages', 'content.body': 'text' },
    params: instanceParams,
    body: bulkBody,
    responses: { 201: envelope(bulkQueued) },
    handle: async ({ params, body, deps, call }) => {
      const { recipients: to, text, delayBetweenMessages: delayMs } = body;
      const { instanceId: channelId } = params;
      await requirePresentInstance(deps, call, channelId);
      const { items } = await deps.clients.conversation.sendBulk(
        { params: { channelId }, body: { to, text, delayMs } },
        call,
      );
      return { message: SUCCESS.bulkQueued, data: bulkView(items, delayMs) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp/messages/undelivered',
    tag: 'WhatsApp',
    summary: '¿Por qué no se entregó?',
    description:
      'Los mensajes que fallaron, el último primero, con su error, qué hacer y cada intento. También aquellos de los que no se sabe si llegaron.',
    auth: 'bearer',
    permission: 'messages.read',
    query: undeliveredQuery,
    responses: { 200: undeliveredList },
    handle: async ({ query: { instanceId: channelId, ...query }, deps, call }) => {
      const found = await deps.clients.conversation.listUndelivered({ query: { channelId, ...query } }, call);
      const messages = found.items.map(({ message }) => message);
      const ids = messages.map(({ id }) => id);
      const [channels, dispatches] = await Promise.all([
        deps.directory.channels(
          call,
          messages.map(({ channelId: id }) => id),
        ),
        ids.length > 0 ? deps.clients.connector.listDispatchesByIds({ query: { ids } }, call) : { items: [] },
      ]);
      const byMessage = new Map(dispatches.items.map((dispatch) => [dispatch.messageId, dispatch]));
      return {
        message: SUCCESS.undelivered,
        data: found.items.map((item) =>
          undeliveredView(item, byMessage.get(item.message.id), channels.get(item.message.channelId)),
        ),
        nextCursor: found.nextCursor,
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
        message: SUCCESS.messages,
        data: items.map(messageView),
        total: total ?? items.length,
        nextCursor: nextCursor ?? null,
      };
    },
  }),
];
