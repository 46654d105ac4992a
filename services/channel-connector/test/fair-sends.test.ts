import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChannel, createFixture, type Fixture, requestMessage, untilState } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture({ RECADO_SEND_CONCURRENCY: '8' });
});
afterAll(() => fixture.stop());

test('a tenant with two numbers and a slow provider leaves connections to the others', async () => {
  // Slower than this test is patient.
  await fixture.sandbox.control.setBehaviour({ sendDelayMs: 45_000, statuses: { enabled: false } });
  const first = await createChannel(fixture);
  const second = await createChannel(fixture, { tenantId: first.tenantId });
  const other = await createChannel(fixture);
  for (let i = 0; i < 10; i++) for (const channel of [first, second]) await requestMessage(fixture, channel);
  const statesOf = async () => {
    const rows = await fixture.sql<{ state: string; count: number }[]>`
      select state, count(*)::int from channel_connector.dispatches where tenant_id = ${first.tenantId} group by state`;
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  };
  // Three quarters of the eight.
  await eventually(async () => expect(await statesOf()).toEqual({ sending: 6, queued: 14 }));
  const { messageId } = await requestMessage(fixture, other);
  await untilState(fixture, messageId, 'sending');
  expect(await statesOf()).toEqual({ sending: 6, queued: 14 });
  await fixture.sandbox.control.setBehaviour({ sendDelayMs: 0 });
});
