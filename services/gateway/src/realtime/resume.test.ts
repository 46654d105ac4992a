import { uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { type Cursor, encodeCursor } from './cursor.ts';
import type { Feed } from './feed.ts';
import { createHub } from './hub.ts';
import { resume } from './resume.ts';
import type { Dialect, RealtimeEvent, RealtimeSession } from './types.ts';

const tenantId = uuidv7();
const echo: Dialect = { frames: (event) => [{ name: 'event', payload: { id: event.id } }] };
const START_OF_LIFE = 1_700_000_000_000;

/** The stream of one life: sequence n holds event `e<n>`. `republished`: those that stood in the lost stream too. */
function streamOf(count: number, republished: number[] = []) {
  const life = 'b2';
  const event = (seq: number): RealtimeEvent =>
    ({
      name: 'conversation.updated',
      data: {},
      id: `e${seq}`,
      tenantId,
      time: new Date(START_OF_LIFE + seq * 1000).toISOString(),
      cursor: { incarnation: life, seq },
      republished: republished.includes(seq),
      known: false,
    }) as unknown as RealtimeEvent;
  const feed: Feed = {
    wake: async () => undefined,
    window: async () => ({ incarnation: life, firstSeq: 1, lastSeq: count }),
    knownSince: () => 0,
    recovering: async ({ lastSeq }) => republished.includes(lastSeq),
    async replay(_tenant, fromSeq) {
      async function* events() {
        for (let seq = fromSeq; seq <= count; seq++) yield event(seq);
      }
      return { upTo: count, incarnation: life, events: events() };
    },
    stop: async () => undefined,
  };
  return { feed, event };
}

async function connect(feed: Feed, lastEventId?: string) {
  const hub = createHub(
    { saas: echo, crm: echo, bots: echo, inbox: echo, scheduler: echo },
    { users: async () => new Map() },
  );
  const heard: string[] = [];
  const session: RealtimeSession = {
    id: uuidv7(),
    tenantId,
    userId: uuidv7(),
    sessionId: null,
    edition: 'inbox',
    caller: { tenantId, userId: null, role: 'agent', permissions: [], edition: 'inbox', service: 'gateway' },
    since: Date.now(),
    send: (name, payload) =>
      heard.push(name === 'event' ? String(payload.id) : `${name.split(':')[1]} ${payload.eventId}`),
    close: () => undefined,
  };
  await resume({ session, lastEventId, hub, feed });
  return { hub, session, heard };
}

/** Sequence n holds three events, `e<n>.0` to `e<n>.2`. */
function streamOfParcels(count: number) {
  const { feed, event } = streamOf(count);
  const parcel = (seq: number): RealtimeEvent[] =>
    [0, 1, 2].map((index) => {
      const cursor: Cursor = index === 2 ? { incarnation: 'b2', seq } : { incarnation: 'b2', seq, index };
      return { ...event(seq), id: `e${seq}.${index}`, cursor };
    });
  async function* from(seq: number) {
    for (; seq <= count; seq++) yield* parcel(seq);
  }
  return {
    feed: {
      ...feed,
      replay: async (_: string, seq: number) => ({ upTo: count, incarnation: 'b2', events: from(seq) }),
    },
    parcel,
  };
}

describe('a session that begins', () => {
  it('starts at the end of the stream when it names no event', async () => {
    const { feed, event } = streamOf(5);
    const { hub, heard } = await connect(feed);
    await hub.dispatch(event(5));
    await hub.dispatch(event(6));
    expect(heard).toEqual(['ready b2-5', 'e6']);
  });

  it('hears what came after its last event once, though the feed brings some of it again', async () => {
    const { feed, event } = streamOf(5);
    const { hub, heard } = await connect(feed, 'b2-3');
    await hub.dispatch(event(4));
    await hub.dispatch(event(5));
    await hub.dispatch(event(6));
    expect(heard).toEqual(['ready b2-3', 'e4', 'e5', 'e6']);
  });

  it.each(['b2-1.0', 'b2-1.1', 'b2-1', 'b2-2.1', 'b2-2', 'b2-3.0', 'b2-3.1', 'b2-3'])(
    'in the middle of a message or behind it hears the rest once: %s',
    async (lastEventId) => {
      const { feed, parcel } = streamOfParcels(3);
      const { hub, heard } = await connect(feed, lastEventId);
      for (const seq of [1, 2, 3, 4]) for (const event of parcel(seq)) await hub.dispatch(event);
      const all = [1, 2, 3, 4].flatMap(parcel).map((event) => [encodeCursor(event.cursor!), event.id] as const);
      const missed = all.slice(all.findIndex(([cursor]) => cursor === lastEventId) + 1).map(([, id]) => id);
      expect(heard).toEqual([`ready ${lastEventId}`, ...missed]);
    },
  );

  it.each<[string, string, number[]]>([
    ['of another life of the stream', 'a1-3', []],
    ['that is no cursor', 'garbage!', []],
    ['from before events that stood in a lost stream too', 'b2-1', [3]],
    ['while they are still being published again', 'b2-4', [5]],
  ])('is told to fetch when its last event is one %s', async (_what, lastEventId, republished) => {
    const { feed, event } = streamOf(5, republished);
    const { hub, session, heard } = await connect(feed, lastEventId);
    expect(heard.at(-1)).toBe('resync b2-5');
    // What it will fetch holds everything up to now: an older event that is published again is no news.
    await hub.dispatch({ ...event(6), republished: true });
    expect(heard.at(-1)).toBe('resync b2-5');
    await hub.dispatch({ ...event(7), republished: true, time: new Date(session.since + 1).toISOString() });
    expect(heard.at(-1)).toBe('e7');
  });

  it('that resumed hears a republished event this gateway never met, and none it did', async () => {
    const { feed, event } = streamOf(5);
    const { hub, heard } = await connect(feed, 'b2-5');
    const next = (seq: number, known: boolean): RealtimeEvent => ({
      ...event(seq),
      republished: true,
      known,
      cursor: { incarnation: 'c3', seq } satisfies Cursor,
    });
    await hub.dispatch(next(1, true));
    await hub.dispatch(next(2, false));
    expect(heard).toEqual(['ready b2-5', 'e2']);
  });
});
