import { createInbox, type Msg } from '@nats-io/transport-node';
import type { Bus } from './bus.ts';
import { REPLAY_HEADER } from './streams.ts';

/** A message as pulled, before anything of it is parsed. */
export interface Pulled {
  subject: string;
  data: Uint8Array;
  /** Where acknowledgements go. */
  reply: string;
  /** Sequence in the stream. */
  seq: number;
  /** Sequence within the consumer: one gap means one message lost on the way here. */
  consumerSeq: number;
  /** Messages behind this one. */
  pending: number;
  /** Published again after its stream was lost. */
  readonly replay: boolean;
  header(name: string): string | undefined;
}

export interface Puller {
  /**
   * Asks for more until `wanted` messages are here or on their way. Call whenever some were taken.
   */
  want(count: number): void;
  close(): void;
}

interface PullerOptions {
  bus: Bus;
  stream: string;
  consumer: string;
  onMessage(message: Pulled): void;
  /**
   * The consumer may be gone, or the connection was: look at it, then make a new puller. Called
   * once.
   */
  onBroken(reason: string): void;
  /** Milliseconds until a request that nothing more comes for ends. */
  expiresMs?: number;
}

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 2500;
/** On the status that ends a request: how many messages it was still waiting for. */
const PENDING_HEADER = 'Nats-Pending-Messages';

interface State {
  options: PullerOptions;
  expiresMs: number;
  heartbeatMs: number;
  /** Below it come messages and statuses. */
  inbox: string;
  /**
   * Asked for, and neither here nor given back. Of all requests together: no message tells which of
   * them it was for, and one that ends tells how much it was still waiting for.
   */
  onTheWay: number;
  wanted: number;
  /** Of requests so far. */
  requests: number;
  /** When anything came last, by the steady clock. */
  heardAt: number;
  /** Ends subscription, listener and timer; null once closed. */
  release: (() => void) | null;
}

/**
 * Pulls over one subscription, without the client's iterator, message objects and promises. Missed
 * heartbeats, no responders, a deleted consumer or a lost connection end it; its owner restarts.
 */
export function createPuller(options: PullerOptions): Puller {
  const { bus, expiresMs = EXPIRES_MS } = options;
  const state: State = {
    options,
    expiresMs,
    heartbeatMs: Math.min(HEARTBEAT_MS, expiresMs / 2),
    inbox: createInbox(bus.inboxPrefix),
    onTheWay: 0,
    wanted: 0,
    requests: 0,
    heardAt: performance.now(),
    release: null,
  };
  const subscription = bus.nc.subscribe(`${state.inbox}.*`, {
    callback: (error, message) => {
      if (!state.release) return;
      if (error) breakOff(state, error.message);
      else receive(state, message);
    },
  });
  const stopListening = bus.onConnection((connection) => {
    if (connection === 'back') breakOff(state, 'NATS was away');
  });
  const watch = setInterval(() => {
    const silentMs = performance.now() - state.heardAt;
    if (state.onTheWay > 0 && silentMs > state.heartbeatMs * 2.5) breakOff(state, 'missed heartbeats');
  }, state.heartbeatMs);
  state.release = () => {
    clearInterval(watch);
    stopListening();
    if (!bus.nc.isClosed()) subscription.unsubscribe();
  };
  return { want: (count) => want(state, count), close: () => close(state) };
}

function receive(state: State, message: Msg): void {
  state.heardAt = performance.now();
  if (message.subject.startsWith(state.inbox)) {
    receiveStatus(state, message);
    return;
  }
  state.onTheWay--;
  state.options.onMessage(parse(message));
}

function receiveStatus(state: State, { headers }: Msg): void {
  const code = headers?.code;
  if (code === 100) return; // idle heartbeat
  const completed = headers?.description === 'Batch Completed';
  const pending = headers?.get(PENDING_HEADER) || (completed ? '0' : '');
  // 408: its time is up; 404: nothing there. The rest wants a look at the consumer.
  if (!(code === 408 || code === 404 || completed) || pending === '') {
    breakOff(state, `${code} ${headers?.description ?? ''}`.trim());
    return;
  }
  state.onTheWay -= Number(pending);
  if (state.onTheWay <= 0 && state.wanted > 0) want(state, state.wanted);
}

function want(state: State, count: number): void {
  if (!state.release) return;
  state.wanted = count;
  const missing = count - state.onTheWay;
  // Small refills would mean a request per message: wait until half of it is used up.
  if (missing <= 0 || (state.onTheWay > 0 && missing < count / 2)) return;
  if (state.onTheWay <= 0) state.heardAt = performance.now();
  state.onTheWay += missing;
  const { bus, stream, consumer } = state.options;
  // Durations are nanoseconds.
  const heartbeat = `${Math.round(state.heartbeatMs)}000000`;
  bus.nc.publish(
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
    `{"batch":${missing},"expires":${state.expiresMs}000000,"idle_heartbeat":${heartbeat}}`,
    { reply: `${state.inbox}.${(state.requests++).toString(36)}` },
  );
}

function breakOff(state: State, reason: string): void {
  if (!state.release) return;
  close(state);
  state.options.onBroken(reason);
}

function close(state: State): void {
  const { release } = state;
  state.release = null;
  release?.();
}

/**
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`; newer
 * servers put two more in front.
 */
function parse(message: Msg): Pulled {
  const reply = message.reply ?? '';
  const parts = reply.split('.');
  const at = parts.length >= 11 ? 6 : 4;
  return {
    subject: message.subject,
    data: message.data,
    reply,
    seq: Number(parts[at + 1]),
    consumerSeq: Number(parts[at + 2]),
    pending: Number(parts[at + 4]),
    // Headers are a map that costs more than all the rest: read only when asked for.
    get replay() {
      return message.headers?.has(REPLAY_HEADER) ?? false;
    },
    header: (name) => message.headers?.get(name) || undefined,
  };
}
