import type { ScheduledMessage } from '@recado/contracts';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import { scheduleMessageBody } from '../messages/body.ts';
import { CONTENT_FIELDS, saidBy } from '../messages/content.ts';
import { scheduledMessage, scheduledParams, scheduledQuery, updateScheduledBody } from './schemas.ts';
import { scheduledView } from './views.ts';

const scheduled = { tag: 'Messages', auth: 'bearer', fields: { ...CONTENT_FIELDS, sendAt: 'send_at' } } as const;
const ofChat = {
  ...scheduled,
  path: '/chats/:id/scheduled-messages',
  entity: 'conversation',
  params: idParams,
} as const;
const one = {
  ...scheduled,
  path: '/chats/:id/scheduled-messages/:scheduledId',
  entity: 'scheduled_message',
  params: scheduledParams,
} as const;

/** Messages that a chat sends later, beyond the document. */
export const scheduledMessageRoutes = [
  editionRoute({
    ...ofChat,
    method: 'GET',
    summary: 'Listar mensajes programados del chat',
    description: 'El próximo primero; los terminados se guardan 90 días.',
    permission: 'messages.read',
    query: scheduledQuery,
    responses: { 200: paged(scheduledMessage) },
    handle: async ({ params, query, deps, call }) => {
      const input = { params: { conversationId: params.id }, query };
      const list = await deps.clients.conversation.listScheduledMessages(input, call);
      const users = await deps.directory.users(
        call,
        list.items.map(({ userId }) => userId),
      );
      return { data: list.items.map((item) => scheduledView(item, users)), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    ...ofChat,
    method: 'POST',
    summary: 'Programar mensaje',
    description:
      'Admite los mensajes de `POST /messages`. A su hora pasa por las mismas revisiones: ventana de 24 horas, plan y baja del cliente. Si falla, su autor recibe una notificación. Hasta 50 en espera por chat.',
    permission: 'messages.create',
    body: scheduleMessageBody,
    responses: { 201: scheduledMessage },
    handle: async ({ params, body, deps, call }) => {
      const times = { sendAt: utc(body.send_at), cancelOnReply: body.cancel_if_customer_writes };
      const input = { params: { conversationId: params.id }, body: { ...saidBy(body), ...times } };
      return shown(deps, call, await deps.clients.conversation.scheduleMessage(input, call));
    },
  }),
  editionRoute({
    ...one,
    method: 'GET',
    summary: 'Obtener mensaje programado',
    permission: 'messages.read',
    responses: { 200: scheduledMessage },
    handle: async ({ params: { id: conversationId, scheduledId }, deps, call }) => {
      const input = { params: { conversationId, scheduledId } };
      return shown(deps, call, await deps.clients.conversation.getScheduledMessage(input, call));
    },
  }),
  editionRoute({
    ...one,
    method: 'PUT',
    summary: 'Cambiar mensaje programado',
    description: 'Solo cambian los campos enviados. 409 si ya no está en espera.',
    permission: 'messages.create',
    body: updateScheduledBody,
    responses: { 200: scheduledMessage },
    handle: async ({ params: { id: conversationId, scheduledId }, body, deps, call }) => {
      const { message, send_at, cancel_if_customer_writes: cancelOnReply } = body;
      const change = {
        ...(message && saidBy(message)),
        ...(send_at !== undefined && { sendAt: utc(send_at) }),
        ...(cancelOnReply !== undefined && { cancelOnReply }),
      };
      const input = { params: { conversationId, scheduledId }, body: change };
      return shown(deps, call, await deps.clients.conversation.updateScheduledMessage(input, call));
    },
  }),
  editionRoute({
    ...one,
    method: 'DELETE',
    summary: 'Cancelar mensaje programado',
    description: 'Uno cancelado queda así. 409 si ya se envió o falló.',
    permission: 'messages.create',
    responses: { 200: scheduledMessage },
    handle: async ({ params: { id: conversationId, scheduledId }, deps, call }) => {
      const input = { params: { conversationId, scheduledId } };
      return shown(deps, call, await deps.clients.conversation.cancelScheduledMessage(input, call));
    },
  }),
];

const utc = (at: string): string => new Date(at).toISOString();

const shown = async (deps: GatewayDeps, call: CallContext, message: ScheduledMessage) =>
  scheduledView(message, await deps.directory.users(call, [message.userId]));
