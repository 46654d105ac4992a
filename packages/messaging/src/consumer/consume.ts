import { setTimeout as pause } from 'node:timers/promises';
import { createWaker, type Waker } from '@recado/loops';
import type { z } from 'zod';
import { StreamMissing } from '../jetstream/bus.ts';
import { assertMayConsume } from '../jetstream/permissions.ts';
import { createPuller, type Puller } from '../jetstream/puller.ts';
import { streamName } from '../jetstream/streams.ts';
import { giveBack, stillWorking } from './acks.ts';
import { handleBatch } from './batches/handle-batch.ts';
import { pickBatch, tenantKey } from './batches/pick-batch.ts';
import { type Context, createContext } from './context.ts';
import type { Entry, Held } from './delivery.ts';
import { ACK_WAIT_MS, ensureDurable } from './ensure-durable.ts';
import { startRetries } from './failures/retries.ts';
import { openDelivery } from './open-delivery.ts';
import type { ConsumerOptions } from './options.ts';

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
/**
 * Events under way from which another batch is begun beside them: others do not wait for a
 * transaction of some 10 ms, nor for the pause after it.
 */
const LONG_BATCH = 16;
/**
 * Messages wanted ahead at most: where single events came until now, event batches of 64 KiB and
 * more may be next, and the server drops who reads slowly.
 */
const MOST_AHEAD = 256;

interface State {
  context: Context;
  waker: Waker;
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
  assertMayConsume(options.service, options.event);
  const stopping = new AbortController();
  const context = createContext(options, {
    stopping: stopping.signal,
    generation: () => state.attachment?.generation ?? null,
    onRetry: (ms) => retries.dueIn(ms),
  });
  const state = createState(context);
  const retries = startRetries(context);
  const keepAlive = setInterval(() => keepHolding(state), WORKING_MS);
  const loop = keepConsuming(state);
  return {
    name: context.name,
    check: () => checkAttached(state),
    async stop() {
      stopping.abort();
      state.waker.wake();
      const retriesEnd = retries.stop();
      await loop;
      await finish(state);
      clearInterval(keepAlive);
      await retriesEnd;
    },
  };
}

function createState(context: Context): State {
  return {
    context,
    waker: createWaker(),
    buffer: [],
    pending: 0,
    eventsPerMessage: 1,
    inProgress: { batches: new Set(), events: 0 },
    attachment: null,
    attachedAt: performance.now(),
  };
}

function checkAttached({ context, attachment, attachedAt }: State): void {
  if (attachment || performance.now() - attachedAt <= DETACHED_MS) return;
  throw Object.assign(new Error(`${context.name} is not attached to its stream`), { code: 'not_attached' });
}

/** Gives back what was not begun, and waits for what was. */
async function finish(state: State): Promise<void> {
  state.attachment?.puller.close();
  for (const held of state.buffer) giveBack(state.context, held);
  state.buffer = [];
  while (state.inProgress.batches.size > 0) await state.waker.sleep(50, { ignoreWakes: true });
}

async function keepConsuming(state: State): Promise<void> {
  const { bus, log, name, stopping } = state.context;
  let failures = 0;
  while (!stopping.aborted) {
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
      if (stopping.aborted) break;
      failures++;
      // A stream that is not made yet is no fault at the start of a mesh.
      const early = failures < 100 && error instanceof StreamMissing;
      if (!early && (failures === 3 || failures % 100 === 0))
        log.warn({ err: error, consumer: name }, 'consumer: trying again');
      state.attachment?.puller.close();
      state.attachment = null;
      await pause(Math.min(100 * failures, 1000));
    }
  }
}

function setLag(state: State, pending: number): void {
  state.pending = pending;
  state.context.counts.lag.set(pending + state.buffer.length);
}

async function attach(state: State): Promise<Attachment> {
  const { bus, event, name, log } = state.context;
  const info = await ensureDurable(bus, event, name, log);
  setLag(state, info.num_pending);
  const generation = String(info.created);
  // What the same durable delivered is still ours; what another of its name delivered comes again.
  state.buffer = state.buffer.filter((held) => held.generation === generation);
  const puller = createPuller({
    bus,
    stream: streamName(event.service),
    consumer: name,
    onMessage: (message) => {
      state.buffer.push({ message, at: performance.now(), generation, settled: false });
      setLag(state, message.pending);
      state.waker.wake();
    },
    onBroken: (reason) => {
      log.info({ consumer: name, reason }, 'consumer: looking at the stream again');
      state.attachment = null;
      state.waker.wake();
    },
  });
  state.attachment = { puller, generation, checkedAt: performance.now() };
  return state.attachment;
}

async function checkDurable(state: State, attachment: Attachment): Promise<void> {
  if (performance.now() - attachment.checkedAt <= CHECK_MS) return;
  attachment.checkedAt = performance.now();
  const { bus, event, name, log } = state.context;
  setLag(state, (await ensureDurable(bus, event, name, log)).num_pending);
}

/** One batch ahead: the next is here when this one is done. */
function wantMore({ context, attachment, buffer, eventsPerMessage }: State): void {
  const ahead = Math.min(Math.max(Math.ceil(context.batch / eventsPerMessage), 4), MOST_AHEAD);
  if (buffer.length < ahead) attachment?.puller.want(ahead * 2 - buffer.length);
}

/** A batch beside others costs a transaction more: worth it only when those take long. */
function mayStart({ context, buffer, inProgress }: State): boolean {
  const { batches, events } = inProgress;
  if (buffer.length === 0 || batches.size >= context.concurrency) return false;
  return batches.size === 0 || events >= LONG_BATCH;
}

function takeBatch(state: State): Entry[] {
  const { context, buffer, inProgress } = state;
  const busy = new Set([...inProgress.batches].flat().map(tenantKey));
  const open = (held: Held) => openDelivery(context, held);
  const { entries, rest } = pickBatch(buffer, { busy, batch: context.batch, now: performance.now(), open });
  state.buffer = rest;
  for (const { events } of entries) {
    state.eventsPerMessage += (Math.max(events.length, 1) - state.eventsPerMessage) / 16;
  }
  return entries;
}

/** False when there was nothing to begin. */
function start({ context, inProgress, waker }: State, entries: Entry[]): boolean {
  if (entries.length === 0) return false;
  const held = entries.map((entry) => entry.held);
  const events = entries.reduce((sum, entry) => sum + entry.events.length, 0);
  inProgress.batches.add(held);
  inProgress.events += events;
  handleBatch(context, entries)
    .catch((error) => {
      context.log.error({ err: error, consumer: context.name }, 'consumer: a batch ended without a result');
    })
    .finally(() => {
      inProgress.batches.delete(held);
      inProgress.events -= events;
      waker.wake();
    });
  return true;
}

/** Long batches and long outages: what is held here is not given to another copy. */
function keepHolding({ context, buffer, inProgress }: State): void {
  const before = performance.now() - WORKING_MS / 2;
  for (const list of [buffer, ...inProgress.batches]) {
    for (const held of list) if (!held.settled && held.at < before) stillWorking(context, held);
  }
}
