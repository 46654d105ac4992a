import type { EventConsumer } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { consumeChannelStatus } from './channel-status.ts';
import { consumeContactErased } from './contact-erased.ts';
import { consumeNotices } from './notices.ts';
import { consumeTaskDeleted } from './task-deleted.ts';

/** Starts what identity consumes: the events that become notifications. */
export function startConsumers(deps: Deps): EventConsumer[] {
  return [consumeChannelStatus(deps), ...consumeNotices(deps), consumeTaskDeleted(deps), consumeContactErased(deps)];
}
