import { Counter, Histogram, type Registry } from '@recado/service-kit';

/** What this service counts beside the kit's and the messaging's own metrics. */
export function createMetrics(registry: Registry) {
  const registers = [registry];
  return {
    settled: new Counter({
      name: 'recado_ai_replies_total',
      help: 'Replies that came to an end or to a pause: done, dropped, handed_off or retry, and why',
      labelNames: ['outcome', 'reason'],
      registers,
    }),
    modelSeconds: new Histogram({
      name: 'recado_ai_model_seconds',
      help: 'Time of the calls of the model, by result',
      labelNames: ['result'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
      registers,
    }),
    tokens: new Counter({ name: 'recado_ai_tokens_total', help: 'Tokens used', registers }),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
