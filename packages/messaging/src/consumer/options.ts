import type { EventContract, ServiceName } from '@recado/contracts';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { Bus } from '../jetstream/bus.ts';
import type { Metrics } from '../metrics.ts';
import type { Delivered, Log, Tx, WorkerSql } from '../types.ts';

/** What a consumer is, apart from the process it runs in. */
export interface ConsumerDefinition<D extends z.ZodType> {
  event: EventContract<D>;
  /**
   * Events in one transaction at most, or one event batch of 64; what is there now is taken,
   * nothing is waited for.
   */
  batch?: number;
  /**
   * Batches handled at the same time, none with a tenant of another: each tenant's events stay in their order, and one with a flood
   * does not hold up the others. One more is begun only beside a long one.
   */
  concurrency?: number;
  /**
   * Handles a batch in one transaction of the worker role. A throw rolls back, and the batch is halved until what fails
   * stands alone, is put aside and comes again alone; it must be able to run twice. What depends on the commit goes into `tx.onCommit`.
   */
  handle(tx: Tx, events: Delivered<z.output<D>>[]): Promise<unknown>;
  /**
   * Whether nothing of this tenant can matter to the handler: its events are then acknowledged unread. Asked for each message
   * before it is parsed, so it must be cheap; when in doubt it must say no. An event that failed before is always handed over.
   */
  ignores?(tenantId: string): boolean;
  /**
   * Runs after the commit and before the next batch. A throw here is logged and changes nothing.
   */
  afterCommit?(events: Delivered<z.output<D>>[]): void | Promise<void>;
  /**
   * `inbox`: each event is handed over once, also when it is redelivered. `handler`: all are; its
   * unique keys absorb repeats.
   */
  dedupe: 'inbox' | 'handler';
  /** Names the durable; `<service>-<entity>-<verb>` by default. */
  name?: string;
  /** Pauses between tries, in milliseconds; one try more than pauses. */
  pausesMs?: readonly number[];
}

export interface ConsumerOptions<D extends z.ZodType> extends ConsumerDefinition<D> {
  bus: Bus;
  /** Pool of the worker role of the service that consumes. */
  db: WorkerSql;
  /** Who consumes. */
  service: ServiceName;
  log: Log;
  registry?: Registry;
}

/** The same with all defaults, and what the parts of a consumer share. */
export interface BatchOptions<D extends z.ZodType> extends ConsumerOptions<D> {
  name: string;
  pausesMs: readonly number[];
  metrics: Metrics;
  stopping: AbortSignal;
  /** The durable's generation as last verified; null while that is unknown. */
  generation(): string | null;
  /** An event failed and is to be tried again in so many milliseconds. */
  onRetry(ms: number): void;
}
