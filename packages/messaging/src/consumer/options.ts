import type { EventContract, ServiceName } from '@recado/contracts';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { Bus } from '../jetstream/bus.ts';
import type { Delivered, Log, Tx, WorkerSql } from '../types.ts';

/** What a consumer is, apart from the process it runs in. */
export interface ConsumerDefinition<D extends z.ZodType = z.ZodType> {
  event: EventContract<D>;
  /**
   * Events in one transaction at most, or one event batch of 64; what is there now is taken,
   * nothing is waited for.
   */
  batch?: number;
  /**
   * Batches handled at the same time, each with other tenants: a tenant's events stay in order, and
   * its flood delays no other. Another one begins only beside a long one.
   */
  concurrency?: number;
  /**
   * Handles a batch in one worker transaction. It must be able to run twice: after a throw the
   * batch is halved until the failing event is alone. `tx.onCommit` takes what needs the commit.
   */
  handle(tx: Tx, events: Delivered<z.output<D>>[]): Promise<unknown>;
  /**
   * Whether the handler needs no event of this tenant: they are acknowledged unread. Must be cheap,
   * and false when not sure. An event that failed before is always delivered.
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

export interface ConsumerOptions<D extends z.ZodType = z.ZodType> extends ConsumerDefinition<D> {
  bus: Bus;
  /** Pool of the worker role of the service that consumes. */
  db: WorkerSql;
  /** Who consumes. */
  service: ServiceName;
  log: Log;
  registry?: Registry;
}
