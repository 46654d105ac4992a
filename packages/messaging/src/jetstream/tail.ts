import { setTimeout as pause } from 'node:timers/promises';
import { AckPolicy, type ConsumerInfo, DeliverPolicy, type StreamInfo } from '@nats-io/jetstream';
import type { Envelope } from '@recado/contracts';
import { createWaker, type Waker } from '@recado/loops';
import type { Log } from '../types.ts';
import { type Bus, StreamMissing } from './bus.ts';
import { createPuller, type Pulled, type Puller } from './puller.ts';
import { serviceOfStream } from './streams.ts';

/** A message read without a durable: one event, or an event batch of several. */
export interface TailedMessage {
  subject: string;
  /** Sequence in the stream; means something only together with the generation. */
  seq: number;
  generation: string;
  /**
   * Published again after the stream was lost (`Recado-Replay`): its events may have been seen
   * before.
   */
  readonly replay: boolean;
  /**
   * The message's own id (`Nats-Msg-Id`), the same when it is published again; null when an
   * integrator published it.
   */
  readonly id: string | null;
  data: Uint8Array;
  /** Its events in their order, parsed at the first call. Throws when they are not JSON. */
  envelopes(): Envelope[];
}

export interface TailOptions {
  /**
   * Where to start: after this sequence of this generation; by default with what comes from now on.
   */
  after?: { seq: number; generation: string };
  /** The stream was lost and made anew: everything in it comes, from its first message. */
  onGeneration?(generation: string): void;
  log: Log;
}

export interface Tail {
  /** Resolves when it stands: all that is published later is delivered. */
  ready: Promise<void>;
  /** The last sequence delivered, or the one it starts after; null before `ready`. */
  position(): { seq: number; generation: string } | null;
  /** For readiness. @throws when it has not been attached to its stream for a while. */
  check(): void;
  stop(): Promise<void>;
}

/** A tail that starts over after a hiccup is back sooner. */
const DETACHED_MS = 2000;
/** Messages asked for ahead. */
const AHEAD = 256;

/** Tells one life of a stream from the next: made of the time it was created. */
export async function streamGeneration(bus: Bus, stream: string): Promise<string> {
  return generationOf(await getStream(bus, stream));
}

/** One reading of the stream, by a consumer of its own. */
interface Attachment {
  consumer: string;
  puller: Puller;
  /** The consumer's sequence that comes next: another one means a lost message. */
  expected: number;
}

interface State {
  bus: Bus;
  stream: string;
  filter: string;
  onMessage(message: TailedMessage): void;
  onGeneration: TailOptions['onGeneration'];
  log: Log;
  waker: Waker;
  /** Null until the stream was seen. */
  generation: string | null;
  /** The last sequence delivered, or the one it starts after. */
  last: number;
  stopped: boolean;
  /** Null while it does not read. */
  attachment: Attachment | null;
  /** By the steady clock. */
  detachedAt: number;
  markReady(): void;
}

/**
 * Follows a stream live, in order and without gaps, without acks. Survives killed servers. A new
 * stream calls `onGeneration` and starts at its beginning. `onMessage` must not wait.
 */
export function tailStream(
  bus: Bus,
  stream: string,
  filter: string,
  onMessage: (message: TailedMessage) => void,
  { after, onGeneration, log }: TailOptions,
): Tail {
  const { promise: ready, resolve: markReady } = Promise.withResolvers<void>();
  const state: State = {
    bus,
    stream,
    filter,
    onMessage,
    onGeneration,
    log,
    waker: createWaker(),
    generation: after?.generation ?? null,
    last: after?.seq ?? 0,
    stopped: false,
    attachment: null,
    detachedAt: performance.now(),
    markReady,
  };
  const loop = keepAttached(state);
  return {
    ready,
    position: () => (state.generation === null ? null : { seq: state.last, generation: state.generation }),
    check() {
      if (!state.attachment && performance.now() - state.detachedAt > DETACHED_MS)
        throw Object.assign(new Error(`The tail of ${stream} is not attached`), { code: 'not_attached' });
    },
    async stop() {
      state.stopped = true;
      state.waker.wake();
      await loop;
      detach(state);
    },
  };
}

