import type { EventConsumer } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { consumeAuditRecorded } from './audit-recorded.ts';
import { consumeConversationCreated } from './conversation-created.ts';
import { consumeConversationUpdated } from './conversation-updated.ts';
import { consumeMessageCreated } from './message-created.ts';
import { consumeMessageUpdated } from './message-updated.ts';
import { consumeTenants } from './tenants.ts';

/** Starts what analytics consumes. */
export function startConsumers(deps: Deps): EventConsumer[] {
  return [
    consumeMessageCreated(deps),
    consumeMessageUpdated(deps),
    consumeConversationCreated(deps),
    consumeConversationUpdated(deps),
    ...consumeTenants(deps),
    ...consumeAuditRecorded(deps),
  ];
}
