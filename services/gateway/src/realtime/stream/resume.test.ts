import { uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { createHub } from '../hub/hub.ts';
import type { Dialect, RealtimeEvent, RealtimeSession } from '../types.ts';
import { encodeCursor, type Place } from './cursor.ts';
import type { Feed } from './feed.ts';
import { resume } from './resume.ts';
import type { PlacedEvent } from './sources.ts';

const tenantId = uuidv7();
const echo: Dialect = {
  frames: (event) => [{ name: 'event', payload: { id: event.id }, needs: { permissions: [] } }],
  errorPayload: () => ({}),
};
const nothing = async () => new Map();
/** A stream beside the main one, in which nothing happens. */
const BESIDE = { generation: 'z9', firstSeq: 1, lastSeq: 4 };
/** The place in the main stream that an id names. */
const mainOf = (eventId: unknown) => String(eventId).split('_', 1)[0];
const START_OF_LIFE = 1_700_000_000_000;

/**
 * The stream of one life: sequence n holds event `e<n>`. `republished`: those that stood in the
 * lost stream too.
 */
function streamOf(count: number, republished: number[] = []) {
  const life = 'b2';
  const event = (seq: number): PlacedEvent =>
    ({
      name: 'conversation.updated',
      data: { changed: [], contact: {}, conversation: { contact: {} } },
      id: `e${seq}`,
      tenantId,
      time: new Date(START_OF_LIFE + seq * 1000).toISOString(),
      stream: 'main',
      place: { generation: life, seq },
      previous: { generation: life, seq: seq - 1 },
      cursor: { main: { generation: life, seq } },
      republished: republished.includes(seq),
      known: false,
    }) as unknown as PlacedEvent;
  const feed: Feed = {
    wake: async () => undefined,
    windows: async () => ({
      main: { generation: life, firstSeq: 1, lastSeq: count },
      notifications: BESIDE,
      channels: BESIDE,
    }),
    knownSince: () => 0,
    recovering: async ({ main }) => republished.includes(main.lastSeq),
    async replay(_stream, _tenant, fromSeq) {
      async function* events() {
        for (let seq = fromSeq; seq <= count; seq++) yield event(seq);
      }
      return { upTo: count, generation: life, events: events() };
    },
    check: async () => undefined,
    stop: async () => undefined,
  };
  return { feed, event };
}

async function connect(feed: Feed, lastEventId?: string, dialect: Dialect = echo, states: RealtimeEvent[] = []) {
  const hub = createHub({
    dialects: { saas: dialect, crm: dialect, bots: dialect, inbox: dialect, scheduler: dialect },
    lookups: { users: nothing, channels: nothing, campaigns: nothing, conversations: nothing },
  });
  const heard: string[] = [];
  const sent: [name: string, payload: Record<string, unknown>][] = [];
  const session: RealtimeSession = {
    id: uuidv7(),
    tenantId,
    userId: uuidv7(),
    sessionId: null,
    edition: 'inbox',
    caller: { tenantId, userId: null, role: 'agent', permissions: [], edition: 'inbox', service: 'gateway' },
    since: Date.now(),
    send(name, payload) {
      sent.push([name, payload]);
      heard.push(name === 'event' ? String(payload.id) : `${name.split(':')[1]} ${mainOf(payload.eventId)}`);
    },
    close: () => undefined,
    isBehind: () => false,
  };
  await resume({ session, lastEventId, hub, feed, presentStates: async () => states });
  return { hub, session, heard, sent };
}

/** Sequence n holds three events, `e<n>.0` to `e<n>.2`. */
function streamOfBatches(count: number) {
  const { feed, event } = streamOf(count);
  const batch = (seq: number): PlacedEvent[] =>
    [0, 1, 2].map((index) => {
      const place: Place = index === 2 ? { generation: 'b2', seq } : { generation: 'b2', seq, index };
      return { ...event(seq), id: `e${seq}.${index}`, place, cursor: { main: place } };
    });
  async function* from(seq: number) {
    for (; seq <= count; seq++) yield* batch(seq);
  }
  return {
    feed: {
      ...feed,
      replay: async (_stream: string, _tenant: string, seq: number) => ({
        upTo: count,
        generation: 'b2',
        events: from(seq),
      }),
    },
    batch,
  };
}

describe('a session that begins', () => {
  it('starts at the end of the stream when it names no event', async () => {
    const { feed, event } = streamOf(5);
    const { hub, heard } = await connect(feed);
    await hub.dispatch([event(5)]);
    await hub.dispatch([event(6)]);
    expect(heard).toEqual(['ready b2-5', 'e6']);
  });

  it('gets the events after its last one once, though the feed repeats some', async () => {
    const { feed, event } = streamOf(5);
    const { hub, heard } = await connect(feed, 'b2-3');
    await hub.dispatch([event(4)]);
    await hub.dispatch([event(5)]);
    await hub.dispatch([event(6)]);
    expect(heard).toEqual(['ready b2-3', 'e4', 'e5', 'e6']);
  });

  it.each(['b2-1.0', 'b2-1.1', 'b2-1', 'b2-2.1', 'b2-2', 'b2-3.0', 'b2-3.1', 'b2-3'])(
    'in the middle of a message or behind it hears the rest once: %s',
    async (lastEventId) => {
      const { feed, batch } = streamOfBatches(3);
      const { hub, heard } = await connect(feed, lastEventId);
      for (const seq of [1, 2, 3, 4]) for (const event of batch(seq)) await hub.dispatch([event]);
      const all = [1, 2, 3, 4].flatMap(batch).map((event) => [encodeCursor(event.cursor!), event.id] as const);
      const missed = all.slice(all.findIndex(([cursor]) => cursor === lastEventId) + 1).map(([, id]) => id);
      expect(heard).toEqual([`ready ${lastEventId}`, ...missed]);
    },
  );

  it.each<[string, string, number[]]>([
    ['of another life of the stream', 'a1-3', []],
    ['that is no cursor', 'garbage!', []],
    ['from before events that stood in a lost stream too', 'b2-1', [3]],
    ['while they are still being published again', 'b2-4', [5]],
  ])('gets session:resync when its last event is one %s', async (_what, lastEventId, republished) => {
    const { feed, event } = streamOf(5, republished);
    const { hub, session, heard } = await connect(feed, lastEventId);
    expect(heard.at(-1)).toBe('resync b2-5');
    // What it will fetch holds everything up to now: an older event that is published again is no
    // news.
    await hub.dispatch([{ ...event(6), republished: true }]);
    expect(heard.at(-1)).toBe('resync b2-5');
    await hub.dispatch([{ ...event(7), republished: true, time: new Date(session.since + 1).toISOString() }]);
    expect(heard.at(-1)).toBe('e7');
  });

  it('that resumed gets a republished event that this gateway has not seen, and none that it has', async () => {
    const { feed, event } = streamOf(5);
    const { hub, heard } = await connect(feed, 'b2-5');
    const next = (seq: number, known: boolean): RealtimeEvent => ({
      ...event(seq),
      republished: true,
      known,
      cursor: { main: { generation: 'c3', seq } },
    });
    await hub.dispatch([next(1, true)]);
    await hub.dispatch([next(2, false)]);
    expect(heard).toEqual(['ready b2-5', 'e2']);
  });

  it('that lost the last frame of an event gets the event again, and loses nothing', async () => {
    const needs = { permissions: [] };
    const two: Dialect = {
      frames: ({ id }) => [
        { name: 'list', payload: { id }, needs },
        { name: 'event', payload: { id }, needs },
      ],
      errorPayload: () => ({}),
    };
    const { feed } = streamOf(4);
    const { sent } = await connect(feed, 'b2-2', two);
    const frames = sent.filter(([name]) => !name.startsWith('session'));
    expect(frames.map(([name, { id }]) => `${name} ${id}`)).toEqual(['list e3', 'event e3', 'list e4', 'event e4']);
    const { sent: again } = await connect(feed, String(frames[2]![1].eventId), two);
    expect(again.slice(1).map(([name, { id }]) => `${name} ${id}`)).toEqual(['list e4', 'event e4']);
  });

  it('gets missed events of the other streams, each from its own place', async () => {
    const { feed, event } = streamOf(5);
    const beside = (seq: number): PlacedEvent => ({
      ...event(1),
      id: `n${seq}`,
      stream: 'notifications',
      place: { generation: 'z9', seq },
    });
    const both: Feed = {
      ...feed,
      async replay(stream, tenant, fromSeq) {
        if (stream === 'main') return feed.replay(stream, tenant, fromSeq);
        async function* events() {
          for (let seq = fromSeq; seq <= 4; seq++) yield beside(seq);
        }
        return { upTo: 4, generation: 'z9', events: events() };
      },
    };
    const { heard } = await connect(both, 'b2-4_nz9-2_cz9-4');
    expect(heard).toEqual(['ready b2-4', 'e5', 'n3', 'n4']);
    // A cursor of an older version starts at the end of what it does not name.
    expect((await connect(both, 'b2-4')).heard).toEqual(['ready b2-4', 'e5']);
    expect((await connect(both, 'b2-4_nold-2')).heard).toEqual(['resync b2-5']);
  });

  it('gets the present states after what it missed and before what comes', async () => {
    const { feed, event } = streamOf(3);
    const { heard, hub } = await connect(feed, 'b2-2', echo, [{ ...event(1), id: 'state', stream: 'channels' }]);
    await hub.dispatch([event(4)]);
    expect(heard).toEqual(['ready b2-2', 'e3', 'state', 'e4']);
  });
});
