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
  /** Ids of the events this gateway has met, every tenant's. */
  seen: SeenEvents;
  /** Whether the tenant's events are wanted: else they aren't even parsed. */
  listens(tenantId: string): boolean;
  onEvent(event: RealtimeEvent): void;
  onRevoked(revoked: { tenantId: string; userId: string; sessionId: string | null }): void;
}

/** So many of the stream's last events a starting gateway gets to know: as if it had been there. */
const KNOWN_AT_START = 10_000;

/** The mesh's events as they are published, for one gateway. Survives killed servers and a lost store: see messaging's tailStream. */
export async function startFeed(options: FeedOptions): Promise<Feed> {
  const { bus, log, seen, listens, onEvent, onRevoked } = options;
  /** Null until the first event. */
  let horizon: number | null = null;
  let firstKept = 0;

  const hear = (withCursor: boolean) => (message: TailedMessage) => {
    const { id } = message;
    if (withCursor) horizon ??= message.seq > firstKept ? Date.parse((message.json() as Envelope).time) : 0;
    const known = id !== null && seen.has(id);
    if (id !== null) seen.add(id);
    const tenantId = tenantOf(message.subject);
    if (!tenantId || !listens(tenantId)) return;
    const event = toEvent(message, withCursor, known);
    if (event) onEvent(event);
  };

  async function window(): Promise<StreamWindow> {
    const [info, incarnation] = await Promise.all([bus.findStream(MAIN), streamIncarnation(bus, MAIN)]);
    if (!info) throw new Error(`Stream ${MAIN} is missing`);
    return { incarnation, firstSeq: info.state.first_seq, lastSeq: info.state.last_seq };
  }

  await bus.ensureStream('conversation');
  const { incarnation, firstSeq, lastSeq } = await window();
  firstKept = firstSeq;
  const tails = [
    // Nobody is connected yet: what was there before us is met and shown to no one.
    tailStream(bus, MAIN, MAIN_FILTER, hear(true), {
      log,
      after: { incarnation, seq: Math.max(0, lastSeq - KNOWN_AT_START) },
    }),
    tailStream(bus, streamName('channel-connector'), channelStatus.filter, hear(false), { log }),
    tailStream(bus, streamName('identity'), notificationCreated.filter, hear(false), { log }),
    tailStream(
      bus,
      streamName('identity'),
      sessionRevoked.filter,
      (message) => {
        const envelope = message.json() as Envelope<{ userId: string; sessionId: string | null }>;
        onRevoked({ tenantId: envelope.tenantid, ...envelope.data });
      },
      { log },
    ),
  ];

  await Promise.all(tails.map((tail) => tail.ready));
  return {
    window,
    knownSince: () => horizon ?? 0,

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
          const event = toEvent(message, true, false);
          if (event) yield event;
        }
      }
      return { upTo: reader.upTo, incarnation: reader.incarnation, events: events() };
    },

    async stop() {
      await Promise.all(tails.map((tail) => tail.stop()));
    },
  };
}

/** `recado.<service>.<tenant>.…` → the tenant. */
function tenantOf(subject: string): string | null {
  return subject.split('.', 3)[2] ?? null;
}

/** Null for events that no dialect shows. */
function toEvent(message: TailedMessage, withCursor: boolean, known: boolean): RealtimeEvent | null {
  const name = HEARD.get(message.subject.split('.').slice(3).join('.'));
  if (!name) return null;
  const envelope = message.json() as Envelope;
  return {
    name,
    data: envelope.data,
    id: envelope.id,
    tenantId: envelope.tenantid,
    time: envelope.time,
    cursor: withCursor ? { incarnation: message.incarnation, seq: message.seq } : null,
    republished: message.replay,
    known,
  } as RealtimeEvent;
}
