import {
  channelStatus,
  conversationCreated,
  conversationUpdated,
  type Envelope,
  type EventContract,
  messageCreated,
  messageUpdated,
  notificationCreated,
  sessionRevoked,
} from '@recado/contracts';
import {
  type Bus,
  createReplayReader,
  generationOf,
  REPLAY_HEADER,
  streamName,
  type Tail,
  type TailedMessage,
  tailStream,
  waitForStream,
} from '@recado/messaging';
import type { Log } from '@recado/service-kit';
import { type Cursor, type Place, STREAMS, type StreamKey, type StreamWindow, type StreamWindows } from './cursor.ts';
import { joinCalls } from './join-calls.ts';
import type { SeenEvents } from './seen-events.ts';
import type { HeardEvent, RealtimeEvent } from './types.ts';

/** The sources of sockets' events: stream and filter; of one tenant by `ofTenant`. */
const SOURCES = {
  main: {
    stream: streamName('conversation'),
    filter: 'recado.conversation.>',
    ofTenant: (tenantId: string) => `recado.conversation.${tenantId}.>`,
  },
  notifications: sourceOf(notificationCreated),
  channels: sourceOf(channelStatus),
} satisfies Record<StreamKey, unknown>;

function sourceOf(event: EventContract) {
  const ofTenant = (tenantId: string) => event.subject(tenantId);
  return { stream: streamName(event.service), filter: event.filter, ofTenant };
}

/** The end of a subject, after the tenant → the name sockets' dialects know the event by. */
const HEARD = new Map<string, HeardEvent['name']>(
  (
    [
      [messageCreated, 'message.created'],
      [messageUpdated, 'message.updated'],
      [conversationCreated, 'conversation.created'],
      [conversationUpdated, 'conversation.updated'],
      [channelStatus, 'channel.status-changed'],
      [notificationCreated, 'notification.created'],
    ] as const
  ).map(([event, name]) => [`${event.entity}.${event.verb}`, name]),
);

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

/** An event and its place in its own stream. */
export type PlacedEvent = RealtimeEvent & { place: Place };

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

/**
 * The events of the mesh for one gateway. Survives killed servers and a lost store (tailStream).
 * Reads nothing while no client is connected; the next client waits until it has caught up.
 */
export async function startFeed(options: FeedOptions): Promise<Feed> {
  const { bus, log, seen, isWatched, listens, onEvent, onRevoked, restAfterMs = REST_AFTER_MS } = options;
  const horizons = new Map<StreamKey, number>();
  /** The tails while it listens, else null. */
  let listening: Promise<Tail[]> | null = null;
  /** Where it has been: everything up to here is met. */
  const met: { [K in StreamKey]?: Place } = {};
  let wantedAt = 0;
  let turn = 0;

  const windows = joinCalls(async (): Promise<StreamWindows> => {
    const [main, notifications, channels] = await Promise.all(STREAMS.map((key) => windowOf(bus, SOURCES[key].stream)));
    return { main: main!, notifications: notifications!, channels: channels! };
  });

  /** Learns the ids of what was published since it last listened, and shows none of it. */
  async function catchUp(key: StreamKey): Promise<Place> {
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

  function hear(key: StreamKey, message: TailedMessage): void {
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

  async function listen(): Promise<Tail[]> {
    await Promise.all(
      STREAMS.map(async (key) => {
        met[key] = await catchUp(key);
      }),
    );
    const mine = ++turn;
    const tails = STREAMS.map((key) => {
      const { stream, filter } = SOURCES[key];
      // A tail that is being stopped may still deliver: the next one brings the same.
      const onMessage = (message: TailedMessage) => mine === turn && hear(key, message);
      return tailStream(bus, stream, filter, onMessage, { log, after: met[key]! });
    });
    await Promise.all(tails.map((tail) => tail.ready));
    return tails;
  }

  async function rest(): Promise<void> {
    const tails = listening;
    listening = null;
    turn++;
    for (const tail of (await tails?.catch(() => [])) ?? []) await tail.stop();
  }

  for (const { stream } of [...Object.values(SOURCES), { stream: streamName('identity') }])
    await waitForStream(bus, stream);
  // Always: who was logged out must not stay connected, whenever they came.
  const revocations = tailStream(
    bus,
    streamName('identity'),
    sessionRevoked.filter,
    (message) => {
      for (const { tenantid, data } of message.envelopes() as Envelope<{
        userId: string;
        sessionId: string | null;
      }>[]) {
        onRevoked({ tenantId: tenantid, ...data });
      }
    },
    { log },
  );
  await Promise.all([revocations.ready, windows()]);
  const resting = setInterval(() => {
    if (isWatched()) wantedAt = performance.now();
    else if (listening && performance.now() - wantedAt >= restAfterMs) void rest();
  }, restAfterMs / 10);

  return {
    async wake() {
      wantedAt = performance.now();
      listening ??= listen();
      const current = listening;
      try {
        await current;
      } catch (error) {
        if (listening === current) listening = null;
        throw error;
      }
    },
    windows,
    knownSince: () => Math.max(0, ...horizons.values()),
    async check() {
      revocations.check();
      for (const tail of (await listening) ?? []) tail.check();
    },

    async recovering(now) {
      const last = await Promise.all(
        STREAMS.map(async (key) => {
          const { firstSeq, lastSeq } = now[key];
          // Nothing was published yet, or all of it has expired.
          if (lastSeq === 0 || firstSeq > lastSeq) return false;
          const stored = await bus.jsm.streams.getMessage(SOURCES[key].stream, { seq: lastSeq });
          return stored?.header.has(REPLAY_HEADER) ?? false;
        }),
      );
      return last.includes(true);
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
      await Promise.all([revocations.stop(), rest()]);
    },
  };
}

/** `recado.<service>.<tenant>.…` → the tenant. */
function tenantOf(subject: string): string | null {
  return subject.split('.', 3)[2] ?? null;
}

/** A message's events in their order; none of those that no dialect shows. */
function toEvents(stream: StreamKey, message: TailedMessage, known: boolean): PlacedEvent[] {
  const { subject, generation, seq, replay: republished } = message;
  const name = HEARD.get(subject.split('.').slice(3).join('.'));
  if (!name) return [];
  const envelopes = message.envelopes();
  return envelopes.map(({ data, id, tenantid: tenantId, time }, index) => {
    const place = index === envelopes.length - 1 ? { generation, seq } : { generation, seq, index };
    const previous = index === 0 ? { generation, seq: seq - 1 } : { generation, seq, index: index - 1 };
    return { name, data, id, tenantId, time, stream, place, previous, cursor: null, republished, known } as PlacedEvent;
  });
}

async function windowOf(bus: Bus, stream: string): Promise<StreamWindow> {
  const info = await bus.findStream(stream);
  if (!info) throw new Error(`Stream ${stream} is missing`);
  return { generation: generationOf(info), firstSeq: info.state.first_seq, lastSeq: info.state.last_seq };
}

/** When the first event of a message happened, Unix ms. */
async function timeOf(bus: Bus, stream: string, seq: number): Promise<number> {
  const stored = await bus.jsm.streams.getMessage(stream, { seq });
  const [first] = stored ? [stored.json<Envelope | Envelope[]>()].flat() : [];
  return first ? Date.parse(first.time) : Date.now();
}
