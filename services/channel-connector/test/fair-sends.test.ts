import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChannel, requestMessage, startWorld, untilState, type World } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ RECADO_SEND_CONCURRENCY: '8' });
});
afterAll(() => world.stop());

test('a tenant with two numbers and a slow provider leaves connections to the others', async () => {
  // Slower than this test is patient.
  await world.sandbox.control.setBehaviour({ sendDelayMs: 8000, statuses: { enabled: false } });
  const first = await createChannel(world);
  const second = await createChannel(world, { tenantId: first.tenantId });
  const other = await createChannel(world);
  for (let i = 0; i < 10; i++) for (const channel of [first, second]) await requestMessage(world, channel);
  const statesOf = async () => {
    const rows = await world.sql<{ state: string; count: number }[]>`
      select state, count(*)::int from channel_connector.dispatches where tenant_id = ${first.tenantId} group by state`;
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  };
  // Three quarters of the eight.
  await eventually(async () => expect(await statesOf()).toEqual({ sending: 6, queued: 14 }), { timeoutMs: 5000 });
  const { messageId } = await requestMessage(world, other);
  await untilState(world, messageId, 'sending');
  expect(await statesOf()).toEqual({ sending: 6, queued: 14 });
  await world.sandbox.control.setBehaviour({ sendDelayMs: 0 });
}, 60_000);
