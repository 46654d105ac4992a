import { setTimeout as pause } from 'node:timers/promises';
import { postgresErrorRule } from '@recado/contracts';
import { pauseAfter } from '@recado/loops';
import type { Context } from '../context.ts';

export type Attempted = 'done' | 'stopping' | { error: unknown };

/** A lost race or a deadlock is tried so often before it counts as the work's own fault. */
const RETRIES = 5;
const PAUSE = { firstMs: 50, maxMs: 1000 };
/** While the database is away it is logged once in so many failures. */
const LOG_EVERY = 50;

/**
 * Does the work until it is done or fails by its own fault. A database that is away or busy is
 * waited for, and counts as no try.
 */
export async function attempt(context: Context, work: () => Promise<void>): Promise<Attempted> {
  const { log, name, stopping } = context;
  for (let failures = 1; ; failures++) {
    try {
      await work();
      return 'done';
    } catch (error) {
      const { event: reaction } = postgresErrorRule(error);
      if (reaction === 'count' || (reaction === 'retry' && failures > RETRIES)) return { error };
      if (stopping.aborted) return 'stopping';
      if (failures % LOG_EVERY === 1)
        log.warn({ err: error, consumer: name }, 'consumer: the database is away or busy; waiting');
      await pause(pauseAfter(failures, PAUSE));
    }
  }
}
