import { Registry } from 'prom-client';
import { durableName } from '../jetstream/durables.ts';
import { metricsOf } from '../metrics.ts';
import type { ConsumerOptions } from './options.ts';

/** Milliseconds between the tries of one event: 8 tries, then it is parked. */
export const DEFAULT_PAUSES_MS = [250, 1000, 3000, 10_000, 30_000, 60_000, 300_000];

/** What the steps of a consumer share: its options with all defaults. */
export interface Context extends ConsumerOptions {
  name: string;
  batch: number;
  concurrency: number;
  pausesMs: readonly number[];
  /** Whether each event is claimed in the inbox, by the transaction that handles it. */
  inbox: boolean;
  counts: ReturnType<typeof countsOf>;
  stopping: AbortSignal;
  /** The durable's generation as last verified; null while that is unknown. */
  generation(): string | null;
  /** An event failed and is to be tried again in so many milliseconds. */
  onRetry(ms: number): void;
}

export function createContext(
  options: ConsumerOptions,
  parts: Pick<Context, 'stopping' | 'generation' | 'onRetry'>,
): Context {
  const { service, event, registry = new Registry(), dedupe } = options;
  const name = options.name ?? durableName(service, event);
  return {
    ...options,
    ...parts,
    name,
    batch: options.batch ?? 256,
    concurrency: options.concurrency ?? 1,
    pausesMs: options.pausesMs ?? DEFAULT_PAUSES_MS,
    inbox: dedupe === 'inbox',
    counts: countsOf(registry, name),
  };
}

/** Labelled once: each event pays for an addition only. */
function countsOf(registry: Registry, name: string) {
  const metrics = metricsOf(registry);
  return {
    lag: metrics.consumerLag.labels(name),
    handled: metrics.handled.labels(name),
    skipped: metrics.skipped.labels(name),
    ignored: metrics.ignored.labels(name),
    failed: metrics.failed.labels(name),
    parked: metrics.parked.labels(name),
    sizes: metrics.batch.labels(name),
  };
}
