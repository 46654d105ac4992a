import type { EventConsumer } from '@recado/messaging';
import { followTenants } from '@recado/service';
import type { Deps } from '../deps.ts';
import { consumeChannelReported } from './channel-reported.ts';
import { consumeContactErased } from './contact-erased.ts';
import { consumeFilesErased } from './files-erased.ts';
import { consumeMessageRead } from './message-read.ts';
import { consumeMessageBulkRequested, consumeMessageRequested } from './message-requested.ts';
import { consumeMessageStatus } from './message-status.ts';
import { consumeTemplateReported } from './template-reported.ts';
import { consumeWebhookEvents } from './webhook-events.ts';

/**
 * Starts what the connector consumes. All are idempotent by their unique keys, so no inbox is kept.
 */
export function startConsumers(deps: Deps): EventConsumer[] {
  return [
    consumeMessageRequested(deps),
    consumeMessageBulkRequested(deps),
    consumeMessageStatus(deps),
    consumeChannelReported(deps),
    consumeContactErased(deps),
    consumeFilesErased(deps),
    consumeMessageRead(deps),
    consumeTemplateReported(deps),
    ...followTenants(deps),
    ...consumeWebhookEvents(deps),
  ];
}
