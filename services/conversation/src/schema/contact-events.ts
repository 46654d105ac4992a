import type { ContactEventKind } from '@recado/contracts';
import { index, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { schema, tenantId, time } from './base.ts';

/** What happened to contacts and their chats, where no other row keeps it. No words. */
export const contactEvents = schema.table(
  'contact_events',
  {
    tenantId: tenantId(),
    contactId: uuid('contact_id').notNull(),
    at: time('at').notNull(),
    id: uuid('id').notNull(),
    kind: text('kind').$type<ContactEventKind>().notNull(),
    conversationId: uuid('conversation_id'),
    /** Who did it; null when no user did. */
    userId: uuid('user_id'),
    /** Ids alone. */
    data: jsonb('data').$type<Record<string, string | null>>(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.contactId, t.at, t.id] }),
    // One kind of a contact.
    index('contact_events_kind').on(t.tenantId, t.contactId, t.kind, t.at, t.id),
  ],
);
