import type { ServiceName } from '@recado/contracts';
import type { Bus } from './bus.ts';
import type { Leadership } from './leader.ts';
import type { Metrics } from './metrics.ts';
import { createPublisher, type PubAck, type PublishError } from './publisher.ts';
import { markPublished, readUnsent, type UnsentRow } from './relay-store.ts';
import { streamName } from './streams.ts';
import type { Log } from './types.ts';

/** Why the stream has to be looked at before anything more is sent. */
export interface Doubt {
  kind: 'went-back' | 'full' | 'unsure';
  text: string;
}

interface PublishingOptions {
  leadership: Leadership;
  bus: Bus;
  service: ServiceName;
  log: Log;
  metrics: Metrics;
  totals: { published: number; republished: number };
  wake(): void;
}

// Rows are parcels: a few hundred bytes, or up to 256 KiB. What is in memory at once is limited by both.
const READ_LIMIT = 128;
const IN_FLIGHT_LIMIT = 512;
const IN_FLIGHT_BYTES = 8 * 1024 * 1024;
const FROM_START_MS = 1000;

/**
 * The leader's pipeline: rows, a parcel each, are read, published and marked at the same time. A row is in flight from its read until its
 * mark is in the database, and kept out of the next read that long.
 */
export function createPublishing({ leadership, bus, service, log, metrics, totals, wake }: PublishingOptions) {
  const { sql } = leadership;
  const stream = streamName(service);
  const publisher = createPublisher(bus);
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
  /** See readUnsent. */
  let near: string | null = null;
  let lookedFromStart = 0;

  function suspect(next: Doubt): void {
    // What is known for certain outranks a suspicion.
    if (!doubt || doubt.kind === 'unsure') doubt = next;
  }

  const full = () => flying.size >= IN_FLIGHT_LIMIT || flyingBytes >= IN_FLIGHT_BYTES;

  function takeOff(row: UnsentRow): void {
    flying.set(row.id, row);
    flyingBytes += row.envelope.length;
  }

  function landed(row: UnsentRow): void {
    if (flying.delete(row.id)) flyingBytes -= row.envelope.length;
    if (flying.size > 0) return;
    for (const waiter of settledWaiters) waiter();
    settledWaiters = [];
  }

  function onAck(row: UnsentRow, error: PublishError | null, ack: PubAck | null): void {
    if (closed) return;
    if (!ack) {
      metrics.publishFailed.inc();
      suspect({ kind: error?.kind === 'full' ? 'full' : 'unsure', text: error?.message ?? 'no ack' });
      near = null;
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
    // Acks come in bursts: let the rest of this one arrive.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (acked.size > 0 && !closed) {
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

  return {
    inFlight: () => flying.size,
    full,
    doubt: () => doubt,
    highWater: () => highWater,
    /** Nothing more is sent until the stream was looked at. */
    distrust: (text: string) => suspect({ kind: 'unsure', text }),
    trust(seq: number) {
      near = null;
      highWater = seq;
      doubt = null;
    },
    /** Resolves when nothing is in flight. Every publish ends, with an ack, an error, or after 5 s. */
    settled: () =>
      flying.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => settledWaiters.push(resolve)),
    /** Reads the next rows and publishes them. */
    async sendNext(): Promise<'nothing' | 'some' | 'more'> {
      const limit = Math.min(READ_LIMIT, IN_FLIGHT_LIMIT - flying.size);
      if (full() || closed) return 'some';
      const now = Date.now();
      const fromStart = near === null || now - lookedFromStart > FROM_START_MS;
      const { rows, lastCreated } = await readUnsent(sql, flying.keys(), limit, fromStart ? null : near);
      // While there is a backlog, "near" follows its front and everything is read from the start.
      if (fromStart && rows.length < limit) lookedFromStart = now;
      near = fromStart && rows.length === limit ? null : (lastCreated ?? near);
      if (rows.length > 0) metrics.relayBatch.observe(rows.reduce((sum, row) => sum + row.events, 0));
      for (const row of rows) {
        if (doubt || closed) break; // what was not sent is read again
        takeOff(row);
        try {
          publisher.publish(row, (error, ack) => onAck(row, error, ack));
        } catch (error) {
          landed(row);
          if (!bus.connected()) throw error;
          log.error(
            { err: error, service, id: row.id, bytes: row.envelope.length },
            'relay: cannot publish this event',
          );
        }
      }
      if (rows.length === 0) return 'nothing';
      return rows.length === limit ? 'more' : 'some';
    },
    close() {
      closed = true;
      publisher.close();
      for (const waiter of settledWaiters) waiter();
      settledWaiters = [];
    },
  };
}
