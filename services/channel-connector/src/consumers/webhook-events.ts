import { WEBHOOK_EVENT_NAMES, WEBHOOK_EVENTS } from '@recado/contracts';
import type { EventConsumer } from '@recado/messaging';
import { consume } from '@recado/service';
import { orderDeliveries } from '../deliveries/order.ts';
import type { Deps } from '../deps.ts';

/** The events that go out as webhooks → deliveries. Their own key absorbs repeats. */
export const consumeWebhookEvents = (deps: Deps): EventConsumer[] =>
  WEBHOOK_EVENT_NAMES.map((name) =>
    consume(deps, {
      event: WEBHOOK_EVENTS[name].event,
      dedupe: 'handler',
      // A message of several events is one row each: more at once would make long transactions.
      batch: 64,
      ignores: (tenantId) => deps.knownEndpoints.has(tenantId) === false,
      handle: (tx, events) => orderDeliveries(tx, deps, name, events),
    }),
  );
