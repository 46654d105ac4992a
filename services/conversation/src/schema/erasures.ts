import { index, integer, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

/** Where an erasure is. What is before it is committed. */
export interface ErasurePlace {
  step: 'chats' | 'groups';
  conversationId: string;
  /** The last message that was looked at in it. */
  message?: { at: string; id: string } | undefined;
}

/** What became of each person's data after `DELETE`: counts and times, and no words. */
export const erasures = schema.table(
  'erasures',
  {
    tenantId: tenantId(),
    contactId: uuid('contact_id').notNull(),
    status: text('status', { enum: ['running', 'done'] })
      .notNull()
      .default('running'),
    /** Whose request it was; null for an API key. */
    requestedBy: uuid('requested_by'),
    requestedAt: time('requested_at').notNull().defaultNow(),
    doneAt: time('done_at'),
    chats: integer('chats').notNull().default(0),
    messages: integer('messages').notNull().default(0),
    files: integer('files').notNull().default(0),
    notes: integer('notes').notNull().default(0),
    tasks: integer('tasks').notNull().default(0),
    /** How often all was gone through; what was on its way is found the next time. */
    round: integer('round').notNull().default(0),
    /** Where the round is: what is before it is committed. */
    place: jsonb('place').$type<ErasurePlace>(),
    /** Addresses to look for in groups; null once that is done. */
    addresses: text('addresses').array(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.contactId] })],
);

/**
 * Digests of addresses whose contact was erased. A message from before the erasure that comes late
 * is left out by it. Kept 8 days; longer while its owner wants no marketing, or is blocked.
 */
export const erasedIdentities = schema.table(
  'erased_identities',
  {
    tenantId: tenantId(),
    digest: text('digest').notNull(),
    erasedAt: time('erased_at').notNull(),
    blockedAt: time('blocked_at'),
    marketingStoppedAt: time('marketing_stopped_at'),
    marketingChangedAt: time('marketing_changed_at'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.digest] }), index('erased_identities_age').on(t.erasedAt)],
);
