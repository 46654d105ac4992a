import type { Conversation } from '@recado/contracts';
import type { GatewayDeps } from '../../../deps.ts';
import { chatsByCursor } from '../../../edge/cursors.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { createdBetween } from '../common/dates.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import {
  chat,
  chatCounts,
  chatDetail,
  chatMessage,
  chatsQuery,
  mention,
  mentionsQuery,
  messagesQuery,
} from './schemas.ts';
import { type ChatNames, chatDetailView, chatMessageView, chatView, noteView, peopleOfNotes } from './views.ts';

/** Notes that a chat shows at once. */
const NOTES_SHOWN = 50;

export const chatRoutes = [
  editionRoute({
    method: 'GET',
    path: '/chats',
    tag: 'Chats',
    summary: 'Listar chats',
    description: `El último activo primero. \`total\` cuenta hasta 10.000; al buscar un nombre frecuente, hasta 1.000. ${chatsByCursor('es')}`,
    auth: 'bearer',
    permission: 'chats.read',
    query: chatsQuery,
    responses: { 200: paged(chat) },
    handle: async ({ query, deps, call }) => {
      const { page, limit, cursor, status, priority, search, sla, campaign_id, assigned_agent_id } = query;
      // What is put away is found by a search, and shown where it is asked for.
      const away = search ? undefined : false;
      const { archived = away, snoozed = away } = query;
      const list = await deps.clients.conversation.listConversations(
        {
          query: {
            page,
            limit,
            cursor,
            priority,
            sla,
            search: search || undefined,
            statuses: status ? [status] : undefined,
            campaignId: campaign_id,
            assignedUserId: assigned_agent_id,
            archived: archived === undefined ? undefined : String(archived),
            snoozed: snoozed === undefined ? undefined : String(snoozed),
            ...(await createdBetween(deps, call, query)),
          },
        },
        call,
      );
      const names = await hydrate(deps, call, list.items);
      return { data: list.items.map((item) => chatView(item, names)), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/chats/mentions',
    tag: 'Chats',
    summary: 'Listar notas que me mencionan',
    description: 'La última primero.',
    auth: 'bearer',
    permission: 'chats.read',
    person: true,
    query: mentionsQuery,
    responses: { 200: paged(mention) },
    handle: async ({ query, deps, call }) => {
      const list = await deps.clients.conversation.listMentions({ query }, call);
      const users = await deps.directory.users(call, peopleOfNotes(list.items));
      const data = list.items.map((note) => ({ ...noteView(note, users), chat_id: note.conversationId }));
      return { data, meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/chats/counts',
    tag: 'Chats',
    summary: 'Contar chats abiertos',
    auth: 'bearer',
    permission: 'chats.read',
    responses: { 200: chatCounts },
    handle: async ({ deps, call }) => {
      const { mineUnread, mineSnoozed, byStatus, ...counts } = await deps.clients.conversation.countConversations(
        {},
        call,
      );
      return { ...counts, mine_unread: mineUnread, mine_snoozed: mineSnoozed, by_status: byStatus };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/chats/:id',
    tag: 'Chats',
    summary: 'Obtener chat por ID',
    auth: 'bearer',
    permission: 'chats.read',
    entity: 'conversation',
    params: idParams,
    responses: { 200: chatDetail },
    handle: async ({ params, deps, call }) => {
      const chat = { conversationId: params.id };
      const [conversation, notes] = await Promise.all([
        deps.clients.conversation.getConversation({ params: chat }, call),
        deps.clients.conversation.listNotes({ params: chat, query: { limit: NOTES_SHOWN } }, call),
      ]);
      const writers = peopleOfNotes(notes.items);
      return chatDetailView(conversation, await hydrate(deps, call, [conversation], writers), notes.items);
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/chats/:id/messages',
    tag: 'Chats',
    summary: 'Obtener mensajes del chat',
    auth: 'bearer',
    permission: 'messages.read',
    entity: 'conversation',
    params: idParams,
    query: messagesQuery,
    responses: { 200: paged(chatMessage) },
    handle: async ({ params, query, deps, call }) => {
      const { page, limit, cursor } = query;
      const list = await deps.clients.conversation.listMessages(
        { params: { conversationId: params.id }, query: { limit, cursor, offset: (page - 1) * limit } },
        call,
      );
      const users = await deps.directory.users(
        call,
        list.items.map(({ userId }) => userId),
      );
      return {
        data: list.items.map((item) => chatMessageView(item, users)),
        meta: pageMeta(query, list),
      };
    },
  }),
];

/** Agents, numbers and campaigns of a whole page: one call to each service at most. */
async function hydrate(
  deps: GatewayDeps,
  call: CallContext,
  items: Conversation[],
  others: (string | null)[] = [],
): Promise<ChatNames> {
  const [users, channels, campaigns] = await Promise.all([
    deps.directory.users(call, [...items.map(({ assignedUserId }) => assignedUserId), ...others]),
    deps.directory.channels(
      call,
      items.map(({ channelId }) => channelId),
    ),
    deps.directory.campaigns(
      call,
      items.map(({ campaignId }) => campaignId),
    ),
  ]);
  return { users, channels, campaigns };
}
