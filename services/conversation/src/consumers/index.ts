import type { EventConsumer } from '@recado/messaging';
import { followTenants, followUsers } from '@recado/service';
import type { Deps } from '../deps.ts';
import { consumeAiReplyRequested } from './ai-reply-requested.ts';
import { consumeMessageReceived } from './message-received.ts';
import { consumeMessageStatus } from './message-status.ts';

/**
 * Starts what conversation consumes. All are idempotent by their unique keys or by rank, so no
 * inbox is kept.
 */
export function startConsumers(deps: Deps): EventConsumer[] {
  return [
    consumeMessageReceived(deps),
    consumeMessageStatus(deps),
    consumeAiReplyRequested(deps),
    ...followTenants(deps),
    ...followUsers(deps),
  ];
}
