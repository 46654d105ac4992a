import { editionRoute } from '../../../edge/edition.ts';
import { notificationView } from '../account-views.ts';
import { idParams, paged } from '../schemas/common.ts';
import { notification, notificationsQuery } from '../schemas/notifications.ts';
import { pageMeta } from '../views.ts';

/** What the `notification` event tells, for who was not connected. */
export const notificationRoutes = [
  editionRoute({
    method: 'GET',
    path: '/notifications',
    tag: 'Notifications',
    summary: 'Listar mis notificaciones',
    description: 'La última primero.',
    auth: 'bearer',
    person: true,
    query: notificationsQuery,
    responses: { 200: paged(notification) },
    handle: async ({ query: { page, limit, is_read: read }, deps, call }) => {
      const { items, total } = await deps.clients.identity.listNotifications({ query: { page, limit, read } }, call);
      return { data: items.map(notificationView), meta: pageMeta(page, limit, total) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/notifications/:id/read',
    tag: 'Notifications',
    summary: 'Marcar como leída',
    auth: 'bearer',
    person: true,
    entity: 'notification',
    params: idParams,
    responses: { 200: notification },
    handle: async ({ params, deps, call }) =>
      notificationView(
        await deps.clients.identity.markNotificationRead({ params: { notificationId: params.id } }, call),
      ),
  }),
];
