import type { EventConsumer } from '@recado/messaging';
import { followTenants } from '@recado/service';
import type { Deps } from '../deps.ts';
import { saveZones } from '../tenants/store.ts';
import { consumeAuditRecorded } from './audit-recorded.ts';
import { consumeContactErased } from './contact-erased.ts';
import { consumeConversationCreated } from './conversation-created.ts';
import { consumeConversationUpdated } from './conversation-updated.ts';
import { consumeFilesErased } from './files-erased.ts';
import { consumeMessageCreated } from './message-created.ts';
import { consumeMessageUpdated } from './message-updated.ts';

/** Starts what analytics consumes. */
export function startConsumers(deps: Deps): EventConsumer[] {
  return [
    consumeMessageCreated(deps),
    consumeMessageUpdated(deps),
    consumeConversationCreated(deps),
    consumeConversationUpdated(deps),
    consumeContactErased(deps),
    consumeFilesErased(deps),
    ...followTenants(deps, async (tx, tenants) => {
      await saveZones(tx, tenants);
      // A zone decides when the day of its figures began.
      tx.onCommit(() => deps.announcer.moved(tenants.map(({ tenantId }) => tenantId)));
    }),
    ...consumeAuditRecorded(deps),
  ];
}
