import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bearer,
  createChannel,
  createFixture,
  dispatchOf,
  type Fixture,
  requestMessage,
  type TestChannel,
  untilState,
} from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

/** The sandbox resets the connection before it takes such a message. */
const RESET = '5511999990002';

const restingOf = async ({ tenantId }: TestChannel) => {
  const headers = { authorization: bearer(tenantId, ['whatsapp.numbers.read']) };
  const answer = await fixture.connector.app.inject({ method: 'GET', url: '/queue', headers });
  return answer.json().resting as { channelId: string; until: string; reason: string }[];
};

test('a number whose provider does not answer rests, is tried again, and delays no other number', async () => {
  const failing = await createChannel(fixture);
  const other = await createChannel(fixture, { tenantId: failing.tenantId });
  const lost = await Promise.all(Array.from({ length: 5 }, () => requestMessage(fixture, failing, { to: RESET })));
  for (const { messageId } of lost) await untilState(fixture, messageId, 'uncertain');
  const resting = await eventually(async () => {
    const found = await restingOf(failing);
    expect(found).toMatchObject([
      { channelId: failing.id, reason: expect.stringMatching(/ECONNRESET|closed|socket/i) },
    ]);
    return found;
  });

  const waiting = await Promise.all(Array.from({ length: 10 }, () => requestMessage(fixture, failing)));
  const { messageId } = await requestMessage(fixture, other);
  await untilState(fixture, messageId, 'sent');
  expect(Date.now(), 'the other number was no faster than the pause').toBeLessThan(Date.parse(resting[0]!.until));
  for (const one of waiting) expect((await dispatchOf(fixture, one.messageId))?.state ?? 'queued').toBe('queued');

  for (const one of waiting) await untilState(fixture, one.messageId, 'sent');
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(resting[0]!.until) - 50);
  await eventually(async () => expect(await restingOf(failing)).toEqual([]));
});
