import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import type { ConsumerOptions } from './consume.ts';
import { failReplay, finishReplay, type ReplayLetter } from './consume-replays.ts';
import { claimInbox, clearTries, countTry, errorText, park } from './consume-store.ts';
import { type Decoded, decodeEvent, tenantOf } from './decode.ts';
import type { Metrics } from './metrics.ts';
import { passingReason } from './passing-errors.ts';
import type { Pulled } from './puller.ts';
import type { Delivered, Tx } from './types.ts';

/** A delivery held by this process. */
export interface Held {
  message: Pulled;
  /** When it came, Unix milliseconds. */
  at: number;
  /** Which life of the durable delivered it: an ack counts there only. */
  life: string;
  /** Acknowledged or given back. */
  settled: boolean;
}

interface Entry<T> {
  held: Held;
  event: Delivered<T>;
}

interface BatchOptions<D extends z.ZodType> extends ConsumerOptions<D> {
  name: string;
  pausesMs: readonly number[];
  metrics: Metrics;
  stopping: AbortSignal;
  /** The life of the durable as last verified; null while that is unknown. */
  life(): string | null;
}

const TEXT = new TextDecoder();

/** What a consumer does with deliveries: transactions, acks, tries, parking. */
export function createBatchHandler<D extends z.ZodType>(options: BatchOptions<D>) {
  type T = z.output<D>;
  const { bus, db, event, name, handle, ignores, afterCommit, log, pausesMs, stopping } = options;
  const inbox = options.dedupe === 'inbox';
  const handled = options.metrics.handled.labels(name);
  const skipped = options.metrics.skipped.labels(name);
  const ignored = options.metrics.ignored.labels(name);
  const failed = options.metrics.failed.labels(name);
  const parked = options.metrics.parked.labels(name);
  const sizes = options.metrics.batch.labels(name);
  /** Ids that failed alone before: kept out of batches, or each of their tries would cost a batch its first run. */
  const suspects = new Set<string>();

  function reply(held: Held, text: string): void {
    // An ack names a sequence and nothing else. Sent to a durable made anew after its stream was lost, it would confirm another
    // event there. So it is left out whenever in doubt: the server delivers again, which is absorbed.
    if (bus.connected() && options.life() === held.life) bus.nc.publish(held.message.reply, text);
  }
  function settle(held: Held, text: string): void {
    if (held.settled) return;
    held.settled = true;
    reply(held, text);
  }
  const ack = (held: Held) => settle(held, '+ACK');
  const retryLater = (held: Held, ms: number) => settle(held, `-NAK {"delay":${Math.round(ms)}000000}`);

  /** Suspects may have tries counted in the database, which only handling clears. */
  function isIgnored(subject: string): boolean {
    if (!ignores || suspects.size > 0) return false;
    const tenantId = tenantOf(subject);
    return tenantId !== null && ignores(tenantId);
  }

  async function handleBatch(batch: Held[]): Promise<void> {
    const good: Entry<T>[] = [];
    const alone: Entry<T>[] = [];
    for (const held of batch) {
      const { message } = held;
      if (isIgnored(message.subject)) {
        ack(held);
        ignored.inc();
        continue;
      }
      const decoded = decodeEvent(event, message.data, message);
      if ('malformed' in decoded) await parkMalformed(held, decoded);
      else if (suspects.has(decoded.event.id)) alone.push({ held, event: decoded.event });
      else good.push({ held, event: decoded.event });
    }
    if (good.length > 0) await run(good);
    for (const entry of alone) await run([entry]);
  }

  /** Runs entries in one transaction; when that fails, in halves, until what fails stands alone. */
  async function run(entries: Entry<T>[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await commit(entries);
        return;
      } catch (error) {
        const passing = passingReason(error);
        if (passing === 'outage' || (passing === 'contention' && attempt < 5)) {
          if (stopping.aborted) return giveBackAll(entries);
          if (attempt % 50 === 0)
            log.warn({ err: error, consumer: name }, 'consumer: the database is away or busy; waiting');
          // No try of theirs: the same batch again.
          await pause(Math.min(50 * 2 ** Math.min(attempt, 5), 1000));
          continue;
        }
        if (entries.length === 1) return fail(entries[0]!, error);
        log.debug({ err: error, consumer: name, size: entries.length }, 'consumer: batch failed, halving it');
        const middle = entries.length >> 1;
        await run(entries.slice(0, middle));
        return run(entries.slice(middle));
      }
    }
  }

  async function commit(entries: Entry<T>[]): Promise<void> {
    sizes.observe(entries.length);
    const taken = (await db.begin((tx) =>
      work(
        tx,
        entries.map((entry) => entry.event),
      ),
    )) as Delivered<T>[];
    // Never before this line.
    for (const entry of entries) ack(entry.held);
    handled.inc(taken.length);
    if (taken.length < entries.length) skipped.inc(entries.length - taken.length);
    await tellCommitted(taken);
  }

  /** In a transaction: claims, handles; returns what was handed to the handler. */
  async function work(tx: Tx, events: Delivered<T>[]): Promise<Delivered<T>[]> {
    const fresh = await freshOf(tx, events);
    if (fresh.length > 0) await handle(tx, fresh);
    const recovered = suspects.size === 0 ? [] : fresh.filter((one) => suspects.has(one.id)).map((one) => one.id);
    if (recovered.length > 0) await clearTries(tx, name, recovered);
    for (const id of recovered) suspects.delete(id);
    return fresh;
  }

  /** Each event once, and with `dedupe: inbox` only those nobody had taken. */
  async function freshOf(tx: Tx, events: Delivered<T>[]): Promise<Delivered<T>[]> {
    const byId = new Map<string, Delivered<T>>();
    for (const one of events) if (!byId.has(one.id)) byId.set(one.id, one);
    if (!inbox) return byId.size === events.length ? events : [...byId.values()];
    const claimed = await claimInbox(tx, name, [...byId.keys()]);
    if (claimed.size === events.length) return events;
    return [...byId.values()].filter((one) => claimed.has(one.id));
  }

  async function tellCommitted(events: Delivered<T>[]): Promise<void> {
    if (!afterCommit || events.length === 0) return;
    try {
      await afterCommit(events);
    } catch (error) {
      log.error({ err: error, consumer: name }, 'consumer: afterCommit failed; the events stay handled');
    }
  }

  /** One event failed alone: count it, and let it wait or park it. */
  async function fail({ held, event: one }: Entry<T>, error: unknown): Promise<void> {
    failed.inc();
    if (suspects.size > 10_000) suspects.clear();
    suspects.add(one.id);
    try {
      const tries = await countTry(db, name, one.id, errorText(error));
      if (tries <= pausesMs.length) {
        log.warn({ err: error, consumer: name, event: one.id, tenant: one.tenantId, tries }, 'consumer: event failed');
        return retryLater(held, pausesMs[tries - 1]!);
      }
      await parkEvent(held, one.tenantId, one.id, tries, error);
      suspects.delete(one.id);
    } catch (storeError) {
      // Could not even be counted: the database is away. Let it come again.
      log.warn({ err: storeError, consumer: name, event: one.id }, 'consumer: could not count a failed try');
      retryLater(held, 1000);
    }
  }

  async function parkMalformed(held: Held, decoded: Extract<Decoded<T>, { malformed: string }>): Promise<void> {
    try {
      await parkEvent(held, tenantOf(held.message.subject), decoded.eventId, 1, `malformed: ${decoded.malformed}`);
    } catch (error) {
      log.warn({ err: error, consumer: name }, 'consumer: could not park a malformed event');
      retryLater(held, 1000);
    }
  }

  async function parkEvent(held: Held, tenantId: string | null, eventId: string | null, tries: number, error: unknown) {
    const { subject, data, seq } = held.message;
    const envelope = TEXT.decode(data).replaceAll('\0', '�');
    await park(db, { tenantId, consumer: name, eventId, subject, envelope, error: errorText(error), tries }, inbox);
    ack(held);
    parked.inc();
    log.error(
      { err: error, consumer: name, subject, seq, event: eventId, tries },
      'consumer: event parked as a dead letter',
    );
  }

  /** Another try of a dead letter somebody asked for: handled and marked replayed in one transaction, or parked again. */
  async function handleReplay(letter: ReplayLetter): Promise<void> {
    const decoded = decodeEvent(event, letter.envelope, { subject: letter.subject, seq: 0, replay: true });
    try {
      if ('malformed' in decoded) throw new Error(`malformed: ${decoded.malformed}`);
      await db.begin(async (tx) => {
        if (!(await finishReplay(tx, letter.id))) return; // another copy was faster
        await handle(tx, [decoded.event]);
      });
      handled.inc();
      log.info({ consumer: name, event: letter.eventId }, 'consumer: dead letter replayed');
      await tellCommitted([decoded.event]);
    } catch (error) {
      if (passingReason(error)) return; // still asked for: the next look takes it again
      failed.inc();
      await failReplay(db, letter.id, errorText(error));
      log.error({ err: error, consumer: name, event: letter.eventId }, 'consumer: dead letter failed again');
    }
  }

  function giveBackAll(entries: Entry<T>[]): void {
    for (const entry of entries) settle(entry.held, '-NAK');
  }

  return {
    handleBatch,
    handleReplay,
    /** Not begun here: another copy may have it now. */
    giveBack: (held: Held) => settle(held, '-NAK'),
    stillWorking: (held: Held) => reply(held, '+WPI'),
  };
}
