import { AckPolicy, type ConsumerInfo, type MsgRequest, type StreamInfo } from '@nats-io/jetstream';
import type { ServiceName } from '@recado/contracts';
import type { Bus } from '../jetstream/bus.ts';
import { streamName } from '../jetstream/streams.ts';
import type { Log } from '../types.ts';

/**
 * A stream fuller than this is purged; the alert of infra/observability/alerts.yml fires later than
 * that.
 */
const PURGE_ABOVE = 0.7;
/** What a purge leaves: cursors of sockets and tails that reconnect still find the newest half. */
const PURGE_TO = 0.5;

export interface Room {
  bytes: number;
  /** 0 when the stream has no limit. */
  maxBytes: number;
  /** Messages this look has purged. */
  purged: number;
  /** The consumer whose unread messages kept a purge from being enough, or null. */
  heldBy: string | null;
}

/** Up to which sequence every consumer has read, and which consumer has read least. */
export interface ReadFloor {
  seq: number;
  heldBy: string | null;
}

interface RoomOptions {
  bus: Bus;
  service: ServiceName;
  log: Log;
  /** Durables that must exist before anything is purged. */
  expected: readonly string[];
  /** The stream has refused a message: purge at any fullness. */
  force: boolean;
}

/**
 * Purges the oldest messages that every consumer has read once the stream is fuller than 70 %
 * (`discard: new` would refuse). Null when the stream is missing.
 */
export async function makeRoom({ bus, service, log, expected, force }: RoomOptions): Promise<Room | null> {
  const stream = streamName(service);
  // Read before the consumers: what was published in between is not in `last_seq`, so it is never
  // purged.
  const info = await bus.findStream(stream);
  if (!info) return null;
  const { bytes } = info.state;
  const maxBytes = Math.max(info.config.max_bytes, 0);
  const room: Room = { bytes, maxBytes, purged: 0, heldBy: null };
  if (maxBytes === 0 || !(force || bytes > maxBytes * PURGE_ABOVE)) return room;
  const floor = await findReadFloor(bus, info, expected);
  const wanted = Math.min(seqToFree(info), info.state.last_seq);
  const upTo = Math.min(floor.seq, wanted);
  if (upTo < wanted) room.heldBy = floor.heldBy;
  if (upTo >= info.state.first_seq) {
    const { purged } = await bus.jsm.streams.purge(stream, { seq: upTo + 1 });
    room.purged = purged;
    room.bytes = (await bus.findStream(stream))?.state.bytes ?? bytes;
    log.info({ stream, purged, upTo }, 'stream was filling up: purged what every consumer has read');
  }
  return room;
}

/** The sequence up to which the oldest messages have to go, by their average size. */
function seqToFree({ state, config }: StreamInfo): number {
  if (state.messages === 0) return 0;
  const surplus = Math.max(state.bytes - config.max_bytes * PURGE_TO, 1);
  return state.first_seq + Math.ceil((surplus * state.messages) / state.bytes) - 1;
}

/**
 * How far every consumer has read: durables, and live tails and readers. `info` must be older than
 * this call. An expected durable that does not exist has read nothing.
 */
export async function findReadFloor(bus: Bus, info: StreamInfo, expected: readonly string[]): Promise<ReadFloor> {
  const stream = info.config.name;
  const consumers: ConsumerInfo[] = [];
  for await (const consumer of bus.jsm.consumers.list(stream)) consumers.push(consumer);
  const known = new Set(consumers.map(({ name }) => name));
  const missing = expected.find((name) => !known.has(name));
  if (missing !== undefined) return { seq: 0, heldBy: missing };
  // A cluster's answer leaves out consumers whose leader is away.
  if (consumers.length < info.state.consumer_count) return { seq: 0, heldBy: 'a consumer that did not answer' };
  let floor: ReadFloor = { seq: info.state.last_seq, heldBy: null };
  for (const consumer of consumers) {
    if (settledSeq(consumer) >= floor.seq) continue;
    const seq = (await firstUnread(bus, stream, consumer)) - 1;
    if (seq < floor.seq) floor = { seq, heldBy: consumer.name };
  }
  return floor;
}

/** Everything up to here is acknowledged, or for a tail was delivered. */
function settledSeq({ config, ack_floor, delivered }: ConsumerInfo): number {
  return config.ack_policy === AckPolicy.None ? delivered.stream_seq : ack_floor.stream_seq;
}

/**
 * The first message after the settled ones that its filter lets through; infinity when there is
 * none. Read from the stream: the server's pending count is an estimate, and a wrong 0 would purge.
 */
async function firstUnread(bus: Bus, stream: string, consumer: ConsumerInfo): Promise<number> {
  const after = settledSeq(consumer) + 1;
  const { filter_subject: filter, filter_subjects: several } = consumer.config;
  if (several && several.length > 0) return after;
  // The client's type lacks `next_by_subj`; servers know it since 2.9.
  const query = { seq: after, next_by_subj: filter || '>' } as MsgRequest;
  const next = await bus.jsm.streams.getMessage(stream, query);
  return next?.seq ?? Number.POSITIVE_INFINITY;
}
