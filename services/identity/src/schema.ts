import { callKeysTable } from '@recado/database/tables';
import { messagingTables } from '@recado/messaging/tables';
import { schema } from './schema/base.ts';

export * from './schema/api-keys.ts';
export * from './schema/notifications.ts';
export * from './schema/proofs.ts';
export * from './schema/sessions.ts';
export * from './schema/tenants.ts';
export * from './schema/two-factor.ts';
export * from './schema/users.ts';
export { schema };

export const callKeys = callKeysTable(schema);

export const { outbox, outboxKeys, inbox, deadLetters, relayState, deliveryTries } = messagingTables(schema);
