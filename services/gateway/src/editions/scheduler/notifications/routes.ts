import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageView } from '../common/views.ts';
import { notification, notificationsQuery, unreadCount } from './schemas.ts';
import { notificationView } from './views.ts';

export const notificationRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/notifications',
    tag: 'Notificaciones',
    summary: 'Lista de notificaciones',
    description: 'Las propias, la última primero.',
    auth: 'bearer',
    person: true,
    query: notificationsQuery,
    responses: { 200: paged(notification) },
    handle: async ({ query: { is_read: read, ...query }, deps, call }) => {
      const list = await deps.clients.identity.listNotifications({ query: { ...query, read } }, call);
      return pageView(query, list, notificationView);
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/notifications/unread-count',
    tag: 'Notificaciones',
    summary: 'Contador de no leídas',
    auth: 'bearer',
    person: true,
    cache: 'personal',
    responses: { 200: unreadCount },
    handle: ({ deps, call }) => deps.clients.identity.countUnreadNotifications({}, call),
  }),
  editionRoute({
    method: 'POST',
    path: '/api/notifications/mark-read/:id',
    tag: 'Notificaciones',
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
  editionRoute({
    method: 'DELETE',
    path: '/api/notifications/:id',
    tag: 'Notificaciones',
    summary: 'Eliminar notificación',
    auth: 'bearer',
    person: true,
    entity: 'notification',
    params: idParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.identity.deleteNotification({ params: { notificationId: params.id } }, call),
  }),
];