async function keepAttached(state: State): Promise<void> {
  const { bus, stream, waker, log } = state;
  for (let failures = 0; !state.stopped; ) {
    if (state.attachment) {
      await waker.sleep(60_000);
      continue;
    }
    try {
      if (bus.connected() && (await locate(state))) await attach(state);
      else await waker.sleep(100, { ignoreWakes: true });
      failures = 0;
    } catch (error) {
      failures++;
      const early = failures < 100 && error instanceof StreamMissing;
      if (!early && failures % 20 === 3) log.warn({ err: error, stream }, 'tail: trying again');
      await waker.sleep(Math.min(100 * failures, 1000), { ignoreWakes: true });
    }
  }
}

/**
 * Learns where the stream stands; false when it went back in time and its relay has yet to mend it.
 */
async function locate(state: State): Promise<boolean> {
  const info = await getStream(state.bus, state.stream);
  const current = generationOf(info);
  if (state.generation === null) {
    state.generation = current;
    state.last = info.state.last_seq;
  } else if (state.generation !== current) {
    state.generation = current;
    state.last = 0;
    state.onGeneration?.(current);
  }
  return info.state.last_seq >= state.last;
}

async function attach(state: State): Promise<void> {
  const { bus, stream, filter } = state;
  const { name: consumer } = await addEphemeral(bus, stream, filter, state.last + 1);
  const attachment: Attachment = {
    consumer,
    expected: 1,
    puller: createPuller({
      bus,
      stream,
      consumer,
      onMessage: (message) => receive(state, attachment, message),
      onBroken: (reason) => lose(state, reason),
    }),
  };
  state.attachment = attachment;
  attachment.puller.want(AHEAD);
  state.markReady();
}

function receive(state: State, attachment: Attachment, message: Pulled): void {
  if (state.attachment !== attachment) return;
  if (message.consumerSeq === attachment.expected++) {
    deliver(state, message);
    attachment.puller.want(AHEAD);
  } else {
    lose(state, 'a message was lost on the way');
  }
}

function deliver(state: State, message: Pulled): void {
  state.last = message.seq;
  try {
    state.onMessage(toTailed(message, state.generation!));
  } catch (error) {
    state.log.error({ err: error, stream: state.stream, seq: message.seq }, 'tail: a listener failed');
  }
}

function lose(state: State, reason: string): void {
  const { stream, log } = state;
  if (!state.stopped) log.debug({ stream, reason }, 'tail: starting over after the last message');
  detach(state);
}

function detach(state: State): void {
  const { attachment } = state;
  if (!attachment) return;
  state.attachment = null;
  state.detachedAt = performance.now();
  attachment.puller.close();
  state.waker.wake();
  state.bus.dropEphemeral(state.stream, attachment.consumer);
}

export function toTailed(message: Pulled, generation: string): TailedMessage {
  let parsed: Envelope[] | null = null;
  return {
    subject: message.subject,
    seq: message.seq,
    generation,
    get replay() {
      return message.replay;
    },
    get id() {
      return message.header('Nats-Msg-Id') ?? null;
    },
    data: message.data,
    envelopes: () => {
      if (parsed) return parsed;
      const { data } = message;
      const content = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
      parsed = Array.isArray(content) ? content : [content];
      return parsed;
    },
  };
}

export function addEphemeral(
  bus: Bus,
  stream: string,
  filter: string,
  startSeq: number,
  headersOnly = false,
): Promise<ConsumerInfo> {
  return bus.jsm.consumers.add(stream, {
    headers_only: headersOnly,
    filter_subject: filter,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: startSeq,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: 30_000_000_000, // ns
  });
}

/** Letters and digits alone, so that it can stand in ids and URLs: `20261121T070315123456789Z`. */
export function generationOf(info: { created: unknown }): string {
  return String(info.created).replaceAll(/[^0-9A-Za-z]/g, '');
}

/** The stream, made when it is one of the mesh and this user may make it. */
export async function getStream(bus: Bus, stream: string): Promise<StreamInfo> {
  const service = serviceOfStream(stream);
  if (service) return bus.getStream(service);
  const found = await bus.findStream(stream);
  if (!found) throw new StreamMissing(stream);
  return found;
}

/** Until the stream is there: its owner may start later. */
export async function waitForStream(bus: Bus, stream: string): Promise<void> {
  for (;;) {
    try {
      await getStream(bus, stream);
      return;
    } catch (error) {
      if (!(error instanceof StreamMissing)) throw error;
      await pause(250);
    }
  }
}
