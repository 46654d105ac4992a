import { setTimeout as pause } from 'node:timers/promises';
import { createWaker, type Waker } from '@recado/loops';
import { type Gauge, Registry } from 'prom-client';
import type { z } from 'zod';
import { StreamMissing } from '../jetstream/bus.ts';
import { durableName } from '../jetstream/durables.ts';
import { assertMayConsume } from '../jetstream/permissions.ts';
import { createPuller, type Puller } from '../jetstream/puller.ts';
import { streamName } from '../jetstream/streams.ts';
import { metricsOf } from '../metrics.ts';
import type { Entry, Held } from './delivery.ts';
import { ACK_WAIT_MS, ensureDurable } from './ensure-durable.ts';
import { type BatchHandler, createBatchHandler } from './handle-batch.ts';
import type { ConsumerOptions } from './options.ts';
import { pickBatch, tenantKey } from './pick-batch.ts';
import { startRetries } from './retries.ts';

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
/**
 * Messages wanted ahead at most: where single events came until now, event batches of 64 KiB and
 * more may be next, and the server drops who reads slowly.
 */
const MOST_AHEAD = 256;

interface State<D extends z.ZodType> {
  options: ConsumerOptions<D>;
  name: string;
  /** Events in one batch, and batches at the same time, at most. */
  batch: number;
  concurrency: number;
  waker: Waker;
  stopping: AbortSignal;
  handler: BatchHandler<D>;
  lag: Gauge.Internal<string>;
  /** Delivered, not yet begun. */
  buffer: Held[];
  /** Messages in the stream beyond the buffer, as last reported. */
  pending: number;
  /** Events in a message of late, on average: event batches are small where events are few. */
  eventsPerMessage: number;
  inProgress: { batches: Set<Held[]>; events: number };
  /** The durable we pull from; null while it is not known. */
  attachment: Attachment | null;
  /** When it was known last, by the steady clock. */
  attachedAt: number;
}

interface Attachment {
  puller: Puller;
  /** Tells the durable from another of its name, made after this one was lost. */
  generation: string;
  /** When the durable was last looked at, by the steady clock. */
  checkedAt: number;
}

/**
 * Consumes one event in batches. Returns at once and never gives up: it waits for a missing stream,
 * a wiped store or a database that is away. A message is acknowledged after its commit.
 */
export function startConsumer<D extends z.ZodType>(options: ConsumerOptions<D>): EventConsumer {
  const { service, event, registry = new Registry(), batch = 256, concurrency = 1 } = options;
  assertMayConsume(service, event);
  const name = options.name ?? durableName(service, event);
  const metrics = metricsOf(registry);
  const stopping = new AbortController();
  const shared = {
    ...options,
    name,
    pausesMs: options.pausesMs ?? DEFAULT_PAUSES_MS,
    metrics,
    stopping: stopping.signal,
  };
  const handler = createBatchHandler({
    ...shared,
    generation: () => state.attachment?.generation ?? null,
    onRetry: (ms) => retries.dueIn(ms),
  });
  const state: State<D> = {
    options,
    name,
    batch,
    concurrency,
    waker: createWaker(),
    stopping: stopping.signal,
    handler,
    lag: metrics.consumerLag.labels(name),
    buffer: [],
    pending: 0,
    eventsPerMessage: 1,
    inProgress: { batches: new Set(), events: 0 },
    attachment: null,
    attachedAt: performance.now(),
  };
  const retries = startRetries({ ...shared, tell: handler.tell, tellFailed: handler.tellFailed });
  const keepAlive = setInterval(() => stillWorking(state), WORKING_MS);
  const loop = keepConsuming(state);
  return {
    name,
    check() {
      if (!state.attachment && performance.now() - state.attachedAt > DETACHED_MS)
        throw Object.assign(new Error(`${name} is not attached to its stream`), { code: 'not_attached' });
    },
    async stop() {
      stopping.abort();
      state.waker.wake();
      const retriesEnd = retries.stop();
      await loop;
      state.attachment?.puller.close();
      for (const held of state.buffer) handler.giveBack(held);
      state.buffer = [];
      while (state.inProgress.batches.size > 0) await state.waker.sleep(50, { ignoreWakes: true });
      clearInterval(keepAlive);
      await retriesEnd;
    },
  };
}

