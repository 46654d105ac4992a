import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { paged } from '../common/schemas.ts';
import { notification, notificationParams, notificationsQuery } from './schemas.ts';
import { notificationView } from './views.ts';

/** What the `notification` event tells, for who was not connected. */
export const notificationRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/notifications',
    tag: 'Notificações',
    summary: 'Listar as próprias notificações',
    auth: 'bearer',
    person: true,
    query: notificationsQuery,
    responses: { 200: paged(notification) },
    handle: async ({ query: { page, limit, cursor, unread }, deps, call }) => {
      const read = unread === 'true' ? ('false' as const) : undefined;
      const { items, total, nextCursor } = await deps.clients.identity.listNotifications(
        { query: { page, limit, cursor, read } },
        call,
      );
      return {
        data: items.map(notificationView),
        pagination: { page, limit, total, pages: Math.ceil(total / limit), nextCursor: nextCursor ?? null },
      };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/notifications/:id/read',
    tag: 'Notificações',
    summary: 'Marcar como lida',
    auth: 'bearer',
    person: true,
    entity: 'notification',
    params: notificationParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) => {
      await deps.clients.identity.markNotificationRead({ params: { notificationId: params.id } }, call);
      return null;
    },
  }),
];
