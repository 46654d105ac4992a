import { randomUUID } from 'node:crypto';
import { eventually, testBus } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  type Bus,
  connectBus,
  createReplayReader,
  type FollowedEvent,
  followEvents,
  streamGeneration,
  type TailedMessage,
  tailStream,
} from '../../src/index.ts';
import { log, note } from '../support.ts';

const STREAM = 'RECADO_CONVERSATION';
let bus: Bus;

beforeAll(async () => {
  bus = await connectBus({ url: (await testBus()).url, name: 'tail-test', log });
});
afterAll(() => bus?.close());
beforeEach(async () => {
  await bus.jsm.streams.delete(STREAM).catch(() => {});
  await bus.ensureStream('conversation');
});

async function publish(count: number, tenantId: string = randomUUID()): Promise<string[]> {
  const events = Array.from({ length: count }, () => note('x', { tenantId }));
  for (const { subject, envelope } of events) {
    await bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
  }
  return events.map((event) => event.envelope.id);
}
const idOf = (message: TailedMessage) => message.envelopes()[0]!.id;

async function read(filter: string, from: number): Promise<TailedMessage[]> {
  const found: TailedMessage[] = [];
  for await (const message of await createReplayReader(bus, STREAM, filter, from)) found.push(message);
  return found;
}

test('a reader gives one tenant’s messages from a sequence up to now, and ends', async () => {
  const tenant = randomUUID();
  const mine = await publish(300, tenant);
  await publish(5);
  expect((await read(`recado.conversation.${tenant}.>`, 1)).map(idOf)).toEqual(mine);
  expect((await read(`recado.conversation.${tenant}.>`, 299)).map(idOf)).toEqual(mine.slice(298));
  expect(await read(`recado.conversation.${tenant}.>`, 301)).toEqual([]);
  expect(await read(`recado.conversation.${tenant}.>`, 1000)).toEqual([]);
  expect(await read(`recado.conversation.${randomUUID()}.>`, 1)).toEqual([]);
});

test('a reader reports that the stream no longer holds the requested messages', async () => {
  await publish(10);
  await bus.jsm.streams.purge(STREAM, { seq: 6 });
  expect(await createReplayReader(bus, STREAM, 'recado.conversation.>', 3)).toMatchObject({
    truncated: true,
    upTo: 10,
  });
  expect(await createReplayReader(bus, STREAM, 'recado.conversation.>', 6)).toMatchObject({ truncated: false });
});

test('a tail gives the messages after its start, or after a given place', async () => {
  const [first, second] = await publish(2);
  const live: string[] = [];
  const tail = tailStream(bus, STREAM, 'recado.conversation.>', (message) => live.push(idOf(message)), { log });
  await tail.ready;
  const generation = await streamGeneration(bus, STREAM);
  expect(tail.position()).toEqual({ seq: 2, generation });
  const later: string[] = [];
  const other = tailStream(bus, STREAM, 'recado.conversation.>', (message) => later.push(idOf(message)), {
    log,
    after: { seq: 1, generation },
  });
  await other.ready;
  const [third] = await publish(1);
  await eventually(() => expect(live).toEqual([third]));
  await eventually(() => expect(later).toEqual([second, third]));
  expect(first).not.toBe(second);
  await Promise.all([tail.stop(), other.stop()]);
});

test('a tail whose place is in a stream that is gone says so and starts at the beginning', async () => {
  const ids = await publish(3);
  const seen: string[] = [];
  const generations: string[] = [];
  const tail = tailStream(bus, STREAM, 'recado.conversation.>', (message) => seen.push(idOf(message)), {
    log,
    after: { seq: 500, generation: 'another life' },
    onGeneration: (generation) => generations.push(generation),
  });
  await eventually(() => expect(seen).toEqual(ids));
  expect(generations).toEqual([await streamGeneration(bus, STREAM)]);
  await tail.stop();
});

test('followers see new events of every stream their filter reaches', async () => {
  await publish(1);
  const seen: FollowedEvent[] = [];
  const following = await followEvents(bus, 'recado.>', (event) => seen.push(event));
  const [id] = await publish(1);
  await eventually(() => expect(seen.map((event) => event.envelope?.id)).toEqual([id]));
  await following.stop();
  await expect(followEvents(bus, 'nowhere.>', () => {})).rejects.toThrow('nowhere');
});
