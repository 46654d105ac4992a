import { type Envelope, sessionRevoked } from '@recado/contracts';
import {
  type Bus,
  createReplayReader,
  streamName,
  type Tail,
  type TailedMessage,
  tailStream,
  waitForStream,
} from '@recado/messaging';
import type { Log } from '@recado/service-kit';
import { joinCalls } from '../join-calls.ts';
import type { RealtimeEvent } from '../types.ts';
import { type Cursor, type Place, STREAMS, type StreamKey, type StreamWindows } from './cursor.ts';
import type { SeenEvents } from './seen-events.ts';
import { isRecovering, type PlacedEvent, SOURCES, tenantOf, timeOf, toEvents, windowOf, windowsOf } from './sources.ts';

export interface Feed {
  /** Resolves when events arrive: from then on none is missed while a client is connected. */
  wake(): Promise<void>;
  /** What the streams hold now, as asked of NATS after this call. Throws while NATS can't say. */
  windows(): Promise<StreamWindows>;
  /**
   * Unix ms of the first event that this gateway has seen; 0 when it has seen all of the streams.
   * It may miss older ones, rather than show them twice.
   */
  knownSince(): number;
  /**
   * Whether the outboxes are publishing 72 hours again after a lost store: a stream's last message
   * says so.
   */
  recovering(windows: StreamWindows): Promise<boolean>;
  /** One tenant's events from a place of a stream up to now, each with its own place alone. */
  replay(stream: StreamKey, tenantId: string, fromSeq: number): Promise<StreamReplay>;
  /**
   * For readiness.
   * @throws when one of its streams has been silent for a while
   */
  check(): Promise<void>;
  stop(): Promise<void>;
}

export interface StreamReplay {
  upTo: number;
  generation: string;
  events: AsyncIterable<PlacedEvent>;
}

export interface FeedOptions {
  bus: Bus;
  log: Log;
  /**
   * Ids of the messages this gateway has met, every tenant's. An event batch has the same id when
   * it is published again.
   */
  seen: SeenEvents;
  /** Whether a client is connected; else the stream is not even read. */
  isWatched(): boolean;
  /** Whether the tenant's events are wanted: else they aren't even parsed. */
  listens(tenantId: string): boolean;
  onEvent(event: RealtimeEvent): void;
  onRevoked(revoked: { tenantId: string; userId: string; sessionId: string | null }): void;
  /** It keeps reading this many milliseconds after its last client. */
  restAfterMs?: number;
}

/** A gateway that begins to read learns this many of a stream's last messages. */
const KNOWN_AT_START = 10_000;
const REST_AFTER_MS = 30_000;

/** How far a gateway has read, and whether it reads. */
interface Reading {
  /** The tails while it listens, else null. */
  listening: Promise<Tail[]> | null;
  /** Counts the times it listened: a tail of before is not heard. */
  turn: number;
  /** When a client was there last, by the steady clock. */
  wantedAt: number;
  /** Where it has been: everything up to here is met. */
  met: { [K in StreamKey]?: Place };
  /** From when on it knows each stream, Unix ms. */
  horizons: Map<StreamKey, number>;
}

/**
 * The events of the mesh for one gateway. Survives killed servers and a lost store (tailStream).
 * Reads nothing while no client is connected; the next client waits until it has caught up.
 */
export async function startFeed(options: FeedOptions): Promise<Feed> {
  const { bus, isWatched, restAfterMs = REST_AFTER_MS } = options;
  const reading: Reading = { listening: null, turn: 0, wantedAt: 0, met: {}, horizons: new Map() };
  const windows = joinCalls(() => windowsOf(bus));
  for (const { stream } of [...Object.values(SOURCES), { stream: streamName('identity') }])
    await waitForStream(bus, stream);
  // Always: who was logged out must not stay connected, whenever they came.
  const revocations = tailRevocations(options);
  await Promise.all([revocations.ready, windows()]);
  const resting = setInterval(() => {
    if (isWatched()) reading.wantedAt = performance.now();
    else if (reading.listening && performance.now() - reading.wantedAt >= restAfterMs) void rest(reading);
  }, restAfterMs / 10);

  return {
    wake: () => wake(options, reading),
    windows,
    knownSince: () => Math.max(0, ...reading.horizons.values()),
    async check() {
      revocations.check();
      for (const tail of (await reading.listening) ?? []) tail.check();
    },
    async recovering(now) {
      const each = await Promise.all(STREAMS.map((key) => isRecovering(bus, key, now[key])));
      return each.includes(true);
    },
    async replay(key, tenantId, fromSeq) {
      const { stream, ofTenant } = SOURCES[key];
      const reader = await createReplayReader(bus, stream, ofTenant(tenantId), fromSeq);
      async function* events() {
        for await (const message of reader) yield* toEvents(key, message, false);
      }
      return { upTo: reader.upTo, generation: reader.generation, events: events() };
    },
    async stop() {
      clearInterval(resting);
      await Promise.all([revocations.stop(), rest(reading)]);
    },
  };
}

