import { callKeysTable, tenantsTable, usersTable } from '@recado/database/tables';
import { jobsTables } from '@recado/jobs/tables';
import { messagingTables } from '@recado/messaging/tables';
import { schema } from './schema/base.ts';

export * from './schema/automation.ts';
export * from './schema/boards.ts';
export * from './schema/campaigns.ts';
export * from './schema/clocks.ts';
export * from './schema/contact-events.ts';
export * from './schema/contacts.ts';
export * from './schema/conversations.ts';
export * from './schema/desk.ts';
export * from './schema/erasures.ts';
export * from './schema/groups.ts';
export * from './schema/imports.ts';
export * from './schema/messages.ts';
export * from './schema/search.ts';
export * from './schema/statuses.ts';
export * from './schema/surveys.ts';
export * from './schema/tasks.ts';
export { schema };

/** Plan and time zone of tenants. */
export const tenants = tenantsTable(schema);

/** Whom a chat or a task may be assigned to. */
export const users = usersTable(schema);

export const callKeys = callKeysTable(schema);

export const { jobs } = jobsTables(schema);

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
