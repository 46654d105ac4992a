import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@recado/contracts';
import type { Bus } from '../jetstream/bus.ts';
import type { Leadership } from './leader.ts';
import type { Metrics } from '../metrics.ts';
import type { Parcel } from '../outbox/parcels.ts';
import { createPublisher, type PubAck, type PublishError } from './publisher.ts';
import type { Pace } from './pace.ts';
import { createReading, inTurns } from './reading.ts';
import { markPublished, type UnsentRow } from './store.ts';
import { streamName } from '../jetstream/streams.ts';
import type { Log } from '../types.ts';
import { createWaker } from '../waker.ts';

/** Publishes are refused or not answered. */
export interface Trouble {
  /** Since when, by the steady clock. */
  since: number;
  kind: PublishError['kind'];
}

/** Why the stream has to be looked at before anything more is sent. */
export interface Doubt {
  kind: 'went-back' | 'full' | 'unsure';
  text: string;
}

interface PublishingOptions {
  leadership: Leadership;
  bus: Bus;
  service: ServiceName;
  pace: Pace;
  log: Log;
  metrics: Metrics;
  totals: { published: number; republished: number; handed: number };
  wake(): void;
}

// Rows are parcels: a few hundred bytes, or up to 256 KiB. What is in memory at once is limited by both.
const READ_LIMIT = 128;
const IN_FLIGHT_LIMIT = 512;
const IN_FLIGHT_BYTES = 8 * 1024 * 1024;
/** Marks are gathered so long: a statement costs much the same for one parcel as for fifty, and one that is lost costs a repeat the stream drops. */
const MARK_MS = 50;
/** Between two looks for tenants with few events while there is no room. */
const SEEK_MS = 10;

/**
 * The leader's pipeline: rows, a parcel each, are read, published and marked at the same time. A row is in flight from its read until its
 * mark is in the database, and kept out of the next read that long.
 *
 * What this process has just committed comes by hand(), unread, unless something older may still wait in the table: then it waits behind it.
 */
