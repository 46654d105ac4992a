import { sql } from 'drizzle-orm';
import {
  bigint,
  index,
  integer,
  type PgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true });

/**
 * The tables every service that publishes or consumes has in its own schema:
 * `export const { outbox, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);`
 */
export function messagingTables<Name extends string>(schema: PgSchema<Name>) {
  return {
    /** Events committed with the rows they tell of; kept 72 hours so that a lost stream can be published again. */
    outbox: schema.table(
      'outbox',
      {
        id: uuid('id').primaryKey(),
        tenantId: uuid('tenant_id').notNull(),
        subject: text('subject').notNull(),
        /** The envelope as it goes over the wire. Text, not jsonb: nobody queries it and nobody parses it on the way. */
        envelope: text('envelope').notNull(),
        dedupeKey: text('dedupe_key'),
        createdAt: time('created_at').notNull().defaultNow(),
        publishedAt: time('published_at'),
        /** Sequence in the stream. Set while published_at is null: the stream was lost, the row goes out again. */
        streamSeq: bigint('stream_seq', { mode: 'number' }),
      },
      (t) => [
        uniqueIndex('outbox_dedupe').on(t.tenantId, t.dedupeKey).where(sql`${t.dedupeKey} is not null`),
        index('outbox_unsent').on(t.createdAt, t.id).where(sql`${t.publishedAt} is null`),
        // For pruning only; costs next to nothing on insert.
        index('outbox_age').using('brin', t.createdAt),
      ],
    ),
    /** Event ids a consumer has taken; claimed in the transaction that handles the event. Kept 7 days. */
    inbox: schema.table(
      'inbox',
      {
        consumer: text('consumer').notNull(),
        eventId: uuid('event_id').notNull(),
        claimedAt: time('claimed_at').notNull().defaultNow(),
      },
      (t) => [primaryKey({ columns: [t.consumer, t.eventId] }), index('inbox_age').using('brin', t.claimedAt)],
    ),
    /** Events given up after 8 tries, and malformed ones at once. */
    deadLetters: schema.table(
      'dead_letters',
      {
        id: uuid('id').primaryKey(),
        /** Null when not even the subject told whose it was. */
        tenantId: uuid('tenant_id'),
        consumer: text('consumer').notNull(),
        /** Null when the envelope could not be read. */
        eventId: uuid('event_id'),
        subject: text('subject').notNull(),
        envelope: text('envelope').notNull(),
        error: text('error').notNull(),
        tries: integer('tries').notNull(),
        parkedAt: time('parked_at').notNull().defaultNow(),
        /** Somebody asked for another try; the consumer takes it from here. */
        replayRequestedAt: time('replay_requested_at'),
        /** The replay went well. */
        replayedAt: time('replayed_at'),
      },
      (t) => [
        uniqueIndex('dead_letters_event').on(t.consumer, t.eventId),
        index('dead_letters_parked').on(t.consumer, t.parkedAt).where(sql`${t.replayedAt} is null`),
      ],
    ),
    /** What the relay knows of the stream it publishes to: enough to see that it was lost. */
    relayState: schema.table('relay_state', {
      stream: text('stream').primaryKey(),
      streamCreated: text('stream_created').notNull(),
      highWater: bigint('high_water', { mode: 'number' }).notNull(),
      updatedAt: time('updated_at').notNull().defaultNow(),
    }),
    /** Failed tries of events not yet parked. Counted here: a lost stream forgets its own count. */
    deliveryTries: schema.table(
      'delivery_tries',
      {
        consumer: text('consumer').notNull(),
        eventId: uuid('event_id').notNull(),
        tries: integer('tries').notNull(),
        lastError: text('last_error').notNull(),
        updatedAt: time('updated_at').notNull().defaultNow(),
      },
      (t) => [primaryKey({ columns: [t.consumer, t.eventId] })],
    ),
  };
}
