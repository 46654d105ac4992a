import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sweepOpenings } from '../src/dispatches/limits/messaging-limit.ts';
import type { RunningConnector } from '../src/service.ts';
import {
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  postFrames,
  requestMessage,
  type TestChannel,
  untilState,
} from './support.ts';

const HOUR_MS = 3_600_000;
let fixture: Fixture;
/** Two copies of the service share every burst. */
let copies: RunningConnector[];
let now: Date | null = null;
beforeAll(async () => {
  fixture = await createFixture({}, { now: () => now ?? new Date() });
  copies = [fixture.connector, await fixture.start()];
});
beforeEach(() => {
  now = null;
});
afterAll(() => fixture.stop());

/** Numbers of an account with room for so many customers. */
async function numbersWith(limit: string, count = 1): Promise<TestChannel[]> {
  const channels: TestChannel[] = [];
  for (let i = 0; i < count; i++) {
    const tenantId = channels[0]?.tenantId;
    channels.push(await createChannel(fixture, tenantId ? { tenantId } : {}));
  }
  for (const { id } of channels) {
    await fixture.sql`
      update channel_connector.channels set account_id = '2000001',
        facts = coalesce(facts, '{}') || jsonb_build_object('messagingLimit', ${limit}::text)
      where id = ${id}`;
    for (const copy of copies) copy.deps.directory.forget(id);
  }
  return channels;
}

let phones = 0;
const phone = () => `551199${String(++phones).padStart(7, '0')}`;
const TEMPLATE = { kind: 'template', name: 'hello_world', language: 'en_US' } as const;
const write = (channel: TestChannel, given: Parameters<typeof requestMessage>[2] = {}) =>
  requestMessage(fixture, channel, { to: phone(), content: TEMPLATE, ...given });

const countOf = async ({ tenantId }: TestChannel) => {
  const [row] = await fixture.sql<{ used: number; rows: number }[]>`
    select coalesce(sum(used), 0)::int as used,
      (select count(*)::int from channel_connector.openings o where o.tenant_id = ${tenantId}) as rows
    from channel_connector.opening_counts where tenant_id = ${tenantId}`;
  return row!;
};

test('of 60 customers on two numbers and two copies exactly as many are written to as the account may', async () => {
  const numbers = await numbersWith('20', 2);
  const { tenantId } = numbers[0]!;
  const asked = await Promise.all(Array.from({ length: 60 }, (_, i) => write(numbers[i % 2]!)));
  await eventually(async () => {
    const rows = await fixture.sql<{ state: string; count: number }[]>`
      select state, count(*)::int as count from channel_connector.dispatches where tenant_id = ${tenantId} group by 1 order by 1`;
    expect(rows.map(({ state, count }) => [state, count])).toEqual([
      ['failed', 40],
      ['sent', 20],
    ]);
  });
  const ids = new Set(asked.map(({ messageId }) => messageId));
  const ledger = await fixture.sandbox.control.ledgerMessages({});
  expect(ledger.filter(({ bizOpaqueCallbackData }) => ids.has(bizOpaqueCallbackData ?? ''))).toHaveLength(20);
  const told = await eventsOf<{ status: string; error: object | null }>(fixture, tenantId, 'message.status-changed');
  const failures = told.filter(({ status }) => status === 'failed');
  expect(failures).toHaveLength(40);
  const message = 'The limit of 20 customers written to first in 24 hours is reached';
  expect(failures[0]!.error).toEqual({ code: 'messaging_limit', message });
  expect(await countOf(numbers[0]!)).toEqual({ used: 20, rows: 20 });
});

test('a customer counts once a day, and replies inside the window and other messages do not count', async () => {
  const [channel] = await numbersWith('1');
  const to = phone();
  // The same person without Brazil's ninth digit.
  for (const one of [await write(channel!, { to }), await write(channel!, { to: to.replace('551199', '55119') })]) {
    await untilState(fixture, one.messageId, 'sent');
  }
  const recent = new Date(Date.now() - 23 * HOUR_MS);
  await untilState(fixture, (await write(channel!, { lastInboundAt: recent })).messageId, 'sent');
  const text = await requestMessage(fixture, channel!, { to: phone() });
  await untilState(fixture, text.messageId, 'sent');
  const old = new Date(Date.now() - 25 * HOUR_MS);
  const beyond = await untilState(fixture, (await write(channel!, { lastInboundAt: old })).messageId, 'failed');
  expect(beyond.error_code).toBe('messaging_limit');
});

test('room comes back 24 hours after each customer was written to last', async () => {
  const [channel] = await numbersWith('TIER_2K');
  await fixture.sql`
    update channel_connector.channels set facts = facts || '{"messagingLimit":"2"}' where id = ${channel!.id}`;
  for (const copy of copies) copy.deps.directory.forget(channel!.id);
  const start = Date.now();
  const at = async (hours: number, to?: string) => {
    now = new Date(start + hours * HOUR_MS);
    const { messageId } = await write(channel!, { at: now, ...(to && { to }) });
    return eventually(async () => {
      const [row] = await fixture.sql`select state from channel_connector.dispatches where message_id = ${messageId}`;
      expect(['sent', 'failed']).toContain(row?.state);
      return row!.state as string;
    });
  };
  const ana = phone();
  expect(await at(0, ana)).toBe('sent');
  expect(await at(1)).toBe('sent');
  expect(await at(20, ana)).toBe('sent');
  expect(await at(24.9)).toBe('failed');
  expect(await at(25.1)).toBe('sent');
  expect(await at(25.2)).toBe('failed');
  now = new Date(start + 100 * HOUR_MS);
  await sweepOpenings(fixture.connector.deps);
  expect(await countOf(channel!)).toEqual({ used: 0, rows: 0 });
});

test('a message that failed takes no room, unless its customer got another', async () => {
  const [channel] = await numbersWith('1');
  const unknown = { ...TEMPLATE, name: 'no_such_template' };
  const failed = await write(channel!, { content: unknown });
  await untilState(fixture, failed.messageId, 'failed');
  const to = phone();
  await untilState(fixture, (await write(channel!, { to })).messageId, 'sent');
  await untilState(fixture, (await write(channel!, { to, content: unknown })).messageId, 'failed');
  const last = await write(channel!);
  expect((await untilState(fixture, last.messageId, 'failed')).error_code).toBe('messaging_limit');
});

test('a limit that the provider tells of counts at once', async () => {
  const [channel] = await numbersWith('TIER_UNLIMITED');
  await untilState(fixture, (await write(channel!)).messageId, 'sent');
  const value = { max_daily_conversations_per_business: 1 };
  const changes = [{ field: 'business_capability_update', value }];
  const entry = [{ id: '2000001', time: Math.floor(Date.now() / 1000), changes }];
  const body = { object: 'whatsapp_business_account', entry };
  expect(await postFrames(fixture.connector, [frame(channel!.id, body)])).toEqual([200]);
  await eventually(async () => expect(await eventsOf(fixture, channel!.tenantId, 'channel.alerted')).toHaveLength(1));
  for (const copy of copies) copy.deps.directory.forget(channel!.id);
  await untilState(fixture, (await write(channel!)).messageId, 'sent');
  expect((await untilState(fixture, (await write(channel!)).messageId, 'failed')).error_code).toBe('messaging_limit');
});
