import { sql } from 'drizzle-orm';
import { customType, index, primaryKey, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

/**
 * The words of up to 250 messages: a lexeme's positions are places in `messageIds`. One segment of
 * a tenant has no words yet and takes new messages.
 */
export const searchSegments = schema.table(
  'search_segments',
  {
    tenantId: tenantId(),
    id: uuid('id').notNull(),
    messageIds: uuid('message_ids').array().notNull(),
    words: tsvector('words'),
    /** The times of its messages. */
    oldestAt: time('oldest_at').notNull(),
    newestAt: time('newest_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex('search_segments_open').on(t.tenantId).where(sql`${t.words} is null`),
    // Lexemes begin with a tag of their tenant. Rows come seldom, so none waits in a pending list.
    index('search_segments_words').using('gin', t.words).with({ fastupdate: false }),
  ],
);

/** Messages from before the index, which a job goes through once for each tenant. */
export const searchBackfills = schema.table(
  'search_backfills',
  {
    tenantId: tenantId(),
    /** Those with a smaller id are not in the index yet; null once all are. */
    beforeId: uuid('before_id'),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId] })],
);
