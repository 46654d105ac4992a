import {
  channelStatus,
  conversationCreated,
  conversationUpdated,
  type Envelope,
  messageCreated,
  messageUpdated,
  notificationCreated,
  sessionRevoked,
} from '@recado/contracts';
import {
  type Bus,
  createReplayReader,
  REPLAY_HEADER,
  streamIncarnation,
  streamName,
  type Tail,
  type TailedMessage,
  tailStream,
} from '@recado/messaging';
import type { Log } from '@recado/service-kit';
import type { StreamWindow } from './cursor.ts';
import type { SeenEvents } from './seen-events.ts';
import type { HeardEvent, RealtimeEvent } from './types.ts';

/** The stream whose places are the clients' cursors. */
const MAIN = streamName('conversation');
const MAIN_FILTER = 'recado.conversation.>';

/** What sockets hear besides, and can't come back to. */
const OTHERS = [channelStatus, notificationCreated];

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
  /** Resolves when events are heard: from then on nothing that is published is missed while somebody watches. */
  wake(): Promise<void>;
  /** What the main stream holds now. Throws while NATS can't say. */
  window(): Promise<StreamWindow>;
  /**
   * Unix ms of the first event this gateway has met; 0 when it has met everything the stream held. What it doesn't know from
   * before that it may have missed, rather than be the first to hear of.
   */
  knownSince(): number;
  /** Whether the outboxes are publishing 72 hours again after a lost store: the stream's last message says so. */
  recovering(window: StreamWindow): Promise<boolean>;
  /** One tenant's events from a place of the main stream up to now. */
  replay(
    tenantId: string,
    fromSeq: number,
  ): Promise<{ upTo: number; incarnation: string; events: AsyncIterable<RealtimeEvent> }>;
  stop(): Promise<void>;
}

export interface FeedOptions {
  bus: Bus;
  log: Log;
  /** Ids of the messages this gateway has met, every tenant's. A parcel has the same id when it is published again. */
  seen: SeenEvents;
  /** Whether anybody is connected: else the stream isn't even read. */
  isWatched(): boolean;
  /** Whether the tenant's events are wanted: else they aren't even parsed. */
  listens(tenantId: string): boolean;
  onEvent(event: RealtimeEvent): void;
  onRevoked(revoked: { tenantId: string; userId: string; sessionId: string | null }): void;
  /** So long after its last client it goes on listening, in milliseconds. */
  restAfterMs?: number;
}

/** So many of the stream's last messages a gateway gets to know that begins to listen: as if it had been there. */
const KNOWN_AT_START = 10_000;
const REST_AFTER_MS = 30_000;

/**
 * The mesh's events as they are published, for one gateway. Survives killed servers and a lost store: see messaging's
 * tailStream. While nobody is connected it does not listen; who comes then waits until it has caught up.
 */
