import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  index,
  integer,
  type PgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

const time = (name: string) => timestamp(name, { withTimezone: true });

/**
 * The tables every service that publishes or consumes has in its own schema: `export const {
 * outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);`
 */
export function messagingTables<Name extends string>(schema: PgSchema<Name>) {
  return {
    /**
     * Events committed with their change, kept 72 hours so that a lost stream can be published
     * again. A row is an event batch: 1 to 64 events of one subject.
     */
    outbox: schema.table(
      'outbox',
      {
        id: uuid('id').primaryKey(),
        tenantId: uuid('tenant_id').notNull(),
        subject: text('subject').notNull(),
        /**
         * What goes over the wire: the envelope of one event, or an array of several. Text, not
         * jsonb: no query reads into it, and nothing parses it on the way.
         */
        envelope: text('envelope').notNull(),
        /** How many events it holds. */
        events: smallint('events').notNull().default(1),
        /**
         * Not written any more, see outbox_keys; stays for the version before, which a release may
         * go back to.
         */
        dedupeKey: text('dedupe_key'),
        createdAt: time('created_at').notNull().defaultNow(),
        publishedAt: time('published_at'),
        /**
         * Sequence in the stream. Set while published_at is null: the stream was lost, the row goes
         * out again.
         */
        streamSeq: bigint('stream_seq', { mode: 'number' }),
      },
      (t) => [
        uniqueIndex('outbox_dedupe').on(t.tenantId, t.dedupeKey).where(sql`${t.dedupeKey} is not null`),
        index('outbox_unsent').on(t.createdAt, t.id).where(sql`${t.publishedAt} is null`),
        // For reading a backlog in turns: the oldest unsent rows of each tenant.
        index('outbox_unsent_tenant').on(t.tenantId, t.createdAt, t.id).where(sql`${t.publishedAt} is null`),
        // For pruning only; costs next to nothing on insert.
        index('outbox_age').using('brin', t.createdAt),
      ],
    ),
    /** Dedupe keys of events in the outbox, kept as long; see OutgoingEvent. */
    outboxKeys: schema.table(
      'outbox_keys',
      {
        tenantId: uuid('tenant_id').notNull(),
        /** The first half of the key's SHA-256: keys are long and are only ever compared. */
        key: uuid('key').notNull(),
        createdAt: time('created_at').notNull().defaultNow(),
      },
      (t) => [primaryKey({ columns: [t.tenantId, t.key] }), index('outbox_keys_age').using('brin', t.createdAt)],
    ),
    /**
     * Event batches and events a consumer has taken; claimed in the transaction that handles them.
     * Kept 7 days.
     */
    inbox: schema.table(
      'inbox',
      {
        consumer: text('consumer').notNull(),
        /** Of a single event its id, of several in one event batch that batch's id. */
        eventId: uuid('event_id').notNull(),
        claimedAt: time('claimed_at').notNull().defaultNow(),
        /**
         * False for an event batch that was handled event by event: each of its events has a row of
         * its own.
         */
        whole: boolean('whole').notNull().default(true),
      },
      (t) => [primaryKey({ columns: [t.consumer, t.eventId] }), index('inbox_age').using('brin', t.claimedAt)],
    ),
    /** Events given up after 8 tries, and malformed ones at once. */
    deadLetters: schema.table(
      'dead_letters',
      {
        id: uuid('id').primaryKey(),
        /** Null when not even the subject names a tenant. */
        tenantId: uuid('tenant_id'),
        consumer: text('consumer').notNull(),
        /** Null when the envelope could not be read. */
        eventId: uuid('event_id'),
        subject: text('subject').notNull(),
        envelope: text('envelope').notNull(),
        error: text('error').notNull(),
        tries: integer('tries').notNull(),
        parkedAt: time('parked_at').notNull().defaultNow(),
        /** A replay was requested; the consumer does the rest. */
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
    /**
     * Failed events and their next try. This table decides, because the stream has their acks
     * already.
     */
    deliveryTries: schema.table(
      'delivery_tries',
      {
        consumer: text('consumer').notNull(),
        eventId: uuid('event_id').notNull(),
        tries: integer('tries').notNull(),
        lastError: text('last_error').notNull(),
        updatedAt: time('updated_at').notNull().defaultNow(),
        tenantId: uuid('tenant_id'),
        /**
         * Null, like envelope and next_try_at, in rows of versions that left waiting to the stream.
         */
        subject: text('subject'),
        envelope: text('envelope'),
        nextTryAt: time('next_try_at'),
      },
      (t) => [
        primaryKey({ columns: [t.consumer, t.eventId] }),
        index('delivery_tries_due_tenant')
          .on(t.consumer, t.tenantId, t.nextTryAt)
          .where(sql`${t.nextTryAt} is not null`),
        index('delivery_tries_due').on(t.consumer, t.nextTryAt).where(sql`${t.nextTryAt} is not null`),
      ],
    ),
  };
}

type Tables = ReturnType<typeof messagingTables<string>>;
export type DeadLetterRow = Tables['deadLetters']['$inferSelect'];
export type DeliveryTryRow = Tables['deliveryTries']['$inferSelect'];
export type RelayStateRow = Tables['relayState']['$inferSelect'];
