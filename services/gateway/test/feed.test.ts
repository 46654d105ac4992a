import { headers } from '@nats-io/transport-node';
import { buildEvent, type Envelope, messageUpdated, sessionRevoked, uuidv7 } from '@recado/contracts';
import { type Bus, connectBus, createReplayReader, REPLAY_HEADER } from '@recado/messaging';
import { eventually, testBus, testLogger } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeCursor } from '../src/realtime/stream/cursor.ts';
import { type Feed, startFeed } from '../src/realtime/stream/feed.ts';
import { createSeenEvents } from '../src/realtime/stream/seen-events.ts';
import type { RealtimeEvent } from '../src/realtime/types.ts';

const STREAM = 'RECADO_CONVERSATION';
const log = testLogger('feed-test');
const tenantId = uuidv7();
let bus: Bus;
let feeds: Feed[] = [];
let heard: RealtimeEvent[] = [];
let revoked: string[] = [];
let watched = false;

beforeAll(async () => {
  bus = await connectBus({ url: (await testBus()).url, name: 'feed-test', log });
});
afterAll(() => bus?.close());
beforeEach(async () => {
  await bus.jsm.streams.delete(STREAM).catch(() => {});
  await bus.ensureStream('conversation');
  [heard, revoked, watched] = [[], [], false];
});
afterEach(async () => {
  await Promise.all(feeds.map((feed) => feed.stop()));
  feeds = [];
});

async function start(): Promise<Feed> {
  const feed = await startFeed({
    bus,
    log,
    seen: createSeenEvents(),
    isWatched: () => watched,
    listens: (id) => id === tenantId,
    onEvent: (event) => heard.push(event),
    onRevoked: ({ userId }) => revoked.push(userId),
    restAfterMs: 200,
  });
  feeds.push(feed);
  return feed;
}

const updated = () =>
  buildEvent(messageUpdated, {
    tenantId,
    data: {
      conversationId: uuidv7(),
      messageId: uuidv7(),
      status: 'read',
      error: null,
      at: new Date().toISOString(),
    } as never,
  }).envelope;

/** One message of so many events; resolves with their ids. */
async function publish(count: number, { id = uuidv7(), replay = false } = {}): Promise<string[]> {
  const envelopes: Envelope[] = Array.from({ length: count }, updated);
  const marks = headers();
  if (replay) marks.set(REPLAY_HEADER, '1');
  await bus.js.publish(messageUpdated.subject(tenantId), JSON.stringify(count === 1 ? envelopes[0] : envelopes), {
    msgID: id,
    headers: marks,
  });
  return envelopes.map((envelope) => envelope.id);
}
const ids = (events: RealtimeEvent[]) => events.map((event) => event.id);

async function readers(): Promise<number> {
  return (await bus.jsm.streams.info(STREAM)).state.consumer_count;
}

describe('the feed', () => {
  it('reads nothing without a connected client, and stops again when the last one has left', async () => {
    const feed = await start();
    expect(await readers()).toBe(0);
    await publish(1);
    watched = true;
    await feed.wake();
    const [second] = await publish(1);
    await eventually(() => expect(ids(heard)).toEqual([second]));
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await readers()).toBe(1);
    watched = false;
    await eventually(async () => expect(await readers()).toBe(0));
    await publish(1);
    watched = true;
    await Promise.all([feed.wake(), feed.wake()]);
    const [fourth] = await publish(1);
    await eventually(() => expect(ids(heard)).toEqual([second, fourth]));
  });

  it('gives the events of an event batch in order, each with its own place', async () => {
    const feed = await start();
    watched = true;
    await feed.wake();
    const { generation } = (await feed.windows()).main;
    const [batch, single] = [await publish(64), await publish(1)];
    await eventually(() => expect(ids(heard)).toEqual([...batch, ...single]));
    const places = heard.map((event) => encodeCursor({ main: event.cursor!.main }));
    expect(places.slice(0, 2)).toEqual([`${generation}-1.0`, `${generation}-1.1`]);
    expect(places.slice(62)).toEqual([`${generation}-1.62`, `${generation}-1`, `${generation}-2`]);
    const { events } = await feed.replay('main', tenantId, 1);
    const replayed: string[] = [];
    for await (const event of events) replayed.push(encodeCursor({ main: event.place }));
    expect(replayed).toEqual(places);
  });

  it('knows what was published while it did not read, but nothing older', async () => {
    const ofItsSleep = uuidv7();
    await publish(3, { id: ofItsSleep });
    const feed = await start();
    watched = true;
    await feed.wake();
    expect(feed.knownSince()).toBe(0);
    // JetStream lost its store, and the outboxes publish again.
    await bus.jsm.streams.delete(STREAM);
    await bus.ensureStream('conversation');
    await publish(3, { id: ofItsSleep, replay: true });
    const unknown = await publish(2, { replay: true });
    await eventually(() => expect(heard).toHaveLength(5));
    expect(heard.map((event) => event.known)).toEqual([true, true, true, false, false]);
    expect(heard.every((event) => event.republished)).toBe(true);
    expect(ids(heard).slice(3)).toEqual(unknown);
    expect(await feed.recovering(await feed.windows())).toBe(true);
  });

  it('gets ended sessions also while it does not read', async () => {
    await start();
    const userId = uuidv7();
    const { subject, envelope } = buildEvent(sessionRevoked, { tenantId, data: { userId, sessionId: null } });
    await bus.js.publish(subject, JSON.stringify([envelope, { ...envelope, id: uuidv7() }]));
    await eventually(() => expect(revoked).toEqual([userId, userId]));
  });
});

describe('a reader of headers alone', () => {
  it('gives the ids without the data', async () => {
    const [a, b] = [uuidv7(), uuidv7()];
    await publish(64, { id: a });
    await publish(1, { id: b });
    const found = [];
    const reader = await createReplayReader(bus, STREAM, 'recado.conversation.>', 1, { headersOnly: true });
    for await (const { id, seq, data } of reader) found.push([id, seq, data.length]);
    expect(found).toEqual([
      [a, 1, 0],
      [b, 2, 0],
    ]);
  });
});
