import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChannel, createFixture, type Fixture, requestMessage, untilState } from './support.ts';

/** So slow that a busy machine earns nothing: one message at once, and one more in ten minutes. */
const FACTOR = '0.01';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture({ RECADO_RATE_LIMIT_FACTOR: FACTOR });
});
afterAll(() => fixture.stop());

test('a customer gets no more than the provider takes; other customers wait for nothing', async () => {
  const channel = await createChannel(fixture);
  const conversationId = '0192f0c1-0000-7000-8000-000000000045';
  const talkative = { to: '5511977770045', conversationId };
  const first = await requestMessage(fixture, channel, { ...talkative, text: 'one' });
  await untilState(fixture, first.messageId, 'sent');
  const second = await requestMessage(fixture, channel, { ...talkative, text: 'two' });
  const third = await requestMessage(fixture, channel, { ...talkative, text: 'three' });
  const other = await requestMessage(fixture, channel, { to: '5511977770046' });
  await untilState(fixture, other.messageId, 'sent');

  await expect
    .poll(() => stateOf(second.messageId), { timeout: 30_000 })
    .toMatchObject({ state: 'queued', error_code: 'paced', refusals: 0, waits: true });
  // What comes after it in the conversation stays behind it.
  expect(await stateOf(third.messageId)).toMatchObject({ state: 'queued', attempts: 0 });
  const sent = await fixture.sandbox.control.ledgerMessages();
  expect(sent.map(({ bizOpaqueCallbackData }) => bizOpaqueCallbackData)).toEqual([first.messageId, other.messageId]);
});

async function stateOf(messageId: string) {
  const [row] = await fixture.sql`
    select state, error_code, refusals, attempts, due_at > now() + interval '1 minute' as waits
    from channel_connector.dispatches where message_id = ${messageId}`;
  return row;
}
