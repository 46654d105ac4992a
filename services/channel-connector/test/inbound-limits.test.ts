import { PLANS } from '@recado/contracts';
import { eventually, testLogger, testRedis } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createInboundLimits, type InboundCost, type InboundLimits } from '../src/webhooks/inbound-limits.ts';
import {
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  payload,
  postFrames,
  type TestChannel,
  tellOfTenant,
  textMessage,
} from './support.ts';

/** `starter` holds 3,000 items; a thousandth of it, three. */
const FACTOR = 0.001;
let limits: Record<'shared' | 'alone', InboundLimits>;
beforeAll(async () => {
  const { url } = await testRedis();
  limits = {
    shared: createInboundLimits(url, FACTOR, testLogger()),
    alone: createInboundLimits('redis://127.0.0.1:1', FACTOR, testLogger()),
  };
  await eventually(async () => expect(limits.shared.isShared()).toBe(true));
});
afterAll(() => {
  for (const one of Object.values(limits)) one.close();
});

let channels = 0;
const cost = (channelId: string, items: number, bytes = 1): InboundCost => {
  return { channelId, tenantId: 't', plan: 'starter', items, bytes };
};

describe.each(['shared', 'alone'] as const)('a number’s bucket, kept %s', (name) => {
  const waits = (...webhooks: InboundCost[][]) => limits[name].take(webhooks);
  const take = async (...webhooks: InboundCost[][]) => (await waits(...webhooks)).map((wait) => wait === 0);
  const channel = () => `${name}-${++channels}`;

  test('admits webhooks until it is empty, each as a whole or not at all', async () => {
    const id = channel();
    expect(await take([cost(id, 2)], [cost(id, 2)], [cost(id, 1)], [cost(id, 1)])).toEqual([true, false, true, false]);
  });

  test('says how long until a webhook passes, and then admits it', async () => {
    const id = channel();
    const { itemsPerSecond } = PLANS.starter.inbound;
    expect(await waits([cost(id, 3)])).toEqual([0]);
    const [one, three] = await waits([cost(id, 1)], [cost(id, 3)]);
    const perItem = 1000 / (itemsPerSecond * FACTOR);
    expect(one).toBeLessThanOrEqual(perItem);
    expect(one).toBeGreaterThan(perItem / 2);
    expect(three! - one!).toBeCloseTo(2 * perItem, -1);
  });

  test('knows for how long a body that was refused, and larger ones, need not be read', async () => {
    const id = channel();
    limits[name].noteRefused(id, 1000, 60_000);
    expect(limits[name].waitOf(id, 999)).toBe(0);
    expect(limits[name].waitOf(id, 1000)).toBeGreaterThan(50_000);
    expect(limits[name].waitOf(channel(), 1000)).toBe(0);
    limits[name].noteRefused(id, 1000, 0);
    expect(limits[name].waitOf(id, 1000)).toBe(0);
  });

  test('counts bytes as well as items', async () => {
    const id = channel();
    expect(await take([cost(id, 1, 10_000)], [cost(id, 1, 10_000)])).toEqual([true, false]);
  });

  test('takes a webhook larger than itself when it is full, and none after it', async () => {
    const id = channel();
    expect(await take([cost(id, 1000, 3_000_000)], [cost(id, 1)])).toEqual([true, false]);
  });

  test('is one for each number; a webhook about two needs both', async () => {
    const [full, free] = [channel(), channel()];
    const webhooks = [[cost(full, 3)], [cost(free, 1)], [cost(full, 1), cost(free, 1)], [cost(free, 2)]];
    expect(await take(...webhooks)).toEqual([true, true, false, true]);
  });
});

describe('a number that receives more than its plan allows', () => {
  let fixture: Fixture;
  let channel: TestChannel;
  beforeAll(async () => {
    fixture = await createFixture({ RECADO_RATE_LIMIT_FACTOR: String(FACTOR) });
    channel = await createChannel(fixture);
    await tellOfTenant(fixture, channel.tenantId, { plan: 'starter' });
    await eventually(async () => {
      const [row] = await fixture.sql`select plan from channel_connector.tenants where tenant_id = ${channel.tenantId}`;
      expect(row!.plan).toBe('starter');
    });
  });
  afterAll(() => fixture.stop());

  const about = (to: TestChannel, id: string, messages = 1) => {
    const list = Array.from({ length: messages }, (_, i) => textMessage(`${id}.${i}`));
    return frame(to.id, payload(to.phoneNumberId, { messages: list }));
  };
  const received = async (of: TestChannel) => (await eventsOf(fixture, of.tenantId, 'message.received')).length;

  test('gets 429 for the rest and stores it later, limits no other number, and notifies its tenant once', async () => {
    // A copy that read the plan a moment ago.
    const copy = await fixture.start();
    const other = await createChannel(fixture);
    const frames = [about(channel, 'a', 2), about(channel, 'b', 2), about(other, 'c', 5), about(channel, 'd', 50)];
    expect(await postFrames(copy, frames)).toEqual([200, 429, 200, 429]);
    expect([await received(channel), await received(other)]).toEqual([2, 5]);
    expect(await postFrames(copy, [about(channel, 'e', 2)])).toEqual([429]);

    const told = (name: string) => eventsOf<{ action?: string }>(fixture, channel.tenantId, name);
    await eventually(async () => expect(await told('channel.became-limited')).toHaveLength(1));
    const audit = (await told('audit.recorded')).filter(({ action }) => action === 'channel.limit');
    expect(audit).toHaveLength(1);
    await copy.stop();
  });
});
