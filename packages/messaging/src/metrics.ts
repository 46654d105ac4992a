import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * Metrics are made once per registry: a service starts one relay and many consumers with the same
 * one.
 */
const made = new WeakMap<Registry, Metrics>();
export type Metrics = ReturnType<typeof createMetrics>;

export function metricsOf(registry: Registry): Metrics {
  const known = made.get(registry);
  if (known) return known;
  const metrics = createMetrics(registry);
  made.set(registry, metrics);
  return metrics;
}

const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096];

function createMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  return {
    outboxUnsent: gauge('recado_outbox_unsent', 'Events committed but not yet in the stream (the leader knows)'),
    outboxOldest: gauge('recado_outbox_oldest_seconds', 'Age of the oldest of them'),
    relayLeader: gauge('recado_relay_leader', '1 where this process publishes for its service'),
    published: counter('recado_relay_published_total', 'Events acknowledged by the stream'),
    eventBatches: counter(
      'recado_relay_parcels_total',
      'Messages they travelled in: one for each event batch of the outbox',
    ),
    republished: counter('recado_relay_republished_total', 'Of them, those sent again after the stream was lost'),
    publishFailed: counter('recado_relay_publish_failed_total', 'Publishes without an ack; each is tried again'),
    recoveries: counter('recado_relay_stream_recoveries_total', 'Times the stream was found lost or rolled back'),
    relayBatch: new Histogram({
      name: 'recado_relay_batch_size',
      help: 'Events read from the outbox at once; what is handed over after its commit is not read',
      buckets: BATCHES,
      registers,
    }),
    streamBytes: gauge('recado_stream_bytes', 'Bytes in the stream (the leader knows)', ['stream']),
    streamMaxBytes: gauge('recado_stream_max_bytes', 'Bytes it may hold', ['stream']),
    consumerLag: gauge('recado_consumer_lag', 'Messages in the stream not yet taken; each holds 1 to 64 events', [
      'consumer',
    ]),
    handled: counter('recado_consumer_handled_total', 'Events handled and committed', ['consumer']),
    skipped: counter('recado_consumer_skipped_total', 'Events delivered again that were taken already', ['consumer']),
    ignored: counter('recado_consumer_ignored_total', 'Messages of tenants the consumer has no business with, unread', [
      'consumer',
    ]),
    failed: counter('recado_consumer_failed_total', 'Failed tries of single events', ['consumer']),
    parked: counter('recado_consumer_parked_total', 'Events parked as dead letters', ['consumer']),
    batch: new Histogram({
      name: 'recado_consumer_batch_size',
      help: 'Events handled in one transaction',
      labelNames: ['consumer'],
      buckets: BATCHES,
      registers,
    }),
  };
}
