import { editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import { notification, notificationsQuery } from './schemas.ts';
import { notificationView } from './views.ts';

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
    handle: async ({ query: { is_read: read, ...query }, deps, call }) => {
      const list = await deps.clients.identity.listNotifications({ query: { ...query, read } }, call);
      return { data: list.items.map(notificationView), meta: pageMeta(query, list) };
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
