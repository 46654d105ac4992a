import type { Conversation } from '@recado/contracts';
import type { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { idParams } from '../common/schemas.ts';
import {
  assignBody,
  chatNote,
  chatTags,
  closeBody,
  movedChat,
  noteBody,
  priorityBody,
  snoozeBody,
  tagBody,
  transferBody,
} from './schemas.ts';
import { movedView, noteView, peopleOfNotes } from './views.ts';

const chat = { tag: 'Chats', auth: 'bearer', entity: 'conversation', params: idParams } as const;

interface Moved {
  params: { id: string };
  deps: GatewayDeps;
  call: CallContext;
}

/** A move that needs no more than the chat. */
const moveBy =
  (verb: 'reopenConversation' | 'wakeConversation' | 'archiveConversation' | 'unarchiveConversation') =>
  async ({ params, deps, call }: Moved) =>
    shown(deps, call, await deps.clients.conversation[verb]({ params: { conversationId: params.id } }, call));

/** What people do with a chat. */
export const chatMoveRoutes = [
  editionRoute({
    ...chat,
    method: 'POST',
    path: '/chats/:id/assign',
    summary: 'Asignar chat a agente',
    permission: 'chats.assign',
    body: assignBody,
    responses: { 200: movedChat },
    handle: async ({ params, body: { agent_id, reason }, deps, call }) => {
      const input = { params: { conversationId: params.id }, body: { userId: agent_id, reason } };
      return shown(deps, call, await deps.clients.conversation.assignConversation(input, call));
    },
  }),
  editionRoute({
    ...chat,
    method: 'POST',
    path: '/chats/:id/transfer',
    summary: 'Transferir chat',
    permission: 'chats.transfer',
    body: transferBody,
    responses: { 200: movedChat },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { conversationId: params.id }, body: { to: targetOf(body), reason: body.reason } };
      return shown(deps, call, await deps.clients.conversation.transferConversation(input, call));
    },
  }),
  editionRoute({
    ...chat,
    method: 'POST',
    path: '/chats/:id/close',
    summary: 'Cerrar chat',
    permission: 'chats.close',
    body: closeBody,
    responses: { 200: movedChat },
    handle: async ({ params, body: { close_reason, outcome, outcome_value, notes }, deps, call }) => {
      const closing = { reason: close_reason, outcome, value: outcome_value, notes };
      const input = { params: { conversationId: params.id }, body: closing };
      return shown(deps, call, await deps.clients.conversation.closeConversation(input, call));
    },
  }),
  editionRoute({
    ...chat,
    method: 'POST',
    path: '/chats/:id/reopen',
    summary: 'Reabrir chat',
    permission: 'chats.close',
    responses: { 200: movedChat },
    handle: moveBy('reopenConversation'),
  }),
  editionRoute({
    ...chat,
    method: 'POST',
    path: '/chats/:id/snooze',
    summary: 'Posponer chat',
    description:
      'Sale de las listas hasta esa hora, hasta que el cliente escriba o hasta que pase a otro agente. No ocupa lugar del agente. 409 si está cerrado o espera en la cola de una campaña.',
    permission: 'chats.update',
    body: snoozeBody,
    responses: { 200: movedChat },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { conversationId: params.id }, body: { until: new Date(body.until).toISOString() } };
      return shown(deps, call, await deps.clients.conversation.snoozeConversation(input, call));
    },
  }),
  editionRoute({
    ...chat,
    method: 'DELETE',
    path: '/chats/:id/snooze',
    summary: 'Traer de vuelta un chat pospuesto',
    permission: 'chats.update',
    responses: { 200: movedChat },
    handle: moveBy('wakeConversation'),
  }),
  editionRoute({
    ...chat,
    method: 'POST',
    path: '/chats/:id/archive',
    summary: 'Archivar chat cerrado',
    description: 'Sale de las listas. Si se reabre, vuelve; un mensaje nuevo abre otro chat. 409 si está abierto.',
    permission: 'chats.update',
    responses: { 200: movedChat },
    handle: moveBy('archiveConversation'),
  }),
  editionRoute({
    ...chat,
    method: 'DELETE',
    path: '/chats/:id/archive',
    summary: 'Sacar chat del archivo',
    permission: 'chats.update',
    responses: { 200: movedChat },
    handle: moveBy('unarchiveConversation'),
  }),
  editionRoute({
    ...chat,
    method: 'PUT',
    path: '/chats/:id/priority',
    summary: 'Cambiar prioridad',
    permission: 'chats.update',
    body: priorityBody,
    responses: { 200: movedChat },
    handle: async ({ params, body, deps, call }) =>
      shown(
        deps,
        call,
        await deps.clients.conversation.updateConversation({ params: { conversationId: params.id }, body }, call),
      ),
  }),
  editionRoute({
    ...chat,
    method: 'POST',
    path: '/chats/:id/tags',
    summary: 'Agregar tag a chat',
    permission: 'chats.update',
    fields: { name: 'tag' },
    body: tagBody,
    responses: { 200: chatTags },
    handle: async ({ params, body, deps, call }) => {
      const input = { params: { conversationId: params.id }, body: { name: body.tag } };
      const { tags } = await deps.clients.conversation.addTag(input, call);
      return { id: params.id, tags: tags.map(({ name }) => name) };
    },
  }),
  editionRoute({
    ...chat,
    method: 'POST',
    path: '/chats/:id/notes',
    summary: 'Agregar nota interna',
    permission: 'chats.update',
    body: noteBody,
    responses: { 201: chatNote },
    handle: async ({ params, body, deps, call }) => {
      const note = await deps.clients.conversation.addNote({ params: { conversationId: params.id }, body }, call);
      return noteView(note, await deps.directory.users(call, peopleOfNotes([note])));
    },
  }),
];

/** A queue is a campaign's; without an id the chat waits where it is. */
function targetOf({ target_type: type, target_id: id }: z.output<typeof transferBody>) {
  if (type === 'agent') return { kind: 'user', userId: id } as const;
  return id ? ({ kind: 'campaign', campaignId: id } as const) : ({ kind: 'queue' } as const);
}

async function shown(deps: GatewayDeps, call: CallContext, conversation: Conversation) {
  return movedView(conversation, await deps.directory.users(call, [conversation.assignedUserId]));
}
