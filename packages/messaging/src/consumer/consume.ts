import { setTimeout as pause } from 'node:timers/promises';
import { Registry } from 'prom-client';
import type { z } from 'zod';
import { StreamMissing } from '../jetstream/bus.ts';
import type { Entry, Held } from './delivery.ts';
import { createBatchHandler } from './handle-batch.ts';
import type { ConsumerOptions } from './options.ts';
import { startRetries } from './retries.ts';
import { pickBatch, tenantKey } from './pick-batch.ts';
import { ACK_WAIT_MS, ensureDurable } from './ensure-durable.ts';
import { durableName } from '../jetstream/durables.ts';
import { metricsOf } from '../metrics.ts';
import { assertMayConsume } from '../jetstream/permissions.ts';
import { createPuller, type Puller } from '../jetstream/puller.ts';
import { streamName } from '../jetstream/streams.ts';
import { createWaker } from '../waker.ts';

/** Milliseconds between the tries of one event: 8 tries, then it is parked. */
export const DEFAULT_PAUSES_MS = [250, 1000, 3000, 10_000, 30_000, 60_000, 300_000];

export interface EventConsumer {
  name: string;
  /** For readiness. @throws when it has not been attached to its stream for a while. */
  check(): void;
  /** Ends the running batches, gives back what was not begun, and stops. */
  stop(): Promise<void>;
}

const WORKING_MS = ACK_WAIT_MS / 3;
const CHECK_MS = 30_000;
/** A consumer that starts over after a hiccup is back sooner. */
const DETACHED_MS = 2000;
/** Events under way from which another batch is begun beside them. */
const LONG_BATCH = 64;
/** Messages wanted ahead at most: where single events came until now, parcels of 64 KiB and more may be next, and the server drops who reads slowly. */
const MOST_AHEAD = 256;

/**
 * Consumes one event in batches. Returns at once and never gives up: a missing stream, a wiped store, a database that is
 * away are waited for and mended. A message is acknowledged after the commit of its transaction and never before.
 */
export function startConsumer<D extends z.ZodType>(options: ConsumerOptions<D>): EventConsumer {
  const { bus, service, event, log, registry = new Registry(), batch = 256, concurrency = 1 } = options;
  assertMayConsume(service, event);
  const name = options.name ?? durableName(service, event);
  const stream = streamName(event.service);
  const metrics = metricsOf(registry);
  const lag = metrics.consumerLag.labels(name);
  const waker = createWaker();
  const stopping = new AbortController();
  /** Delivered, not yet begun. */
  let buffer: Held[] = [];
  /** What a message held of late, on average: parcels are few where events are few. */
  let perMessage = 1;
  /** In the stream beyond the buffer, when last heard. */
  let pending = 0;
  const seeLag = (beyond: number) => {
    pending = beyond;
    lag.set(pending + buffer.length);
  };
  /** Being handled now. */
  const working = new Set<Held[]>();
  /** Their events. */
  let atWork = 0;
  let puller = null as Puller | null;
  let checkedAt = 0;
  let attachedAt = performance.now();

  /** Which life of the durable we know to be the present one. */
  let life: string | null = null;

  const shared = {
    ...options,
    name,
    pausesMs: options.pausesMs ?? DEFAULT_PAUSES_MS,
    metrics,
    stopping: stopping.signal,
  };
  const handler = createBatchHandler({ ...shared, life: () => life, onRetry: (ms) => retries.dueIn(ms) });
  const retries = startRetries({ ...shared, tell: handler.tell, tellFailed: handler.tellFailed });

  // Long batches and long outages: what is held here is not given to another copy.
  const keepAlive = setInterval(() => {
    const before = performance.now() - WORKING_MS / 2;
    for (const list of [buffer, ...working]) {
      for (const held of list) if (!held.settled && held.at < before) handler.stillWorking(held);
    }
  }, WORKING_MS);

  async function connectPuller(): Promise<void> {
    const info = await ensureDurable(bus, event, name, log);
    seeLag(info.num_pending);
    checkedAt = performance.now();
    const current = String(info.created);
    // What the same durable delivered is still ours; what another life of it delivered comes again.
    buffer = buffer.filter((held) => held.life === current);
    life = current;
    puller = createPuller({
      bus,
      stream,
      consumer: name,
      onMessage: (message) => {
        buffer.push({ message, at: performance.now(), life: current, settled: false });
        seeLag(message.pending);
        waker.wake();
      },
      onBroken: (reason) => {
        log.info({ consumer: name, reason }, 'consumer: looking at the stream again');
        puller = null;
        life = null;
        waker.wake();
      },
    });
  }

  const loop = (async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        if (!puller) {
          if (!bus.connected()) {
            await waker.sleep(100, { ignoreWakes: true });
            continue;
          }
          await connectPuller();
        }
        failures = 0;
        attachedAt = performance.now();
        if (performance.now() - checkedAt > CHECK_MS) {
          checkedAt = performance.now();
          seeLag((await ensureDurable(bus, event, name, log)).num_pending);
        }
        while (mayStart() && start(takeBatch()));
        seeLag(pending);
        // One batch ahead: the next is here when this one is done.
        const ahead = Math.min(Math.max(Math.ceil(batch / perMessage), 4), MOST_AHEAD);
        if (buffer.length < ahead) puller?.want(ahead * 2 - buffer.length);
        await waker.sleep(1000);
      } catch (error) {
        if (stopping.signal.aborted) break;
        failures++;
        // A stream that is not made yet is no fault at the start of a mesh.
        const early = failures < 100 && error instanceof StreamMissing;
        if (!early && (failures === 3 || failures % 100 === 0))
          log.warn({ err: error, consumer: name }, 'consumer: trying again');
        puller?.close();
        puller = null;
        life = null;
        await pause(Math.min(100 * failures, 1000));
      }
    }
  })();

  /** A batch beside others costs a transaction more: worth it only when those take long. */
  function mayStart(): boolean {
    if (buffer.length === 0 || working.size >= concurrency) return false;
    return working.size === 0 || atWork >= LONG_BATCH;
  }

  function takeBatch(): Entry<z.output<D>>[] {
    const busy = new Set([...working].flat().map(tenantKey));
    const { entries, rest } = pickBatch(buffer, { busy, batch, now: performance.now(), open: handler.open });
    buffer = rest;
    for (const { events } of entries) perMessage += (Math.max(events.length, 1) - perMessage) / 16;
    return entries;
  }

  /** False when there was nothing to begin. */
  function start(entries: Entry<z.output<D>>[]): boolean {
    if (entries.length === 0) return false;
    const held = entries.map((entry) => entry.held);
    const events = entries.reduce((sum, entry) => sum + entry.events.length, 0);
    working.add(held);
    atWork += events;
    handler
      .handleBatch(entries)
      .catch((error) => log.error({ err: error, consumer: name }, 'consumer: a batch ended without a result'))
      .finally(() => {
        working.delete(held);
        atWork -= events;
        waker.wake();
      });
    return true;
  }

  return {
    name,
    check() {
      if (!puller && performance.now() - attachedAt > DETACHED_MS)
        throw Object.assign(new Error(`${name} is not attached to its stream`), { code: 'not_attached' });
    },
    async stop() {
      stopping.abort();
      waker.wake();
      await loop;
      puller?.close();
      for (const held of buffer) handler.giveBack(held);
      buffer = [];
      while (working.size > 0) await waker.sleep(50, { ignoreWakes: true });
      clearInterval(keepAlive);
      await retries.stopped();
    },
  };
}
