import { Counter, Gauge, Histogram, type Registry } from '@recado/service-kit';

export type ConnectorMetrics = ReturnType<typeof createConnectorMetrics>;

export function createConnectorMetrics(registry: Registry) {
  const registers = [registry];
  return {
    webhooks: new Counter({
      name: 'recado_webhooks_total',
      help: 'Webhooks by the status they were answered with',
      labelNames: ['status'],
      registers,
    }),
    items: new Counter({
      name: 'recado_webhook_items_total',
      help: 'Messages (by type), statuses (by status) and ignored parts of accepted webhooks',
      labelNames: ['kind', 'name'],
      registers,
    }),
    repeats: new Counter({
      name: 'recado_webhook_repeats_total',
      help: 'Items that were stored before',
      registers,
    }),
    spooled: new Counter({
      name: 'recado_webhook_spooled_total',
      help: 'Webhooks kept on disk because they could not be stored, or were beyond a limit, and will not come again',
      registers,
    }),
    lost: new Counter({
      name: 'recado_webhook_lost_total',
      help: 'Webhooks that will not come again and found no room on disk',
      registers,
    }),
    parked: new Counter({
      name: 'recado_webhook_parked_total',
      help: 'Webhooks on disk that were given up: damaged, or failed eight times by themselves',
      registers,
    }),
    limited: new Counter({
      name: 'recado_inbound_limited_total',
      help: 'Webhooks answered 429 because their number received more than its plan allows',
      registers,
    }),
    badSignatures: new Counter({
      name: 'recado_webhook_bad_signatures_total',
      help: 'Webhooks refused for a wrong or missing signature',
      registers,
    }),
    sends: new Counter({
      name: 'recado_sends_total',
      help: 'Sends by result',
      labelNames: ['result'],
      registers,
    }),
    sendSeconds: new Histogram({
      name: 'recado_send_seconds',
      help: "From a message's request to the end of its provider call",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers,
    }),
    receipts: new Counter({
      name: 'recado_read_receipts_total',
      help: 'Read receipts by result; superseded: a later message of the conversation was read meanwhile',
      labelNames: ['result'],
      registers,
    }),
    files: new Counter({
      name: 'recado_files_total',
      help: 'Files stored, or not had, by where they come from',
      labelNames: ['source', 'result'],
      registers,
    }),
    filesErased: new Counter({
      name: 'recado_files_erased_total',
      help: 'Files whose bytes were removed from the storage',
      registers,
    }),
    uploads: new Counter({
      name: 'recado_provider_uploads_total',
      help: 'Files brought to providers that keep them, by result: done or failed',
      labelNames: ['result'],
      registers,
    }),
    inFlight: new Gauge({ name: 'recado_sends_in_flight', help: 'Provider calls under way', registers }),
    webhooksOut: {
      ordered: new Counter({
        name: 'recado_webhook_deliveries_total',
        help: 'Events that go to an endpoint of a tenant',
        registers,
      }),
      tries: new Counter({
        name: 'recado_webhook_tries_total',
        help: 'Tries by what follows: delivered, again, failed or gone',
        labelNames: ['result'],
        registers,
      }),
      seconds: new Histogram({
        name: 'recado_webhook_try_seconds',
        help: 'Time of a try, to the first bytes of the answer',
        buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
        registers,
      }),
      inFlight: new Gauge({ name: 'recado_webhook_tries_in_flight', help: 'Tries under way', registers }),
      disabled: new Counter({
        name: 'recado_webhook_endpoints_disabled_total',
        help: 'Endpoints that were switched off because nothing could be delivered',
        registers,
      }),
    },
    resting: new Gauge({
      name: 'recado_sends_resting',
      help: 'Numbers whose provider does not answer: one message at a time is tried',
      registers,
    }),
    uncertain: new Gauge({
      name: 'recado_dispatches_uncertain',
      help: 'Messages whose reply was lost, not settled yet',
      registers,
    }),
  };
}
