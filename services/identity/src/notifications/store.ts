import { NOTIFICATION_KINDS, type Notification } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { notifications } from '../schema.ts';

const plainColumns = columns(notifications, {
  only: ['id', 'userId', 'kind', 'params', 'relatedEntityType', 'relatedEntityId', 'createdAt'],
});
export type NotificationRow = typeof plainColumns.$row & { isRead: boolean };

/** A notification of the event `sourceEventId`. */
export type NewNotification = typeof plainColumns.$row &
  Pick<typeof notifications.$inferSelect, 'tenantId' | 'sourceEventId'>;

const notificationColumns = (tx: Tx) => tx`${plainColumns(tx)}, read_at is not null as "isRead"`;

const ofUser = (tx: Tx, tenantId: string, userId: string) => tx`
  tenant_id = ${tenantId} and user_id = ${userId} and removed_at is null`;

const readAs = (tx: Tx, read: boolean | undefined) =>
  read === undefined ? tx`` : read ? tx`and read_at is not null` : tx`and read_at is null`;

export const selectNotifications = (
  tx: Tx,
  tenantId: string,
  userId: string,
  read: boolean | undefined,
  { after, limit, offset }: Slice<{ at: string; id: string }>,
) => tx<NotificationRow[]>`
  select ${notificationColumns(tx)} from notifications where ${ofUser(tx, tenantId, userId)} ${readAs(tx, read)}
    ${after ? tx`and (created_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)` : tx``}
  order by created_at desc, id desc limit ${limit} offset ${offset}`;

export const countNotifications = (tx: Tx, tenantId: string, userId: string, read: boolean | undefined) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from notifications where ${ofUser(tx, tenantId, userId)} ${readAs(tx, read)}`;

/** By notifications_unread_idx, which holds nothing else. */
export const countUnread = (tx: Tx, tenantId: string, userId: string) =>
  countNotifications(tx, tenantId, userId, false);

/** Marks one of the user's own as read; the first time counts. Null when they have no such one. */
export async function markRead(tx: Tx, tenantId: string, userId: string, id: string): Promise<NotificationRow | null> {
  const [row] = await tx<NotificationRow[]>`
    update notifications set read_at = coalesce(read_at, now())
    where ${ofUser(tx, tenantId, userId)} and id = ${id} returning ${notificationColumns(tx)}`;
  return row ?? null;
}

/** Takes one of the user's own off their list. False when they have no such one. */
export async function removeNotification(tx: Tx, tenantId: string, userId: string, id: string): Promise<boolean> {
  const { count } = await tx`
    update notifications set removed_at = now() where ${ofUser(tx, tenantId, userId)} and id = ${id}`;
  return count > 0;
}

/** Inserts, of any tenants; returns the ids of those that were not there yet. Worker role. */
export async function insertNotifications(tx: Tx, rows: readonly NewNotification[]): Promise<Set<string>> {
  const values = rows.map((row) => ({
    tenant_id: row.tenantId,
    id: row.id,
    user_id: row.userId,
    kind: row.kind,
    params: row.params,
    related_entity_type: row.relatedEntityType,
    related_entity_id: row.relatedEntityId,
    source_event_id: row.sourceEventId,
    created_at: row.createdAt,
  }));
  const inserted = await tx<{ id: string }[]>`
    insert into notifications (tenant_id, id, user_id, kind, params, related_entity_type, related_entity_id,
                               source_event_id, created_at)
    select tenant_id, id, user_id, kind, params, related_entity_type, related_entity_id, source_event_id, created_at
    from jsonb_to_recordset(${JSON.stringify(values)}::text::jsonb)
      as r(tenant_id uuid, id uuid, user_id uuid, kind text, params jsonb, related_entity_type text,
           related_entity_id text, source_event_id uuid, created_at timestamptz)
    on conflict (tenant_id, user_id, source_event_id) do nothing
    returning id`;
  return new Set(inserted.map(({ id }) => id));
}

/** Takes notifications of tasks or chats off all lists, with what they said. Worker role. */
export const eraseNotifications = (
  tx: Tx,
  type: 'task' | 'conversation',
  about: readonly { tenantId: string; id: string }[],
) => tx`
  update notifications n set params = '{}', removed_at = coalesce(n.removed_at, now())
  from unnest(${about.map((t) => t.tenantId)}::uuid[], ${about.map((t) => t.id)}::text[]) as w (tenant_id, id)
  where n.tenant_id = w.tenant_id and n.related_entity_id = w.id
    and ${type === 'task' ? tx`n.related_entity_type = 'task'` : tx`n.related_entity_type = 'conversation'`}`;

const KEEP = '90 days';
const PRUNE_BATCH = 200;

/**
 * Deletes some expired rows of the tenants that get new ones. It deletes more than come in, so old
 * ones do not pile up and no clock is needed. Worker role.
 */
export const pruneNotifications = (tx: Tx, tenantIds: readonly string[]) => tx`
  delete from notifications where (tenant_id, id) in (
    select tenant_id, id from notifications
    where tenant_id = any(${tenantIds as string[]}::uuid[]) and created_at < now() - ${KEEP}::interval
    limit ${PRUNE_BATCH} for update skip locked)`;

/** The notification as the internal API shows it. */
export function notificationView({ createdAt, ...row }: NotificationRow): Notification {
  return { ...row, type: NOTIFICATION_KINDS[row.kind], createdAt: createdAt.toISOString() };
}
