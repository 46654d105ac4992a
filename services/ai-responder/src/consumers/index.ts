import type { EventConsumer } from '@recado/messaging';
import { followTenants } from '@recado/service';
import type { Deps } from '../deps.ts';
import { consumeContactErased } from './contact-erased.ts';
import { consumeMessageCreated } from './message-created.ts';
import { consumeTimerFired } from './timer-fired.ts';

/**
 * Starts what ai-responder consumes. The replies' own key absorbs repeats, so no inbox is written
 * for every message.
 */
export function startConsumers(deps: Deps): EventConsumer[] {
  return [consumeMessageCreated(deps), consumeTimerFired(deps), consumeContactErased(deps), ...followTenants(deps)];
}