function tailRevocations({ bus, log, onRevoked }: FeedOptions): Tail {
  type Revoked = Envelope<{ userId: string; sessionId: string | null }>;
  const onMessage = (message: TailedMessage) => {
    for (const { tenantid, data } of message.envelopes() as Revoked[]) onRevoked({ tenantId: tenantid, ...data });
  };
  return tailStream(bus, streamName('identity'), sessionRevoked.filter, onMessage, { log });
}

async function wake(options: FeedOptions, reading: Reading): Promise<void> {
  reading.wantedAt = performance.now();
  reading.listening ??= listen(options, reading);
  const current = reading.listening;
  try {
    await current;
  } catch (error) {
    if (reading.listening === current) reading.listening = null;
    throw error;
  }
}

async function listen(options: FeedOptions, reading: Reading): Promise<Tail[]> {
  const { bus, log } = options;
  await Promise.all(
    STREAMS.map(async (key) => {
      reading.met[key] = await catchUp(options, reading, key);
    }),
  );
  const mine = ++reading.turn;
  const tails = STREAMS.map((key) => {
    const { stream, filter } = SOURCES[key];
    // A tail that is being stopped may still deliver: the next one brings the same.
    const onMessage = (message: TailedMessage) => mine === reading.turn && hear(options, reading, key, message);
    return tailStream(bus, stream, filter, onMessage, { log, after: reading.met[key]! });
  });
  await Promise.all(tails.map((tail) => tail.ready));
  return tails;
}

/** Learns the ids of what was published since it last listened, and shows none of it. */
async function catchUp({ bus, seen }: FeedOptions, { met, horizons }: Reading, key: StreamKey): Promise<Place> {
  const { stream, filter } = SOURCES[key];
  const { generation, firstSeq, lastSeq } = await windowOf(bus, stream);
  const earliest = Math.max(firstSeq, lastSeq - KNOWN_AT_START + 1, 1);
  const before = met[key];
  let from = earliest;
  if (before?.generation === generation && before.seq + 1 >= earliest) from = before.seq + 1;
  else horizons.set(key, earliest > Math.max(firstSeq, 1) ? await timeOf(bus, stream, earliest) : 0);
  const reader = await createReplayReader(bus, stream, filter, from, { headersOnly: true });
  if (reader.generation !== generation) throw new Error(`Stream ${stream} was made anew`);
  for await (const { id } of reader) if (id !== null) seen.add(id);
  return { generation, seq: reader.upTo };
}

function hear({ seen, listens, onEvent }: FeedOptions, { met }: Reading, key: StreamKey, message: TailedMessage): void {
  const { id, generation, seq, subject } = message;
  met[key] = { generation, seq };
  const known = id !== null && seen.has(id);
  if (id !== null) seen.add(id);
  const tenantId = tenantOf(subject);
  if (!tenantId || !listens(tenantId)) return;
  // An event comes after all that arrived before it: a tenant's queue keeps the order of all
  // streams together.
  for (const event of toEvents(key, message, known)) {
    onEvent({ ...event, cursor: { ...(met as Cursor), [key]: event.place } });
  }
}

async function rest(reading: Reading): Promise<void> {
  const tails = reading.listening;
  reading.listening = null;
  reading.turn++;
  for (const tail of (await tails?.catch(() => [])) ?? []) await tail.stop();
}
