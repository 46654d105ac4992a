import { callKeysTable, tenantsTable } from '@recado/database/tables';
import { jobsTables } from '@recado/jobs/tables';
import { messagingTables } from '@recado/messaging/tables';
import { schema } from './schema/base.ts';

export * from './schema/channels.ts';
export * from './schema/dispatches.ts';
export * from './schema/files.ts';
export * from './schema/webhooks.ts';
export { schema };

/** Plan and time zone of tenants. */
export const tenants = tenantsTable(schema);

export const callKeys = callKeysTable(schema);

export const { jobs } = jobsTables(schema);

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
