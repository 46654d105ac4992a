import { isoTime, TIMELINE_KINDS, type TimelineEntry, uuid } from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../../edge/cursors.ts';
import { editionRoute } from '../../../edge/edition.ts';
import { type ChatNames, numberName } from '../chats/views.ts';
import { createdBetween } from '../common/dates.ts';
import { dayOrTime, idParams, person } from '../common/schemas.ts';
import { personView } from '../common/views.ts';

const entry = z
  .object({
    id: uuid().describe('Del chat, la nota, la tarea o el propio hecho'),
    kind: z.enum(TIMELINE_KINDS),
    at: isoTime(),
    chat_id: uuid().nullable(),
    whatsapp_number: z.object({ id: uuid(), phone_number: z.string().nullable() }).nullable(),
    user: person.nullable().describe('Quién lo hizo; null si no fue un usuario'),
    text: z.string().nullable().describe('El texto de una nota, el título de una tarea'),
    message_count: z.number().int().nullable().describe('Mensajes del chat hasta ahora'),
    about_id: uuid().nullable().describe('El agente, la campaña, el cliente unido o la importación de que se trata'),
  })
  .meta({ id: 'TimelineEntry' });

const query = z.strictObject({
  kind: z.enum(TIMELINE_KINDS).optional(),
  date_from: dayOrTime.optional().describe('Una fecha sola empieza en la zona horaria del tenant'),
  date_to: dayOrTime.optional().describe('Inclusive'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: cursorField('es'),
});

export const timelineRoutes = [
  editionRoute({
    tag: 'Clients',
    auth: 'bearer',
    entity: 'contact',
    method: 'GET',
    path: '/clients/:id/timeline',
    summary: 'Historia de un cliente',
    description:
      'Lo que pasó en todos los números, lo último primero: chats, notas, tareas, campañas, publicidad, importaciones y uniones. Los mensajes de un chat son una entrada. Chats y notas requieren `chats.read`; tareas, `tasks.read`.',
    permission: 'contacts.read',
    params: idParams,
    fields: { from: 'date_from', to: 'date_to' },
    query,
    responses: {
      200: z.object({
        data: z.array(entry),
        meta: z.object({ per_page: z.number().int(), next_cursor: nextCursorField('es') }),
      }),
    },
    handle: async ({ params, query: { date_from, date_to, ...rest }, deps, call }) => {
      const between = await createdBetween(deps, call, { from_date: date_from, to_date: date_to });
      const { items, nextCursor } = await deps.clients.conversation.getTimeline(
        { params: { contactId: params.id }, query: { ...rest, ...between } },
        call,
      );
      const [users, channels] = await Promise.all([
        deps.directory.users(
          call,
          items.map(({ userId }) => userId),
        ),
        deps.directory.channels(
          call,
          items.map(({ channelId }) => channelId),
        ),
      ]);
      const data = items.map((one) => entryView(one, { users, channels }));
      return { data, meta: { per_page: rest.limit, next_cursor: nextCursor } };
    },
  }),
];

const entryView = (
  { conversationId, channelId, userId, count, about, ...row }: TimelineEntry,
  names: Pick<ChatNames, 'users' | 'channels'>,
) => ({
  ...row,
  chat_id: conversationId,
  whatsapp_number: channelId === null ? null : numberName(channelId, names),
  user: personView(names.users.get(userId ?? '')),
  message_count: count,
  about_id: about,
});