export async function startFeed(options: FeedOptions): Promise<Feed> {
  const { bus, log, seen, isWatched, listens, onEvent, onRevoked, restAfterMs = REST_AFTER_MS } = options;
  let horizon = 0;
  /** The tails while it listens, else null. */
  let listening: Promise<Tail[]> | null = null;
  /** Where it has been: everything up to here is met. */
  let met: { incarnation: string; seq: number } | null = null;
  let wantedAt = 0;
  let turn = 0;

  async function window(): Promise<StreamWindow> {
    const [info, incarnation] = await Promise.all([bus.findStream(MAIN), streamIncarnation(bus, MAIN)]);
    if (!info) throw new Error(`Stream ${MAIN} is missing`);
    return { incarnation, firstSeq: info.state.first_seq, lastSeq: info.state.last_seq };
  }

  /** Gets to know what was published since it last listened, or the end of it. Nobody is shown anything of that. */
  async function catchUp(): Promise<{ incarnation: string; seq: number }> {
    const { incarnation, firstSeq, lastSeq } = await window();
    const earliest = Math.max(firstSeq, lastSeq - KNOWN_AT_START + 1, 1);
    let from = earliest;
    if (met?.incarnation === incarnation && met.seq + 1 >= earliest) from = met.seq + 1;
    else horizon = earliest > firstSeq ? await timeOf(earliest) : 0;
    const reader = await createReplayReader(bus, MAIN, MAIN_FILTER, from, { headersOnly: true });
    if (reader.incarnation !== incarnation) throw new Error(`Stream ${MAIN} was made anew`);
    for await (const { id } of reader) if (id !== null) seen.add(id);
    return { incarnation, seq: reader.upTo };
  }

  /** When the first event of a message happened, Unix ms. */
  async function timeOf(seq: number): Promise<number> {
    const stored = await bus.jsm.streams.getMessage(MAIN, { seq });
    const [first] = stored ? [stored.json<Envelope | Envelope[]>()].flat() : [];
    return first ? Date.parse(first.time) : Date.now();
  }

  async function listen(): Promise<Tail[]> {
    const after = await catchUp();
    met = after;
    const mine = ++turn;
    const hear = (withCursor: boolean) => (message: TailedMessage) => {
      // A tail that is being stopped may still deliver: the next one brings the same.
      if (mine !== turn) return;
      const { id, incarnation, seq } = message;
      if (withCursor) met = { incarnation, seq };
      const known = id !== null && seen.has(id);
      if (id !== null) seen.add(id);
      const tenantId = tenantOf(message.subject);
      if (!tenantId || !listens(tenantId)) return;
      for (const event of toEvents(message, withCursor, known)) onEvent(event);
    };
    const tails = [
      tailStream(bus, MAIN, MAIN_FILTER, hear(true), { log, after }),
      ...OTHERS.map(({ service, filter }) => tailStream(bus, streamName(service), filter, hear(false), { log })),
    ];
    await Promise.all(tails.map((tail) => tail.ready));
    return tails;
  }

  async function rest(): Promise<void> {
    const tails = listening;
    listening = null;
    turn++;
    for (const tail of (await tails?.catch(() => [])) ?? []) await tail.stop();
  }

  await bus.ensureStream('conversation');
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
  await Promise.all([revocations.ready, window()]);
  const resting = setInterval(() => {
    if (isWatched()) wantedAt = Date.now();
    else if (listening && Date.now() - wantedAt >= restAfterMs) void rest();
  }, restAfterMs / 10);

  return {
    async wake() {
      wantedAt = Date.now();
      listening ??= listen();
      const current = listening;
      try {
        await current;
      } catch (error) {
        if (listening === current) listening = null;
        throw error;
      }
    },
    window,
    knownSince: () => horizon,

    async recovering({ firstSeq, lastSeq }) {
      // Nothing was published yet, or all of it has expired.
      if (lastSeq === 0 || firstSeq > lastSeq) return false;
      const last = await bus.jsm.streams.getMessage(MAIN, { seq: lastSeq });
      return last?.header.has(REPLAY_HEADER) ?? false;
    },

    async replay(tenantId, fromSeq) {
      const reader = await createReplayReader(bus, MAIN, `recado.conversation.${tenantId}.>`, fromSeq);
      async function* events() {
        for await (const message of reader) {
          yield* toEvents(message, true, false);
        }
      }
      return { upTo: reader.upTo, incarnation: reader.incarnation, events: events() };
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
function toEvents(message: TailedMessage, withCursor: boolean, known: boolean): RealtimeEvent[] {
  const { subject, incarnation, seq, replay: republished } = message;
  const name = HEARD.get(subject.split('.').slice(3).join('.'));
  if (!name) return [];
  const envelopes = message.envelopes();
  return envelopes.map(({ data, id, tenantid: tenantId, time }, index) => {
    const cursor = index === envelopes.length - 1 ? { incarnation, seq } : { incarnation, seq, index };
    return { name, data, id, tenantId, time, cursor: withCursor ? cursor : null, republished, known } as RealtimeEvent;
  });
}
