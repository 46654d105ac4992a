import { randomUUID } from 'node:crypto';
import { uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pruneAttempts } from '../src/dispatches/sending/attempts.ts';
import {
  bearer,
  createChannel,
  createFixture,
  type Fixture,
  requestMessage,
  type TestChannel,
  untilState,
} from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture({ RECADO_SEND_MAX_TRIES: '3' });
});
afterAll(() => fixture.stop());

const get = async (tenantId: string, url: string, permissions = ['messages.read', 'whatsapp.numbers.read']) =>
  fixture.connector.app.inject({ method: 'GET', url, headers: { authorization: bearer(tenantId, permissions) } });
const history = async ({ tenantId }: TestChannel, messageId: string) =>
  (await get(tenantId, `/dispatches/${messageId}`)).json();

describe('the history of a send', () => {
  test('names the try that was accepted, its time and the provider’s id', async () => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, channel);
    const { provider_message_id } = await untilState(fixture, messageId, 'sent');
    const found = await history(channel, messageId);
    expect(found).toMatchObject({ messageId, channelId: channel.id, state: 'sent', error: null, dueAt: null });
    expect(found.attempts).toMatchObject([
      { number: 1, result: 'sent', providerMessageId: provider_message_id, error: null, startedAt: expect.any(String) },
    ]);
    expect(Date.parse(found.attempts[0].endedAt)).toBeGreaterThanOrEqual(Date.parse(found.attempts[0].startedAt));
  });

  test('has each refused try with its error, and the last one as the failure', async () => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, channel, { to: '5511990131016' });
    await untilState(fixture, messageId, 'failed');
    const { attempts, error } = await history(channel, messageId);
    expect(attempts.map(({ number, result }: { number: number; result: string }) => [number, result])).toEqual([
      [1, 'retry'],
      [2, 'retry'],
      [3, 'failed'],
    ]);
    expect(attempts[0].error.code).toBe('131016');
    expect(error.code).toBe('131016');
  });

  test('calls a lost reply uncertain', async () => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, channel, { to: '5511999990001' });
    await expect
      .poll(async () => (await history(channel, messageId)).attempts, { timeout: 10_000 })
      .toMatchObject([{ number: 1, result: 'uncertain' }]);
  });

  test('is shown to its own tenant alone, to who may read messages', async () => {
    const channel = await createChannel(fixture);
    const { messageId } = await requestMessage(fixture, channel);
    await untilState(fixture, messageId, 'sent');
    expect((await get(randomUUID(), `/dispatches/${messageId}`)).statusCode).toBe(404);
    expect((await get(channel.tenantId, `/dispatches/${uuidv7()}`)).statusCode).toBe(404);
    expect((await get(channel.tenantId, `/dispatches/${messageId}`, [])).statusCode).toBe(403);
  });

  test('is dropped after 90 days', async () => {
    const channel = await createChannel(fixture);
    const [old, fresh] = [await requestMessage(fixture, channel), await requestMessage(fixture, channel)];
    for (const { messageId } of [old, fresh]) await untilState(fixture, messageId, 'sent');
    await fixture.sql`
      update channel_connector.dispatch_attempts set ended_at = now() - interval '91 days'
      where message_id = ${old.messageId}`;
    await pruneAttempts(fixture.connector.deps.workerDb.sql);
    expect((await history(channel, old.messageId)).attempts).toEqual([]);
    expect((await history(channel, fresh.messageId)).attempts).toHaveLength(1);
  });
});

test('the queue counts what waits, what is on its way and how the last day ended, of one tenant', async () => {
  const channel = await createChannel(fixture);
  const good = await requestMessage(fixture, channel);
  const bad = await requestMessage(fixture, channel, { to: '5511990131026' });
  await untilState(fixture, good.messageId, 'sent');
  await untilState(fixture, bad.messageId, 'failed');
  const queue = async (tenantId = channel.tenantId) => (await get(tenantId, '/queue')).json();
  const quiet = { waiting: 0, active: 0, delayed: 0, completed: 1, failed: 1, paused: false, resting: [] };
  expect(await queue()).toEqual(quiet);
  await fixture.sql`
    update channel_connector.dispatches set state = 'queued', due_at = now() + interval '1 hour'
    where message_id = ${bad.messageId}`;
  expect(await queue()).toEqual({ ...quiet, delayed: 1, failed: 0 });
  await fixture.sql`update channel_connector.channels set status = 'error' where id = ${channel.id}`;
  expect((await queue()).paused).toBe(true);
  expect(await queue(randomUUID())).toEqual({ ...quiet, completed: 0, failed: 0 });
});
