import { postgresErrorRule } from '@recado/contracts';
import { startLoop } from '@recado/loops';
import type { z } from 'zod';
import type { Delivered } from '../types.ts';
import { decodeMessage, tenantOf } from './decode.ts';
import type { BatchOptions } from './options.ts';
import { claimReplays, failReplay, finishReplay, type ReplayLetter } from './replays.ts';
import { claimDue, errorText, finishTry, park, recordAnotherTry, type WaitingEvent } from './store.ts';

/** How often it looks for work of other copies and for requested replays. */
const POLL_MS = 2000;

interface RetryOptions<D extends z.ZodType> extends Omit<BatchOptions<D>, 'onRetry' | 'generation'> {
  tell(taken: Delivered<z.output<D>>[], delivered: number): Promise<void>;
  tellFailed(one: Pick<Delivered, 'id' | 'tenantId'>, tries: number, error: unknown): void;
}

/**
 * Delivers failed events again, one by one, until they succeed or are parked, and dead letters that
 * are replayed. Runs beside the batches and never delays them.
 */
export function startRetries<D extends z.ZodType>(options: RetryOptions<D>) {
  const { db, event, name, handle, pausesMs, stopping, log, metrics, tell, tellFailed } = options;
  /** When events that failed here are due, by the steady clock. */
  let due: number[] = [];
  const loop = startLoop({
    round,
    // A database that is away is no news: the batches say so.
    log: { warn: (fields, message) => log.debug(fields, message) },
    failure: `consumer ${name}: cannot look for what is due`,
    failurePauseMs: 500,
  });

  async function round(): Promise<number> {
    const now = performance.now();
    due = due.filter((at) => at > now);
    const claimed = await claimDue(db, name);
    for (const waiting of claimed) if (!stopping.aborted) await tryAgain(waiting);
    for (const letter of await claimReplays(db, name)) if (!stopping.aborted) await replay(letter);
    if (claimed.length > 0) return 0;
    return Math.max(Math.min(POLL_MS, ...due.map((at) => at - performance.now())), 1);
  }

  function read(subject: string, envelope: string): Delivered<z.output<D>>[] {
    const { events, malformed } = decodeMessage(event, envelope, { subject, seq: 0, replay: true });
    if (malformed.length > 0) throw new Error(`malformed: ${malformed[0]!.reason}`);
    return events;
  }

  async function tryAgain(waiting: WaitingEvent): Promise<void> {
    const { subject, envelope, eventId } = waiting;
    try {
      const events = read(subject, envelope);
      const done = await db.begin(async (tx) => {
        if (!(await finishTry(tx, name, waiting))) return false; // another copy was faster
        await handle(tx, events);
        return true;
      });
      if (done) await tell(events, events.length);
    } catch (error) {
      if (postgresErrorRule(error).event !== 'count') return; // due again when our lease is over
      metrics.failed.labels(name).inc();
      const tenantId = tenantOf(subject);
      const tries = (await db.begin(async (tx) => {
        const text = errorText(error);
        const count = await recordAnotherTry(tx, name, waiting, text, pausesMs);
        if (count === null || count <= pausesMs.length) return count;
        await park(tx, { tenantId, consumer: name, eventId, subject, envelope, error: text, tries: count });
        return count;
      })) as number | null;
      if (tries !== null) tellFailed({ id: eventId, tenantId: tenantId! }, tries, error);
    }
  }

  /**
   * A requested replay of a dead letter: handled and marked replayed in one transaction, or parked
   * again.
   */
  async function replay(letter: ReplayLetter): Promise<void> {
    try {
      // Of an event batch that could not be read as a whole, all its events.
      const events = read(letter.subject, letter.envelope);
      const done = await db.begin(async (tx) => {
        if (!(await finishReplay(tx, letter.id))) return false; // another copy was faster
        await handle(tx, events);
        return true;
      });
      if (!done) return;
      log.info({ consumer: name, event: letter.eventId }, 'consumer: dead letter replayed');
      await tell(events, events.length);
    } catch (error) {
      // The replay is still asked for, so the next look takes it again.
      if (postgresErrorRule(error).event !== 'count') return;
      metrics.failed.labels(name).inc();
      await failReplay(db, letter.id, errorText(error));
      log.error({ err: error, consumer: name, event: letter.eventId }, 'consumer: dead letter failed again');
    }
  }

  return {
    /** An event that failed here is due in so many milliseconds. */
    dueIn(ms: number): void {
      if (due.length < 1000) due.push(performance.now() + ms + 5);
      loop.wake();
    },
    stop: loop.stop,
  };
}
