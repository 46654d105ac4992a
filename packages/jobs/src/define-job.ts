import { backoff } from '@recado/loops';
import type { z } from 'zod';

/** A kind of job: its data and how it is run. */
export interface JobDefinition<D extends z.ZodType = z.ZodType> {
  name: string;
  schema: D;
  /** Milliseconds until another copy may take a claimed job. Progress begins the lease anew. */
  lease: number;
  retry: RetryRule;
  concurrency: Concurrency;
  /** Days for which a job that is done is kept, and its key with it. */
  keepDays: number;
}

export interface RetryRule {
  /** Between tries, in milliseconds; one try more than pauses. `backoff()` makes them. */
  pausesMs: readonly number[];
  /** A job whose lease ran out so often in a row is given up: it may be what kills its process. */
  maxLost: number;
}

export interface Concurrency {
  /** Jobs at the same time, in each copy. */
  places: number;
  /** Of one tenant. */
  perTenant: number;
}

export interface JobOptions<D extends z.ZodType> {
  schema: D;
  lease: number;
  retry?: Partial<RetryRule>;
  /** Places of each copy. One tenant takes half of them at most, unless `perTenant` is given. */
  concurrency?: number | Concurrency;
  keepDays?: number;
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const DEFAULT_PAUSES_MS = backoff({ tries: 8, firstMs: 1000, factor: 3, maxMs: 600_000 });

/** @throws when a number or the name makes no sense */
export function defineJob<D extends z.ZodType>(name: string, options: JobOptions<D>): JobDefinition<D> {
  const { schema, lease, retry, concurrency = 8, keepDays = 7 } = options;
  if (!NAME.test(name)) throw new Error(`job ${name}: the name must be kebab-case`);
  if (!(lease >= 100)) throw new Error(`job ${name}: lease must be 100 ms at least`);
  return {
    name,
    schema,
    lease,
    retry: { pausesMs: DEFAULT_PAUSES_MS, maxLost: 5, ...retry },
    concurrency: concurrencyOf(concurrency),
    keepDays,
  };
}

/** Half of the places for one tenant at most, so that a flood leaves the others a way. */
export function concurrencyOf(given: number | Concurrency): Concurrency {
  const { places, perTenant } =
    typeof given === 'number' ? { places: given, perTenant: Math.max(1, Math.ceil(given / 2)) } : given;
  if (!(places >= 1 && perTenant >= 1)) throw new Error('concurrency: places and perTenant must be 1 at least');
  return { places, perTenant };
}
