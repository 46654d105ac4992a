import { setTimeout as pause } from 'node:timers/promises';
import { postgresErrorRule } from '@recado/contracts';
import type { z } from 'zod';
import type { Delivered, Tx } from '../types.ts';
import { decodeMessage, isUuid, rawEvent, tenantOf } from './decode.ts';
import type { Entry, Held } from './delivery.ts';
import type { BatchOptions } from './options.ts';
import { claimInbox, claimInParts, errorText, findInParts, park, recordTry } from './store.ts';

const TEXT = new TextDecoder();

export type BatchHandler<D extends z.ZodType> = ReturnType<typeof createBatchHandler<D>>;

/**
 * What a consumer does with deliveries: transactions, acks, and what becomes of events that fail.
 */
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

  function reply(held: Held, text: string): void {
    // An ack names only a sequence. For a durable of a new stream it would confirm another event,
    // so an uncertain ack is left out: the server delivers again, which is absorbed.
    if (bus.connected() && options.generation() === held.generation) bus.nc.publish(held.message.reply, text);
  }
  function settle(held: Held, text: string): void {
    if (held.settled) return;
    held.settled = true;
    reply(held, text);
  }
  const ack = (held: Held) => settle(held, '+ACK');
  const giveBack = (held: Held) => settle(held, '-NAK');
  const giveBackFor = (held: Held, ms: number) => settle(held, `-NAK {"delay":${Math.round(ms)}000000}`);

  /**
   * Reads a delivery. Null for one of a tenant this consumer ignores: it is acknowledged unread.
   */
  function open(held: Held): Entry<T> | null {
    if (held.entry) return held.entry as Entry<T>;
    const { message } = held;
    const tenantId = ignores ? tenantOf(message.subject) : null;
    if (tenantId !== null && ignores!(tenantId)) {
      ack(held);
      ignored.inc();
      return null;
    }
    const { events, malformed, isEventBatch } = decodeMessage(event, message.data, message);
    // A single event is claimed by its own id, as in earlier versions. An event batch without an id
    // comes from another publisher.
    const id = isEventBatch ? message.header('Nats-Msg-Id') : events[0]?.id;
    const entry = { held, events, malformed, claim: isUuid(id) ? id : null };
    held.entry = entry;
    return entry;
  }

  async function handleBatch(entries: Entry<T>[]): Promise<void> {
    for (const entry of entries) if (entry.malformed.length > 0) await parkMalformed(entry);
    const good = entries.filter(({ held }) => !held.settled);
    if (good.length > 0) await run(good);
  }

  /** Runs entries in one transaction; when that fails, in parts, until what fails stands alone. */
  async function run(entries: Entry<T>[]): Promise<void> {
    const result = await attempt(() => commit(entries));
    if (result === 'done') return;
    if (result === 'stopping') return entries.forEach((entry) => void giveBack(entry.held));
    if (entries.length > 1) {
      log.debug({ err: result.error, consumer: name, size: entries.length }, 'consumer: batch failed, splitting it');
      for (const part of splitBatch(entries)) await run(part);
      return;
    }
    const [entry] = entries as [Entry<T>];
    const settled = await runParts(entry, entry.events, result.error);
    if (settled) ack(entry.held);
    else giveBackFor(entry.held, 1000);
  }

  /**
   * Does it until it is done or fails by its own fault; a database that is away or busy is waited
   * for.
   */
  async function attempt(work: () => Promise<void>): Promise<'done' | 'stopping' | { error: unknown }> {
    for (let attempts = 0; ; attempts++) {
      try {
        await work();
        return 'done';
      } catch (error) {
        const { event: reaction } = postgresErrorRule(error);
        if (reaction === 'count' || (reaction === 'retry' && attempts >= 5)) return { error };
        if (stopping.aborted) return 'stopping';
        if (attempts % 50 === 0)
          log.warn({ err: error, consumer: name }, 'consumer: the database is away or busy; waiting');
        // No try of theirs: the same again.
        await pause(Math.min(50 * 2 ** Math.min(attempts, 5), 1000));
      }
    }
  }

  async function commit(entries: Entry<T>[]): Promise<void> {
    const count = entries.reduce((sum, entry) => sum + entry.events.length, 0);
    sizes.observe(count);
    const taken = await db.begin(async (tx) => {
      const taken = unique(inbox ? await claim(tx, entries) : entries.flatMap((entry) => entry.events));
      if (taken.length > 0) await handle(tx, taken);
      return taken;
    });
    // Never before this line.
    for (const entry of entries) ack(entry.held);
    await tell(taken, count);
  }

  /** Takes entries for this consumer; returns the events that were free. */
  async function claim(tx: Tx, entries: Entry<T>[]): Promise<Delivered<T>[]> {
    const ids = new Set(entries.flatMap((entry) => entry.claim ?? entry.events.map((one) => one.id)));
    const claimed = await claimInbox(tx, name, [...ids]);
    const isFresh = ({ claim, events }: Entry<T>) =>
      claim === null ? events.filter((one) => claimed.has(one.id)) : claimed.has(claim) ? events : [];
    if (claimed.size === ids.size) return entries.flatMap(isFresh);
    // Of an event batch that comes again after it was begun event by event, some may still be due.
    const again = entries.filter(({ claim }) => claim !== null && !claimed.has(claim));
    const inParts = await findInParts(
      tx,
      name,
      again.map(({ claim }) => claim!),
    );
    const parts = again.flatMap(({ claim, events }) => (inParts.has(claim!) ? events : []));
    const due = await claimInbox(
      tx,
      name,
      parts.map((one) => one.id),
    );
    return [...entries.flatMap(isFresh), ...parts.filter((one) => due.has(one.id))];
  }

  /**
   * An entry whose transaction failed: its events in halves, each in a transaction of its own; what
   * fails alone is put aside for its next try. False when something could not even be put aside.
   */
  async function runParts(entry: Entry<T>, events: Delivered<T>[], error: unknown): Promise<boolean> {
    if (events.length === 1) return putAside(entry, events[0]!, error);
    const middle = events.length >> 1;
    let settled = true;
    for (const part of [events.slice(0, middle), events.slice(middle)]) {
      const result = await attempt(() => commitPart(entry, part));
      if (result === 'stopping') return false;
      if (result !== 'done') settled = (await runParts(entry, part, result.error)) && settled;
    }
    return settled;
  }

  async function commitPart(entry: Entry<T>, events: Delivered<T>[]): Promise<void> {
    sizes.observe(events.length);
    const taken = await db.begin(async (tx) => {
      const taken = unique(inbox ? await claimPart(tx, entry, events) : events);
      if (taken.length > 0) await handle(tx, taken);
      return taken;
    });
    await tell(taken, events.length);
  }

  async function claimPart(tx: Tx, entry: Entry<T>, events: Delivered<T>[]): Promise<Delivered<T>[]> {
    if (entry.claim !== null && entry.claim !== events[0]!.id) await claimInParts(tx, name, entry.claim);
    const claimed = await claimInbox(
      tx,
      name,
      events.map((one) => one.id),
    );
    return events.filter((one) => claimed.has(one.id));
  }

  /** One event failed alone: it is kept in the database until its next try, or parked. */
  async function putAside(entry: Entry<T>, one: Delivered<T>, error: unknown): Promise<boolean> {
    failed.inc();
    const { subject, data } = entry.held.message;
    const { id: eventId, tenantId } = one;
    const letter = {
      tenantId,
      consumer: name,
      eventId,
      subject,
      envelope: rawEvent(data, eventId),
      error: errorText(error),
    };
    const result = await attempt(async () => {
      const tries = (await db.begin(async (tx) => {
        // With its own id taken, a redelivery of the rest leaves it to its retries.
        if (inbox && (await claimPart(tx, entry, [one])).length === 0) return null;
        const tries = await recordTry(tx, { ...letter, tries: 1 }, pausesMs);
        if (tries > pausesMs.length) await park(tx, { ...letter, tries });
        return tries;
      })) as number | null;
      if (tries !== null) tellFailed(one, tries, error);
    });
    if (typeof result === 'object') {
      log.error({ err: result.error, consumer: name, event: eventId }, 'consumer: could not put an event aside');
    }
    return result === 'done';
  }

  function tellFailed(one: Pick<Delivered, 'id' | 'tenantId'>, tries: number, error: unknown): void {
    const fields = { err: error, consumer: name, event: one.id, tenant: one.tenantId, tries };
    if (tries > pausesMs.length) {
      parked.inc();
      log.error(fields, 'consumer: event parked as a dead letter');
    } else {
      log.warn(fields, 'consumer: event failed');
      options.onRetry(pausesMs[tries - 1]!);
    }
  }

  /** The rest of the entry goes on without them. */
  async function parkMalformed({ held, events, malformed }: Entry<T>): Promise<void> {
    const { subject, data } = held.message;
    const tenantId = tenantOf(subject);
    const result = await attempt(async () => {
      await db.begin(async (tx) => {
        for (const { reason, eventId, text } of malformed) {
          // Taken, so that a redelivery (its ack was lost, the stream was published again) doesn't
          // park it again.
          if (inbox && eventId !== null && (await claimInbox(tx, name, [eventId])).size === 0) continue;
          const envelope = (text ?? TEXT.decode(data)).replaceAll('\0', '�');
          const error = errorText(`malformed: ${reason}`);
          await park(tx, { tenantId, consumer: name, eventId, subject, envelope, error, tries: 1 });
        }
      });
    });
    if (result !== 'done') {
      log.warn({ err: result, consumer: name }, 'consumer: could not park a malformed event');
      return giveBackFor(held, 1000);
    }
    parked.inc(malformed.length);
    for (const { reason, eventId } of malformed) {
      log.error(
        { consumer: name, subject, event: eventId, reason },
        'consumer: malformed event parked as a dead letter',
      );
    }
    if (events.length === 0) ack(held);
  }

  /** Counts what a committed transaction handled. `taken`: its events that were new. */
  async function tell(taken: Delivered<T>[], delivered: number): Promise<void> {
    handled.inc(taken.length);
    if (taken.length < delivered) skipped.inc(delivered - taken.length);
    if (!afterCommit || taken.length === 0) return;
    try {
      await afterCommit(taken);
    } catch (error) {
      log.error({ err: error, consumer: name }, 'consumer: afterCommit failed; the events stay handled');
    }
  }

  return {
    open,
    handleBatch,
    tell,
    tellFailed,
    /** Not begun here: another copy may have it now. */
    giveBack,
    stillWorking: (held: Held) => reply(held, '+WPI'),
  };
}

/**
 * Splits a failed batch in two: by tenants, those with the fewest messages first, so that failing
 * events delay only their tenant. A single tenant is split in halves, in order.
 */
export function splitBatch<E extends Pick<Entry, 'held'>>(entries: readonly E[]): [E[], E[]] {
  const byTenant = new Map<string | null, E[]>();
  for (const entry of entries) {
    const tenantId = tenantOf(entry.held.message.subject);
    const own = byTenant.get(tenantId);
    if (own) own.push(entry);
    else byTenant.set(tenantId, [entry]);
  }
  const groups = [...byTenant.values()].sort((a, b) => a.length - b.length);
  if (groups.length === 1) groups.splice(0, 1, ...entries.map((entry) => [entry]));
  const middle = groups.length >> 1;
  return [groups.slice(0, middle).flat(), groups.slice(middle).flat()];
}

/** Each event once, however often it was delivered. */
function unique<T>(events: Delivered<T>[]): Delivered<T>[] {
  const byId = new Map<string, Delivered<T>>();
  for (const one of events) if (!byId.has(one.id)) byId.set(one.id, one);
  return byId.size === events.length ? events : [...byId.values()];
}
