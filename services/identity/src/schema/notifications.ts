import type { Notification, NotificationKind } from '@recado/contracts';
import { sql } from 'drizzle-orm';
import { foreignKey, index, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, time } from './base.ts';
import { users } from './users.ts';

/** Notifications of users, one row each, for 90 days. */
export const notifications = schema.table(
  'notifications',
  {
    tenantId: uuid('tenant_id').notNull(),
    id: uuid('id').notNull(),
    userId: uuid('user_id').notNull(),
    kind: text('kind').$type<NotificationKind>().notNull(),
    params: jsonb('params').$type<Notification['params']>().notNull(),
    relatedEntityType: text('related_entity_type'),
    relatedEntityId: text('related_entity_id'),
    /** The source event: a repeat makes no second one. */
    sourceEventId: uuid('source_event_id').notNull(),
    readAt: time('read_at'),
    /**
     * Taken off the person's list. The row stays its 90 days, so that a repeat of the event finds
     * it.
     */
    removedAt: time('removed_at'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [users.tenantId, users.id] }).onDelete('cascade'),
    uniqueIndex('notifications_source_key').on(t.tenantId, t.userId, t.sourceEventId),
    index('notifications_user_idx').on(t.tenantId, t.userId, t.createdAt, t.id),
    index('notifications_unread_idx')
      .on(t.tenantId, t.userId)
      .where(sql`${t.readAt} is null and ${t.removedAt} is null`),
    // Those of a task that is deleted.
    index('notifications_task_idx').on(t.tenantId, t.relatedEntityId).where(sql`${t.relatedEntityType} = 'task'`),
    // Those of a chat whose contact was erased.
    index('notifications_chat_idx')
      .on(t.tenantId, t.relatedEntityId)
      .where(sql`${t.relatedEntityType} = 'conversation'`),
    // For pruning.
    index('notifications_age_idx').on(t.tenantId, t.createdAt),
  ],
);

/** The last known status of a channel, so that only a connected channel can be lost. */
export const channelStates = schema.table(
  'channel_states',
  {
    tenantId: uuid('tenant_id').notNull(),
    channelId: uuid('channel_id').notNull(),
    /** `unconnected`, `connected` or `lost`. */
    state: text('state').notNull(),
    /** Of the event; what arrives with an earlier time is old news. */
    at: time('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.channelId] })],
);
