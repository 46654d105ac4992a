import type { MsgHdrs } from '@nats-io/transport-node';
import { createInbox } from '@nats-io/transport-node';
import type { Bus } from '../jetstream/bus.ts';
import { EVENT_BATCH_TYPE, EVENT_TYPE, REPLAY_HEADER } from '../jetstream/streams.ts';

/** What the server says to a publish. */
export interface PubAck {
  seq: number;
  /** The stream had this id already; `seq` is that of the first. */
  duplicate: boolean;
}

export class PublishError extends Error {
  override name = 'PublishError';
  /**
   * `no-stream`: no stream listens on the subject. `full`: the stream refuses. `lost`: no answer.
   */
  kind: 'no-stream' | 'full' | 'lost' | 'other';
  constructor(kind: PublishError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface OutgoingBatch {
  id: string;
  subject: string;
  envelope: Uint8Array;
  events: number;
  /** It was in the stream before the stream was lost. */
  replay: boolean;
}

export interface Publisher {
  /**
   * Publishes at once and calls back once: with the ack, or with what went wrong. Throws when the
   * payload is too big.
   */
  publish(batch: OutgoingBatch, done: PublishDone): void;
  close(): void;
}
export type PublishDone = (error: PublishError | null, ack: PubAck | null) => void;

const ACK_TIMEOUT_MS = 5000;
const TEXT = new TextDecoder();

/**
 * Publishes many messages in flight over one reply subscription: 10 µs each, the client's
 * `js.publish` 35 to 47 (test/bench.ts). A broken connection fails all in flight at once.
 */
export function createPublisher(bus: Bus): Publisher {
  const { nc } = bus;
  const prefix = `${createInbox(bus.inboxPrefix)}.`;
  const waiting = new Map<string, { done: PublishDone; since: number }>();
  let next = 0;

  const subscription = nc.subscribe(`${prefix}*`, {
    callback: (error, message) => {
      if (error) return;
      const token = message.subject.slice(prefix.length);
      const entry = waiting.get(token);
      if (!entry) return; // its time was up
      waiting.delete(token);
      settle(entry.done, message.data, message.headers);
    },
  });
  const failAll = (reason: string, olderThan = Number.POSITIVE_INFINITY) => {
    for (const [token, entry] of waiting) {
      if (entry.since >= olderThan) return; // insertion order: the rest is younger
      waiting.delete(token);
      entry.done(new PublishError('lost', reason), null);
    }
  };
  const stopListening = bus.onConnection((state) => {
    if (state === 'lost') failAll('the connection to NATS was lost');
  });
  const sweeper = setInterval(() => failAll('no ack from NATS in time', performance.now() - ACK_TIMEOUT_MS), 500);

  return {
    publish(batch, done) {
      const token = (next++).toString(36);
      nc.publish(batch.subject, batch.envelope, { reply: prefix + token, headers: messageHeaders(batch) });
      waiting.set(token, { done, since: performance.now() });
    },
    close() {
      clearInterval(sweeper);
      stopListening();
      if (!nc.isClosed()) subscription.unsubscribe();
      failAll('the publisher was closed');
    },
  };
}

function settle(done: PublishDone, data: Uint8Array, headers: MsgHdrs | undefined): void {
  if (headers?.code === 503) {
    done(new PublishError('no-stream', 'no stream listens'), null);
    return;
  }
  try {
    const ack = JSON.parse(TEXT.decode(data)) as {
      seq?: number;
      duplicate?: boolean;
      error?: { err_code?: number; description?: string };
    };
    if (ack.error) {
      // 10077: maximum bytes exceeded, 10047: insufficient storage
      const full = ack.error.err_code === 10077 || ack.error.err_code === 10047;
      done(new PublishError(full ? 'full' : 'other', ack.error.description ?? 'refused'), null);
    } else if (typeof ack.seq === 'number') {
      done(null, { seq: ack.seq, duplicate: ack.duplicate === true });
    } else {
      done(new PublishError('other', 'unreadable ack'), null);
    }
  } catch {
    done(new PublishError('other', 'unreadable ack'), null);
  }
}

/** The header block of a publish, written out: ids are UUIDs, so nothing needs escaping. */
function messageHeaders({ id, events, replay }: OutgoingBatch): MsgHdrs {
  const type = events === 1 ? EVENT_TYPE : EVENT_BATCH_TYPE;
  const again = replay ? `${REPLAY_HEADER}:1\r\n` : '';
  const block = `NATS/1.0\r\nNats-Msg-Id:${id}\r\nContent-Type:${type}\r\n${again}\r\n`;
  return new RawHeaders(block) as unknown as MsgHdrs;
}

/** The client only asks headers to encode themselves. */
class RawHeaders {
  #block: string;
  constructor(block: string) {
    this.#block = block;
  }
  encode(): Uint8Array {
    return Buffer.from(this.#block, 'latin1');
  }
}
