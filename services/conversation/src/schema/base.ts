import { pgSchema, timestamp, uuid } from 'drizzle-orm/pg-core';

/**
 * No foreign keys: contact, conversation and message are written in one transaction and none is
 * deleted alone. Three checks per row would slow the hottest path.
 */
export const schema = pgSchema('conversation');

/**
 * Milliseconds, as JavaScript and the cursors of pages have them; finer digits would make rows
 * vanish between two pages.
 */
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

export const tenantId = () => uuid('tenant_id').notNull();