export function createPublishing({ leadership, bus, service, pace, log, metrics, totals, wake }: PublishingOptions) {
  const { sql } = leadership;
  const stream = streamName(service);
  const publisher = createPublisher(bus);
  const reading = createReading(sql);
  /** In flight, read but not yet marked. */
  const flying = new Map<string, UnsentRow>();
  let flyingBytes = 0;
  /** Acknowledged, not yet marked: id → sequence. */
  let acked = new Map<string, number>();
  let marking = false;
  let highWater = 0;
  let doubt: Doubt | null = { kind: 'unsure', text: 'just started' };
  let settledWaiters: (() => void)[] = [];
  let closed = false;
  /** Since the last acknowledgement. */
  let trouble: Trouble | null = null;
  /** Something may be in the table that was neither read nor handed over. */
  let behind = true;
  /** That was said again since the last read began. */
  let saidAgain = false;
  /** Waiting for nothing to be in flight, so nothing more may take off. */
  let settling = false;
  /** What a read under way may still show as unsent although it has landed since; null while none is. */
  let landedMeanwhile: Set<string> | null = null;
  const marks = createWaker();
  /** Of the rows read last, on average. */
  let eventsPerRow = 1;
  /** When tenants with few events were last looked for while there was no room, performance.now(). */
  let soughtAt = 0;

  function suspect(next: Doubt): void {
    // What is known for certain outranks a suspicion.
    if (!doubt || doubt.kind === 'unsure') doubt = next;
  }

  const full = () => flying.size >= IN_FLIGHT_LIMIT || flyingBytes >= IN_FLIGHT_BYTES;

  function takeOff(row: UnsentRow): void {
    flying.set(row.id, row);
    flyingBytes += row.envelope.length;
  }

  function publish(row: UnsentRow): void {
    takeOff(row);
    pace.sent(row.subject, row.events);
    if (full()) marks.wake();
    try {
      publisher.publish(row, (error, ack) => onAck(row, error, ack));
    } catch (error) {
      pace.landed(row.subject);
      landed(row);
      if (!bus.connected()) throw error;
      log.error({ err: error, service, id: row.id, bytes: row.envelope.length }, 'relay: cannot publish this event');
    }
  }

  function look(): void {
    behind = true;
    saidAgain = true;
    wake();
  }

  function landed(row: UnsentRow): void {
    if (flying.delete(row.id)) flyingBytes -= row.envelope.length;
    landedMeanwhile?.add(row.id);
    if (flying.size > 0) return;
    for (const waiter of settledWaiters) waiter();
    settledWaiters = [];
  }

  function onAck(row: UnsentRow, error: PublishError | null, ack: PubAck | null): void {
    if (closed) return;
    pace.landed(row.subject);
    if (!ack) {
      metrics.publishFailed.inc();
      const kind = error?.kind ?? 'lost';
      trouble = { since: trouble?.since ?? performance.now(), kind };
      suspect({ kind: error?.kind === 'full' ? 'full' : 'unsure', text: error?.message ?? 'no ack' });
      reading.startOver();
      behind = true;
      landed(row); // still unsent in the database: read and published again, under the same id
      wake();
      return;
    }
    // A stream only ever counts up, except for a duplicate, which is told the sequence of the first.
    if (!ack.duplicate && ack.seq <= highWater) {
      suspect({ kind: 'went-back', text: `the stream gave ${ack.seq} after ${highWater}` });
      landed(row);
      wake();
      return;
    }
    trouble = null;
    if (ack.seq > highWater) highWater = ack.seq;
    totals.published += row.events;
    metrics.published.inc(row.events);
    metrics.parcels.inc();
    if (row.replay) {
      totals.republished += row.events;
      metrics.republished.inc(row.events);
    }
    acked.set(row.id, ack.seq);
    if (!marking) void markAll();
  }

  /** One mark at a time; whatever is acknowledged meanwhile goes into the next. */
  async function markAll(): Promise<void> {
    marking = true;
    try {
      while (acked.size > 0 && !closed) {
        if (!settling && !full()) await marks.sleep(MARK_MS, { ignoreWakes: true });
        if (closed) return;
        const batch = acked;
        acked = new Map();
        await markPublished(sql, stream, batch, highWater);
        const wasFull = full();
        for (const id of batch.keys()) landed(flying.get(id)!);
        if (wasFull) wake();
      }
    } catch (error) {
      // The lock's connection died or the database refuses: either way these rows are still unsent in the database.
      if (!closed) log.warn({ err: error, service }, 'relay: could not mark what was published');
      leadership.abandon();
    } finally {
      marking = false;
    }
  }

  /**
   * Without room: what tenants have that have few events before the durables goes at once, and does not wait for those of a flood.
   */
  async function sendOfOthers(): Promise<'some'> {
    const early = soughtAt + SEEK_MS - performance.now();
    if (early > 0) await pause(early);
    if (closed || full() || pace.room() > 0 || pace.reserve() <= 0) return 'some';
    soughtAt = performance.now();
    const landedSince = new Set<string>();
    landedMeanwhile = landedSince;
    const rows = await reading.nextOfOthers(flying.keys(), pace.busyTenants());
    landedMeanwhile = null;
    for (const row of rows) {
      if (doubt || closed || settling || full() || pace.reserve() <= 0) break;
      if (!flying.has(row.id) && !landedSince.has(row.id)) publish(row);
    }
    return 'some';
  }

  return {
    inFlight: () => flying.size,
    full,
    doubt: () => doubt,
    trouble: () => trouble,
    highWater: () => highWater,
    /** Nothing more is sent until the stream was looked at. */
    distrust: (text: string) => suspect({ kind: 'unsure', text }),
    look,
    /** Publishes what was just committed; when that can't be now, it is read like everything else. Never throws. */
    hand(parcels: readonly Parcel[]): void {
      for (const { id, subject, text, events } of parcels) {
        if (behind || settling || closed || doubt || full() || pace.room() <= 0 || !bus.connected()) {
          look();
          return;
        }
        try {
          publish({ id, subject, envelope: Buffer.from(text), events: events.length, replay: false });
        } catch {
          // NATS went away this very moment. What is committed is none the worse: whoever committed it must not hear of it.
          look();
          return;
        }
        totals.handed += events.length;
      }
    },
    trust(seq: number) {
      settling = false;
      behind = true;
      reading.startOver();
      highWater = seq;
      doubt = null;
    },
    /** Resolves when nothing is in flight. Every publish ends, with an ack, an error, or after 5 s. */
    settled() {
      settling = true;
      marks.wake();
      return flying.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => settledWaiters.push(resolve));
    },
    /** Reads the next rows and publishes them, as far as the durables that set the pace have room. */
    async sendNext(): Promise<'nothing' | 'some' | 'more'> {
      if (full() || closed) return 'some';
      if (pace.room() <= 0) return sendOfOthers();
      const limit = Math.min(READ_LIMIT, IN_FLIGHT_LIMIT - flying.size);
      saidAgain = false;
      const landedSince = new Set<string>();
      landedMeanwhile = landedSince;
      // More than there is room for would be read again: a parcel is up to 256 KiB.
      const each = Math.ceil(Math.min(pace.room() / eventsPerRow, READ_LIMIT)) + 1;
      const { rows, complete } = await reading.next(flying.keys(), limit, each);
      landedMeanwhile = null;
      for (const row of rows) eventsPerRow += (row.events - eventsPerRow) / 16;
      const events = rows.reduce((sum, row) => sum + row.events, 0);
      if (rows.length > 0) metrics.relayBatch.observe(events);
      let left = !complete;
      for (const row of pace.room() < events ? inTurns(rows) : rows) {
        left ||= pace.room() <= 0;
        if (doubt || closed || pace.room() <= 0) break; // what was not sent is read again
        if (!flying.has(row.id) && !landedSince.has(row.id)) publish(row);
      }
      behind = saidAgain || left;
      if (left) reading.keepBacklog();
      if (!complete) return 'more';
      return rows.length === 0 ? 'nothing' : 'some';
    },
    close() {
      closed = true;
      pace.stop();
      marks.wake();
      publisher.close();
      for (const waiter of settledWaiters) waiter();
      settledWaiters = [];
    },
  };
}
