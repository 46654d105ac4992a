import { identityApi } from '@recado/contracts';
import { readTenant, withTenant } from '@recado/database';
import { type Caller, Forbidden, NotFound, serve, timeAndId, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import {
  countNotifications,
  countUnread,
  markRead,
  notificationView,
  removeNotification,
  selectNotifications,
} from './store.ts';

const walk = walkOf('notifications', timeAndId);

/** Only the caller's own. Another user's look like missing ones. */
export function notificationRoutes(app: FastifyInstance, { db }: Deps): void {
  serve(app, identityApi.listNotifications, async ({ caller, query }) => {
    const { tenantId, userId } = personOf(caller);
    const read = query.read === undefined ? undefined : query.read === 'true';
    const slice = walk.slice(query);
    const [rows, [total], [unread]] = await readTenant(db, tenantId, (tx) => [
      selectNotifications(tx, tenantId, userId, read, slice),
      countNotifications(tx, tenantId, userId, read),
      countUnread(tx, tenantId, userId),
    ]);
    const { items, nextCursor } = walk.page(rows, query.limit, ({ createdAt: at, id }) => ({ at, id }));
    return { items: items.map(notificationView), total: total!.count, nextCursor, unread: unread!.count };
  });

  serve(app, identityApi.countUnreadNotifications, async ({ caller }) => {
    const { tenantId, userId } = personOf(caller);
    const [[unread]] = await readTenant(db, tenantId, (tx) => [countUnread(tx, tenantId, userId)]);
    return { count: unread!.count };
  });

  serve(app, identityApi.markNotificationRead, async ({ caller, params: { notificationId } }) => {
    const { tenantId, userId } = personOf(caller);
    const row = await withTenant(db, tenantId, (tx) => markRead(tx, tenantId, userId, notificationId));
    if (!row) throw new NotFound('notification', notificationId);
    return notificationView(row);
  });

  serve(app, identityApi.deleteNotification, async ({ caller, params: { notificationId } }) => {
    const { tenantId, userId } = personOf(caller);
    const removed = await withTenant(db, tenantId, (tx) => removeNotification(tx, tenantId, userId, notificationId));
    if (!removed) throw new NotFound('notification', notificationId);
  });
}

function personOf({ tenantId, userId }: Caller): { tenantId: string; userId: string } {
  if (!userId) throw new Forbidden('Only people have notifications');
  return { tenantId, userId };
}
