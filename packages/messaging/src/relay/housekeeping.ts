import { setTimeout as pause } from 'node:timers/promises';
import { KEEP_HOURS } from '../jetstream/streams.ts';
import type { Log, Sql } from '../types.ts';

const EVERY_MS = 60_000;
const BATCH = 5000;

/**
 * Deletes expired rows in small batches with pauses; the README lists how long rows stay. The
 * relay's leader runs it, so one process of a service does.
 * @returns how to stop it
 */
export function startHousekeeping(sql: Sql, log: Log): () => void {
  const stop = new AbortController();
  void (async () => {
    try {
      // Not at once: leaders change when servers restart, and there is better to do then.
      await pause(EVERY_MS * (0.5 + Math.random()), undefined, { signal: stop.signal, ref: false });
      while (!stop.signal.aborted) {
        try {
          await prune(sql, stop.signal);
        } catch (error) {
          if (!stop.signal.aborted) log.warn({ err: error }, 'pruning failed; trying again in a minute');
        }
        await pause(EVERY_MS, undefined, { signal: stop.signal, ref: false });
      }
    } catch {
      // aborted
    }
  })();
  return () => stop.abort();
}

/** Services that make nothing on request keep no keys. */
async function hasCallKeys(sql: Sql): Promise<boolean> {
  const [found] = await sql<{ name: string | null }[]>`select to_regclass('call_keys')::text as name`;
  return found!.name !== null;
}

/** Deletes everything that is past its time; ends early when told to. */
export async function prune(sql: Sql, signal?: AbortSignal): Promise<void> {
  const steps = [
    () => sql`
      delete from outbox where ctid = any(array(
        select ctid from outbox
        where created_at < now() - make_interval(hours => ${KEEP_HOURS}) and published_at is not null limit ${BATCH}))`,
    () => sql`
      delete from outbox_keys where ctid = any(array(
        select ctid from outbox_keys where created_at < now() - make_interval(hours => ${KEEP_HOURS}) limit ${BATCH}))`,
    () => sql`
      delete from inbox where ctid = any(array(
        select ctid from inbox where claimed_at < now() - interval '7 days' limit ${BATCH}))`,
    ...((await hasCallKeys(sql))
      ? [
          () => sql`
      delete from call_keys where ctid = any(array(
        select ctid from call_keys where created_at < now() - make_interval(hours => ${KEEP_HOURS}) limit ${BATCH}))`,
        ]
      : []),
    () => sql`
      delete from delivery_tries where ctid = any(array(
        select ctid from delivery_tries
        where updated_at < now() - interval '30 days' and next_try_at is null limit ${BATCH}))`,
  ];
  for (const step of steps) {
    for (let more = true; more && !signal?.aborted; ) {
      const { count } = await step();
      more = count === BATCH;
      if (more) await pause(100);
    }
  }
}
