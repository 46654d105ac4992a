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
  /** Asks for more until `wanted` messages are here or on their way. Call whenever some were taken. */
  want(count: number): void;
  close(): void;
}

interface PullerOptions {
  bus: Bus;
  stream: string;
  consumer: string;
  onMessage(message: Pulled): void;
  /** The consumer may be gone, or the connection was: look at it, then make a new puller. Called once. */
  onBroken(reason: string): void;
  /** Milliseconds until a request that nothing more comes for ends. */
  expiresMs?: number;
}

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 2500;
/** On the status that ends a request: how many messages it was still waiting for. */
const PENDING_HEADER = 'Nats-Pending-Messages';

/**
 * Pulls from a consumer over one subscription, without the client's iterator, message objects and promises: only what is
 * needed is cut out of the reply subject. Whatever happens that could leave it waiting for nothing (missed heartbeats,
 * no responders, consumer deleted, connection lost) breaks it, once, and its owner starts over.
 */
export function createPuller(options: PullerOptions): Puller {
  const { bus, stream, consumer, onMessage, onBroken, expiresMs = EXPIRES_MS } = options;
  const { nc } = bus;
  const heartbeatMs = Math.min(HEARTBEAT_MS, expiresMs / 2);
  const inbox = createInbox(bus.inboxPrefix);
  const target = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
  /**
   * Asked for, and neither here nor given back. Of all requests together: the server serves them in turns, so no message tells which
   * of them it was for, and one that ends tells how much it was still waiting for.
   */
  let onTheWay = 0;
  let wanted = 0;
  let next = 0;
  let heardAt = performance.now();
  let closed = false;

  const subscription = nc.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (closed) return;
      if (error) return broken(error.message);
      heardAt = performance.now();
      if (message.subject.startsWith(inbox)) return onStatus(message);
      onTheWay--;
      onMessage(parse(message));
    },
  });
  const stopListening = bus.onConnection((state) => {
    if (state === 'back') broken('NATS was away');
  });
  const watch = setInterval(() => {
    if (onTheWay > 0 && performance.now() - heardAt > heartbeatMs * 2.5) broken('missed heartbeats');
  }, heartbeatMs);

  function onStatus({ headers }: Msg): void {
    const code = headers?.code;
    if (code === 100) return; // idle heartbeat
    const completed = headers?.description === 'Batch Completed';
    const pending = headers?.get(PENDING_HEADER) || (completed ? '0' : '');
    // 408: its time is up; 404: nothing there. The rest wants a look at the consumer.
    if (!(code === 408 || code === 404 || completed) || pending === '') {
      broken(`${code} ${headers?.description ?? ''}`.trim());
      return;
    }
    onTheWay -= Number(pending);
    if (onTheWay <= 0 && wanted > 0) want(wanted);
  }

  function want(count: number): void {
    if (closed) return;
    wanted = count;
    const missing = count - onTheWay;
    // Small refills would mean a request per message: wait until half of it is used up.
    if (missing <= 0 || (onTheWay > 0 && missing < count / 2)) return;
    if (onTheWay <= 0) heardAt = performance.now();
    onTheWay += missing;
    // Durations are nanoseconds.
    nc.publish(
      target,
      `{"batch":${missing},"expires":${expiresMs}000000,"idle_heartbeat":${Math.round(heartbeatMs)}000000}`,
      { reply: `${inbox}.${(next++).toString(36)}` },
    );
  }

  function broken(reason: string): void {
    if (closed) return;
    close();
    onBroken(reason);
  }

  function close(): void {
    if (closed) return;
    closed = true;
    clearInterval(watch);
    stopListening();
    if (!nc.isClosed()) subscription.unsubscribe();
  }

  return { want, close };
}

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>`; newer servers put two more in front. */
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
