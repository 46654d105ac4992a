import { postgresErrorRule } from '@recado/contracts';
import { startLoop } from '@recado/loops';
import type { Delivered } from '../../types.ts';
import type { Context } from '../context.ts';
import { decodeMessage, tenantOf } from '../decode.ts';
import { claimDue, errorText, finishTry, park, recordAnotherTry, type WaitingEvent } from '../store.ts';
import { tellFailed, tellHandled } from '../tell.ts';
import { claimReplays, failReplay, finishReplay, type ReplayLetter } from './replays.ts';

/** How often it looks for work of other copies and for requested replays. */
const POLL_MS = 2000;
/** Events that are noted at most; the others are found by the poll. */
const MAX_DUE = 1000;

/**
 * Delivers failed events again, one by one, until they succeed or are parked, and dead letters that
 * are replayed. Runs beside the batches and never delays them.
 */
export function startRetries(context: Context) {
  const { db, name, stopping, log } = context;
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
    for (const waiting of claimed) if (!stopping.aborted) await tryAgain(context, waiting);
    for (const letter of await claimReplays(db, name)) if (!stopping.aborted) await replay(context, letter);
    if (claimed.length > 0) return 0;
    return Math.max(Math.min(POLL_MS, ...due.map((at) => at - performance.now())), 1);
  }

  return {
    /** An event that failed here is due in so many milliseconds. */
    dueIn(ms: number): void {
      if (due.length < MAX_DUE) due.push(performance.now() + ms + 5);
      loop.wake();
    },
    stop: loop.stop,
  };
}

async function tryAgain(context: Context, waiting: WaitingEvent): Promise<void> {
  const { db, name, handle } = context;
  try {
    const events = read(context, waiting);
    const done = await db.begin(async (tx) => {
      if (!(await finishTry(tx, name, waiting))) return false; // another copy was faster
      await handle(tx, events);
      return true;
    });
    if (done) await tellHandled(context, events, events.length);
  } catch (error) {
    // Else it is due again when our lease is over.
    if (postgresErrorRule(error).event === 'count') await recordFailure(context, waiting, error);
  }
}

async function recordFailure(context: Context, waiting: WaitingEvent, cause: unknown): Promise<void> {
  const { db, name: consumer, pausesMs, counts } = context;
  const { subject, envelope, eventId } = waiting;
  counts.failed.inc();
  const tenantId = tenantOf(subject);
  const error = errorText(cause);
  const tries = await db.begin(async (tx) => {
    const count = await recordAnotherTry(tx, consumer, waiting, error, pausesMs);
    if (count === null || count <= pausesMs.length) return count;
    await park(tx, { tenantId, consumer, eventId, subject, envelope, error, tries: count });
    return count;
  });
  if (tries !== null) tellFailed(context, { id: eventId, tenantId: tenantId! }, tries, cause);
}

/**
 * A requested replay of a dead letter: handled and marked replayed in one transaction, or parked
 * again.
 */
async function replay(context: Context, letter: ReplayLetter): Promise<void> {
  const { db, name, handle, counts, log } = context;
  try {
    // Of an event batch that could not be read as a whole, all its events.
    const events = read(context, letter);
    const done = await db.begin(async (tx) => {
      if (!(await finishReplay(tx, letter.id))) return false; // another copy was faster
      await handle(tx, events);
      return true;
    });
    if (!done) return;
    log.info({ consumer: name, event: letter.eventId }, 'consumer: dead letter replayed');
    await tellHandled(context, events, events.length);
  } catch (error) {
    // Else it is still asked for: the next look takes it again.
    if (postgresErrorRule(error).event !== 'count') return;
    counts.failed.inc();
    await failReplay(db, letter.id, errorText(error));
    log.error({ err: error, consumer: name, event: letter.eventId }, 'consumer: dead letter failed again');
  }
}

function read({ event }: Context, { subject, envelope }: { subject: string; envelope: string }): Delivered[] {
  const { events, malformed } = decodeMessage(event, envelope, { subject, seq: 0, replay: true });
  if (malformed.length > 0) throw new Error(`malformed: ${malformed[0]!.reason}`);
  return events;
}
