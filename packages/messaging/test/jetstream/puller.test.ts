import { setTimeout as pause } from 'node:timers/promises';
import { AckPolicy } from '@nats-io/jetstream';
import { eventually, testBus } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bus, connectBus } from '../../src/index.ts';
import { createPuller } from '../../src/jetstream/puller.ts';
import { log } from '../support.ts';

const STREAM = 'RECADO_CONVERSATION';
const CONSUMER = 'puller-test';
let bus: Bus;

beforeAll(async () => {
  bus = await connectBus({ url: (await testBus()).url, name: 'puller-test', log });
});
afterAll(async () => {
  await bus?.jsm.consumers.delete(STREAM, CONSUMER).catch(() => {});
  await bus?.close();
});
beforeEach(async () => {
  await bus.ensureStream('conversation');
  await bus.jsm.streams.purge(STREAM);
  await bus.jsm.consumers.delete(STREAM, CONSUMER).catch(() => {});
  await bus.jsm.consumers.add(STREAM, { durable_name: CONSUMER, ack_policy: AckPolicy.None });
});

const publish = async (count: number) => {
  for (let i = 0; i < count; i++) bus.nc.publish('recado.conversation.puller.test.done', String(i));
  await bus.nc.flush();
};

/** A puller that is asked again at each message, as a consumer asks. */
function pullAll(expiresMs: number, first: number) {
  const got: string[] = [];
  const broken: string[] = [];
  let count = first;
  const puller = createPuller({
    bus,
    stream: STREAM,
    consumer: CONSUMER,
    expiresMs,
    onMessage: (message) => {
      got.push(Buffer.from(message.data).toString());
      puller.want(count);
    },
    onBroken: (reason) => broken.push(reason),
  });
  puller.want(count);
  const wantOnly = (fewer: number) => {
    count = fewer;
  };
  return { got, broken, puller, wantOnly };
}

test('a request that expires half used does not wait for messages that will not come', async () => {
  const { got, broken, puller, wantOnly } = pullAll(2000, 100);
  await pause(1000);
  // A second request joins the first after 50 messages, and from there both are served in turns.
  await publish(50);
  await eventually(() => expect(got).toHaveLength(50));
  await publish(30);
  // The first expires with 35 left, the second lives on.
  await pause(1300);
  // Now messages are large, so few are wanted at a time.
  wantOnly(10);
  await publish(300);
  await eventually(() => expect(got).toHaveLength(380));
  expect(broken).toEqual([]);
  puller.close();
});

test('the open request never exceeds the wanted number of messages', async () => {
  const { got, broken, puller } = pullAll(500, 20);
  for (let round = 0; round < 10; round++) {
    await publish(7);
    await pause(30);
  }
  await eventually(() => expect(got).toHaveLength(70));
  puller.close();
  // A second one on the same durable gets exactly what it asks for.
  const few: unknown[] = [];
  const second = createPuller({
    bus,
    stream: STREAM,
    consumer: CONSUMER,
    onMessage: (message) => few.push(message),
    onBroken: (reason) => broken.push(reason),
  });
  second.want(5);
  await publish(50);
  await eventually(() => expect(few).toHaveLength(5));
  await pause(200);
  expect(few).toHaveLength(5);
  expect(broken).toEqual([]);
  second.close();
});

test('a deleted consumer ends the puller once', async () => {
  const { broken, puller } = pullAll(2000, 20);
  await pause(100);
  await bus.jsm.consumers.delete(STREAM, CONSUMER);
  await eventually(() => expect(broken).toHaveLength(1));
  await pause(100);
  expect(broken).toHaveLength(1);
  puller.close();
});
