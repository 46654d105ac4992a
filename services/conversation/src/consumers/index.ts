import type { EventConsumer } from '@recado/messaging';
import { followTenants, followUsers } from '@recado/service';
import { learnAgents } from '../agents/learn.ts';
import type { Deps } from '../deps.ts';
import { forgetUsers } from '../forget-users.ts';
import { consumeAiReplyRequested } from './ai-reply-requested.ts';
import { consumeContactReported } from './contact-reported.ts';
import { consumeDispatchUncertain } from './dispatch-uncertain.ts';
import { consumeFileErased } from './file-erased.ts';
import { consumeGroupReported } from './group-reported.ts';
import { consumeMediaFetched } from './media-fetched.ts';
import { consumeMessageCreated } from './message-created.ts';
import { consumeMessageReceived } from './message-received.ts';
import { consumeMessageStatus } from './message-status.ts';
import { consumeMessageSynced } from './message-synced.ts';
import { startRouting } from './routing.ts';
import { consumeTimerFired } from './timer-fired.ts';

/**
 * Starts what conversation consumes. All are idempotent by their unique keys or by rank, so no
 * inbox is kept.
 */
export function startConsumers(deps: Deps): EventConsumer[] {
  return [
    consumeMessageReceived(deps),
    consumeMessageCreated(deps),
    consumeMessageStatus(deps),
    consumeMessageSynced(deps),
    consumeContactReported(deps),
    consumeDispatchUncertain(deps),
    consumeFileErased(deps),
    consumeGroupReported(deps),
    consumeMediaFetched(deps),
    consumeAiReplyRequested(deps),
    consumeTimerFired(deps),
    ...followTenants(deps),
    ...followUsers(deps, async (tx, events, removed) => {
      await learnAgents(tx, deps, events, removed);
      if (!removed) return;
      await forgetUsers(
        tx,
        events.map(({ tenantId, data: { userId } }) => ({ tenantId, userId })),
      );
    }),
    ...startRouting(deps),
  ];
}
