import type { ServiceName } from '@recado/contracts';
import type { Bus } from './bus.ts';
import type { Leadership } from './leader.ts';
import type { Metrics } from './metrics.ts';
import { createPublisher, type PubAck, type PublishError } from './publisher.ts';
import { markPublished, readUnsent } from './relay-store.ts';
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

const READ_LIMIT = 512;
const IN_FLIGHT_LIMIT = 1024;
const MARK_LIMIT = 1024;
const FROM_START_MS = 1000;

/**
 * The leader's pipeline: rows are read, published and marked at the same time. A row is in flight from its read until its
 * mark is in the database, and kept out of the next read that long.
 */
export function createPublishing({ leadership, bus, service, log, metrics, totals, wake }: PublishingOptions) {
  const { sql } = leadership;
  const stream = streamName(service);
  const publisher = createPublisher(bus);
  /** Ids in flight, read but not yet marked. */
  const flying = new Set<string>();
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

  function landed(id: string): void {
    flying.delete(id);
    if (flying.size > 0) return;
    for (const waiter of settledWaiters) waiter();
    settledWaiters = [];
  }

  function onAck(id: string, replay: boolean, error: PublishError | null, ack: PubAck | null): void {
    if (closed) return;
    if (!ack) {
      metrics.publishFailed.inc();
      suspect({ kind: error?.kind === 'full' ? 'full' : 'unsure', text: error?.message ?? 'no ack' });
      near = null;
      landed(id); // still unsent in the database: read and published again, under the same id
      wake();
      return;
    }
    // A stream only ever counts up, except for a duplicate, which is told the sequence of the first.
    if (!ack.duplicate && ack.seq <= highWater) {
      suspect({ kind: 'went-back', text: `the stream gave ${ack.seq} after ${highWater}` });
      landed(id);
      wake();
      return;
    }
    if (ack.seq > highWater) highWater = ack.seq;
    totals.published++;
    metrics.published.inc();
    if (replay) {
      totals.republished++;
      metrics.republished.inc();
    }
    acked.set(id, ack.seq);
    if (!marking) void markAll();
  }

  /** One mark at a time; whatever is acknowledged meanwhile goes into the next. */
  async function markAll(): Promise<void> {
    marking = true;
    // Acks come in bursts: let the rest of this one arrive.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (acked.size > 0 && !closed) {
        const batch = takeSome(acked);
        await markPublished(sql, stream, batch, highWater);
        const wasFull = flying.size >= IN_FLIGHT_LIMIT;
        for (const id of batch.keys()) landed(id);
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

  function takeSome(all: Map<string, number>): Map<string, number> {
    if (all.size <= MARK_LIMIT) {
      acked = new Map();
      return all;
    }
    const some = new Map<string, number>();
    for (const [id, seq] of all) {
      if (some.size === MARK_LIMIT) break;
      some.set(id, seq);
      all.delete(id);
    }
    return some;
  }

  return {
    inFlight: () => flying.size,
    full: () => flying.size >= IN_FLIGHT_LIMIT,
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
      if (limit <= 0 || closed) return 'some';
      const now = Date.now();
      const fromStart = near === null || now - lookedFromStart > FROM_START_MS;
      const { rows, lastCreated } = await readUnsent(sql, flying, limit, fromStart ? null : near);
      // While there is a backlog, "near" follows its front and everything is read from the start.
      if (fromStart && rows.length < limit) lookedFromStart = now;
      near = fromStart && rows.length === limit ? null : (lastCreated ?? near);
      if (rows.length > 0) metrics.relayBatch.observe(rows.length);
      for (const row of rows) {
        if (doubt || closed) break; // what was not sent is read again
        flying.add(row.id);
        try {
          publisher.publish(row.id, row.subject, row.envelope, row.replay, (error, ack) =>
            onAck(row.id, row.replay, error, ack),
          );
        } catch (error) {
          flying.delete(row.id);
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
