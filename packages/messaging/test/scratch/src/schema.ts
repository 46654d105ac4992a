import { pgSchema, text, uuid } from 'drizzle-orm/pg-core';
import { messagingTables } from '../../../src/tables.ts';

/**
 * A service's schema as the tests of this package use it: one table of its own and those of
 * messaging.
 */
export const schema = pgSchema('scratch');

export const notes = schema.table('notes', {
  id: uuid('id').primaryKey(),
  tenantId: uuid('tenant_id').notNull(),
  body: text('body').notNull(),
});

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
