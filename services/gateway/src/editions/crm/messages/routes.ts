import { AppError } from '@recado/service-kit';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { createdBetween } from '../common/dates.ts';
import { idParams } from '../common/schemas.ts';
import { sendMessageBody } from './body.ts';
import { CONTENT_FIELDS, saidBy } from './content.ts';
import {
  foundPage,
  messageDetail,
  readMessage,
  searchQuery,
  sentMessage,
  undeliveredPage,
  undeliveredQuery,
} from './schemas.ts';
import {
  type Dispatch,
  foundView,
  messageDetailView,
  readMessageView,
  sentMessageView,
  undeliveredView,
} from './views.ts';

export const messageRoutes = [
  editionRoute({
    method: 'POST',
    path: '/messages',
    tag: 'Messages',
    summary: 'Enviar mensaje',
    description:
      'Responde cuando el mensaje está guardado y en cola; su estado sigue por eventos. Lo que el número no puede enviar, o pasa de sus límites, se rechaza con su campo.',
    auth: 'bearer',
    permission: 'messages.create',
    fields: CONTENT_FIELDS,
    body: sendMessageBody,
    responses: { 201: sentMessage },
    handle: async ({ body, deps, call }) => {
      const { message } = await deps.clients.conversation.sendMessage(
        { params: { conversationId: body.chat_id }, body: { ...saidBy(body), clearDraft: body.clear_draft } },
        call,
      );
      return sentMessageView(message);
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/messages/undelivered',
    tag: 'Messages',
    summary: '¿Por qué no se entregó?',
    description:
      'Los mensajes que fallaron, el último primero, con su error, qué hacer y cada intento. También aquellos de los que no se sabe si llegaron.',
    auth: 'bearer',
    permission: 'messages.read',
    query: undeliveredQuery,
    responses: { 200: undeliveredPage },
    handle: async ({ query, deps, call }) => {
      const { whatsapp_number_id: channelId, client_id: contactId, code, phone, limit, cursor } = query;
      const between = await createdBetween(deps, call, query);
      const { items, nextCursor } = await deps.clients.conversation.listUndelivered(
        { query: { channelId, contactId, code, phone, limit, cursor, ...between } },
        call,
      );
      const messages = items.map(({ message }) => message);
      const [users, channels, dispatches] = await Promise.all([
        deps.directory.users(
          call,
          messages.map(({ userId }) => userId),
        ),
        deps.directory.channels(
          call,
          messages.map(({ channelId: id }) => id),
        ),
        findDispatches(
          deps,
          call,
          messages.map(({ id }) => id),
        ),
      ]);
      return {
        data: items.map((item) => undeliveredView(item, dispatches.get(item.message.id), { users, channels })),
        meta: { per_page: limit, next_cursor: nextCursor },
      };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/messages/search',
    tag: 'Messages',
    summary: 'Buscar mensajes por texto',
    description: 'El último primero. Lo que se encontró está marcado en `snippet`. Los mensajes borrados no aparecen.',
    auth: 'bearer',
    permission: 'messages.read',
    fields: { conversationId: 'chat_id', userId: 'agent_id' },
    query: searchQuery,
    responses: { 200: foundPage },
    handle: async ({ query, deps, call }) => {
      const { query: words, chat_id: conversationId, agent_id: userId, direction, sort, limit, cursor } = query;
      const between = await createdBetween(deps, call, query);
      const { items, nextCursor, isComplete } = await deps.clients.conversation.searchMessages(
        { query: { query: words, conversationId, userId, direction, sort, limit, cursor, ...between } },
        call,
      );
      const users = await deps.directory.users(
        call,
        items.flatMap(({ message, conversation }) => [message.userId, conversation.assignedUserId]),
      );
      const names = { users, channels: new Map(), campaigns: new Map() };
      return {
        data: items.map((item) => foundView(item, names)),
        meta: { per_page: limit, next_cursor: nextCursor, is_complete: isComplete },
      };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/messages/:id',
    tag: 'Messages',
    summary: 'Obtener mensaje por ID',
    description:
      'Con toda su historia: cuándo se aceptó, cada intento de envío con su respuesta y cada estado con su precio o su error. Se guarda 90 días.',
    auth: 'bearer',
    permission: 'messages.read',
    entity: 'message',
    params: idParams,
    responses: { 200: messageDetail },
    handle: async ({ params: { id: messageId }, deps, call }) => {
      const found = await deps.clients.conversation.getMessage({ params: { messageId } }, call);
      const { direction, userId } = found.message;
      const [users, dispatch] = await Promise.all([
        deps.directory.users(call, [userId]),
        direction === 'outbound' ? findDispatch(deps, call, messageId) : null,
      ]);
      return messageDetailView(found, dispatch, users);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/messages/:id/read',
    tag: 'Messages',
    summary: 'Marcar mensaje como leído',
    description:
      'Con los anteriores de su chat. El cliente ve que se leyó, si su proveedor lo muestra. Un mensaje enviado queda como está.',
    auth: 'bearer',
    permission: 'chats.update',
    entity: 'message',
    params: idParams,
    responses: { 200: readMessage },
    handle: async ({ params, deps, call }) =>
      readMessageView(await deps.clients.conversation.markRead({ body: { messageIds: [params.id] } }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/messages/:id/retry',
    tag: 'Messages',
    summary: 'Reenviar mensaje fallido',
    description:
      'Lo envía una vez más, como mensaje nuevo; repetida, la llamada devuelve ese mensaje. 409 si no falló, o si no se sabe si llegó.',
    auth: 'bearer',
    permission: 'messages.create',
    entity: 'message',
    params: idParams,
    responses: { 201: sentMessage },
    handle: async ({ params, deps, call }) => {
      const { message } = await deps.clients.conversation.retryMessage({ params: { messageId: params.id } }, call);
      return sentMessageView(message);
    },
  }),
];

async function findDispatches(deps: GatewayDeps, call: CallContext, ids: string[]): Promise<Map<string, Dispatch>> {
  if (ids.length === 0) return new Map();
  const { items } = await deps.clients.connector.listDispatchesByIds({ query: { ids } }, call);
  return new Map(items.map((dispatch) => [dispatch.messageId, dispatch]));
}

/** Null when the message never came to its channel, or only now does. */
async function findDispatch(deps: GatewayDeps, call: CallContext, messageId: string): Promise<Dispatch | null> {
  try {
    return await deps.clients.connector.getDispatch({ params: { messageId } }, call);
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return null;
    throw error;
  }
}
