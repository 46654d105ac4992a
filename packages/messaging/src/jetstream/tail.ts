import { setTimeout as pause } from 'node:timers/promises';
import { AckPolicy, type ConsumerInfo, DeliverPolicy, type StreamInfo } from '@nats-io/jetstream';
import type { Envelope } from '@recado/contracts';
import { type Bus, StreamMissing } from './bus.ts';
import { createPuller, type Pulled } from './puller.ts';
import { serviceOfStream } from './streams.ts';
import type { Log } from '../types.ts';
import { createWaker } from '../waker.ts';

/** A message read without a durable: one event, or a parcel of several. */
export interface TailedMessage {
  subject: string;
  /** Sequence in the stream; means something only together with the incarnation. */
  seq: number;
  incarnation: string;
  /** Published again after the stream was lost (`Recado-Replay`): its events may have been seen before. */
  readonly replay: boolean;
  /** The message's own id (`Nats-Msg-Id`), the same when it is published again; null when somebody else published it. */
  readonly id: string | null;
  data: Uint8Array;
  /** Its events in their order, parsed at the first call. Throws when they are not JSON. */
  envelopes(): Envelope[];
}

export interface TailOptions {
  /** Where to start: after this sequence of this incarnation; by default with what comes from now on. */
  after?: { seq: number; incarnation: string };
  /** The stream was lost and made anew: everything in it comes, from its first message. */
  onIncarnation?(incarnation: string): void;
  log: Log;
}

export interface Tail {
  /** Resolves when it stands: whatever is published later is delivered. */
  ready: Promise<void>;
  /** The last sequence delivered, or the one it starts after; null before `ready`. */
  position(): { seq: number; incarnation: string } | null;
  /** For readiness. @throws when it has not been attached to its stream for a while. */
  check(): void;
  stop(): Promise<void>;
}

/** A tail that starts over after a hiccup is back sooner. */
const DETACHED_MS = 2000;

/** Tells one life of a stream from the next: made of the time it was created. */
export async function streamIncarnation(bus: Bus, stream: string): Promise<string> {
  return incarnationOf(await getStream(bus, stream));
}

/**
 * Follows a stream live, in order and without gaps, for one filter; acknowledges nothing and leaves nothing behind.
 * Survives killed servers: it goes on after the last sequence it delivered. When the stream is another one than before, it
 * says so by `onIncarnation` and starts at its beginning. `onMessage` must not wait; what it throws is logged.
 */
export function tailStream(
  bus: Bus,
  stream: string,
  filter: string,
  onMessage: (message: TailedMessage) => void,
  { after, onIncarnation, log }: TailOptions,
): Tail {
  const waker = createWaker();
  let incarnation = after?.incarnation ?? null;
  let last = after?.seq ?? 0;
  let stopped = false;
  let broken = true;
  let attachedAt = performance.now();
  let end = () => {};
  let markReady = () => {};
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });

  function deliver(message: Pulled): void {
    last = message.seq;
    try {
      onMessage(toTailed(message, incarnation!));
    } catch (error) {
      log.error({ err: error, stream, seq: message.seq }, 'tail: a listener failed');
    }
  }

  /** Learns where the stream stands; false when it went back in time and its relay has yet to mend it. */
  async function locate(): Promise<boolean> {
    const info = await getStream(bus, stream);
    const current = incarnationOf(info);
    if (incarnation === null) {
      incarnation = current;
      last = info.state.last_seq;
    } else if (incarnation !== current) {
      incarnation = current;
      last = 0;
      onIncarnation?.(current);
    }
    return info.state.last_seq >= last;
  }

  async function attach(): Promise<void> {
    const consumer = await addEphemeral(bus, stream, filter, last + 1);
    let expected = 1;
    const puller = createPuller({
      bus,
      stream,
      consumer: consumer.name,
      onMessage: (message) => {
        if (broken) return;
        if (message.consumerSeq !== expected++) return lose('a message was lost on the way');
        deliver(message);
        puller.want(256);
      },
      onBroken: (reason) => lose(reason),
    });
    const lose = (reason: string) => {
      if (!stopped) log.debug({ stream, reason }, 'tail: starting over after the last message');
      end();
    };
    broken = false;
    end = () => {
      if (broken) return;
      broken = true;
      attachedAt = performance.now();
      puller.close();
      waker.wake();
      bus.dropEphemeral(stream, consumer.name);
    };
    puller.want(256);
    markReady();
  }

  const loop = (async () => {
    for (let failures = 0; !stopped; ) {
      if (!broken) {
        await waker.sleep(60_000);
        continue;
      }
      try {
        if (bus.connected() && (await locate())) await attach();
        else await waker.sleep(100, { ignoreWakes: true });
        failures = 0;
      } catch (error) {
        failures++;
        const early = failures < 100 && error instanceof StreamMissing;
        if (!early && failures % 20 === 3) log.warn({ err: error, stream }, 'tail: trying again');
        await waker.sleep(Math.min(100 * failures, 1000), { ignoreWakes: true });
      }
    }
  })();

  return {
    ready,
    position: () => (incarnation === null ? null : { seq: last, incarnation }),
    check() {
      if (broken && performance.now() - attachedAt > DETACHED_MS)
        throw Object.assign(new Error(`The tail of ${stream} is not attached`), { code: 'not_attached' });
    },
    async stop() {
      stopped = true;
      waker.wake();
      await loop;
      end();
    },
  };
}

export function toTailed(message: Pulled, incarnation: string): TailedMessage {
  let parsed: Envelope[] | null = null;
  return {
    subject: message.subject,
    seq: message.seq,
    incarnation,
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
export function incarnationOf(info: { created: unknown }): string {
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