async function keepConsuming<D extends z.ZodType>(state: State<D>): Promise<void> {
  const { bus, log } = state.options;
  let failures = 0;
  while (!state.stopping.aborted) {
    try {
      if (!state.attachment && !bus.connected()) {
        await state.waker.sleep(100, { ignoreWakes: true });
        continue;
      }
      const attachment = state.attachment ?? (await attach(state));
      failures = 0;
      state.attachedAt = performance.now();
      await checkDurable(state, attachment);
      while (mayStart(state) && start(state, takeBatch(state)));
      setLag(state, state.pending);
      wantMore(state);
      await state.waker.sleep(1000);
    } catch (error) {
      if (state.stopping.aborted) break;
      failures++;
      // A stream that is not made yet is no fault at the start of a mesh.
      const early = failures < 100 && error instanceof StreamMissing;
      if (!early && (failures === 3 || failures % 100 === 0))
        log.warn({ err: error, consumer: state.name }, 'consumer: trying again');
      state.attachment?.puller.close();
      state.attachment = null;
      await pause(Math.min(100 * failures, 1000));
    }
  }
}

function setLag<D extends z.ZodType>(state: State<D>, pending: number): void {
  state.pending = pending;
  state.lag.set(pending + state.buffer.length);
}

async function attach<D extends z.ZodType>(state: State<D>): Promise<Attachment> {
  const { bus, event, log } = state.options;
  const info = await ensureDurable(bus, event, state.name, log);
  setLag(state, info.num_pending);
  const generation = String(info.created);
  // What the same durable delivered is still ours; what another of its name delivered comes again.
  state.buffer = state.buffer.filter((held) => held.generation === generation);
  const puller = createPuller({
    bus,
    stream: streamName(event.service),
    consumer: state.name,
    onMessage: (message) => {
      state.buffer.push({ message, at: performance.now(), generation, settled: false });
      setLag(state, message.pending);
      state.waker.wake();
    },
    onBroken: (reason) => {
      log.info({ consumer: state.name, reason }, 'consumer: looking at the stream again');
      state.attachment = null;
      state.waker.wake();
    },
  });
  state.attachment = { puller, generation, checkedAt: performance.now() };
  return state.attachment;
}

async function checkDurable<D extends z.ZodType>(state: State<D>, attachment: Attachment): Promise<void> {
  if (performance.now() - attachment.checkedAt <= CHECK_MS) return;
  attachment.checkedAt = performance.now();
  const { bus, event, log } = state.options;
  setLag(state, (await ensureDurable(bus, event, state.name, log)).num_pending);
}

/** One batch ahead: the next is here when this one is done. */
function wantMore<D extends z.ZodType>({ attachment, buffer, batch, eventsPerMessage }: State<D>): void {
  const ahead = Math.min(Math.max(Math.ceil(batch / eventsPerMessage), 4), MOST_AHEAD);
  if (buffer.length < ahead) attachment?.puller.want(ahead * 2 - buffer.length);
}

/** A batch beside others costs a transaction more: worth it only when those take long. */
function mayStart<D extends z.ZodType>({ buffer, inProgress, concurrency }: State<D>): boolean {
  const { batches, events } = inProgress;
  if (buffer.length === 0 || batches.size >= concurrency) return false;
  return batches.size === 0 || events >= LONG_BATCH;
}

function takeBatch<D extends z.ZodType>(state: State<D>): Entry<z.output<D>>[] {
  const { batch, handler } = state;
  const busy = new Set([...state.inProgress.batches].flat().map(tenantKey));
  const { entries, rest } = pickBatch(state.buffer, { busy, batch, now: performance.now(), open: handler.open });
  state.buffer = rest;
  for (const { events } of entries) {
    state.eventsPerMessage += (Math.max(events.length, 1) - state.eventsPerMessage) / 16;
  }
  return entries;
}

/** False when there was nothing to begin. */
function start<D extends z.ZodType>(state: State<D>, entries: Entry<z.output<D>>[]): boolean {
  if (entries.length === 0) return false;
  const { inProgress, handler, name, options } = state;
  const held = entries.map((entry) => entry.held);
  const events = entries.reduce((sum, entry) => sum + entry.events.length, 0);
  inProgress.batches.add(held);
  inProgress.events += events;
  handler
    .handleBatch(entries)
    .catch((error) => options.log.error({ err: error, consumer: name }, 'consumer: a batch ended without a result'))
    .finally(() => {
      inProgress.batches.delete(held);
      inProgress.events -= events;
      state.waker.wake();
    });
  return true;
}

/** Long batches and long outages: what is held here is not given to another copy. */
function stillWorking<D extends z.ZodType>({ buffer, inProgress, handler }: State<D>): void {
  const before = performance.now() - WORKING_MS / 2;
  for (const list of [buffer, ...inProgress.batches]) {
    for (const held of list) if (!held.settled && held.at < before) handler.stillWorking(held);
  }
}
