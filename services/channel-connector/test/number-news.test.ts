import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bearer,
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  payload,
  postFrames,
  type TestChannel,
  textMessage,
} from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

const received = (tenantId: string) => eventsOf(fixture, tenantId, 'message.received');
const message = (channel: TestChannel, id: string, more = {}) =>
  payload(channel.phoneNumberId, { messages: [{ ...textMessage(id), ...more }] });
const account = (field: string, value: object) => ({
  object: 'whatsapp_business_account',
  entry: [{ id: '2000001', time: 1_760_000_000, changes: [{ field, value }] }],
});

test('a body at one number’s address concerns another number when its secret signed as well', async () => {
  const [one, other] = [await createChannel(fixture), await createChannel(fixture)];
  const stranger = await createChannel(fixture, { appSecret: 'another app secret' });
  const bodies = [message(other, 'wamid.other'), message(stranger, 'wamid.stranger'), message(one, 'wamid.own')];
  const statuses = await postFrames(
    fixture.connector,
    bodies.map((body) => frame(one.id, body)),
  );
  expect(statuses).toEqual([200, 200, 200]);
  expect(await received(other.tenantId)).toMatchObject([{ channelId: other.id, providerMessageId: 'wamid.other' }]);
  expect(await received(one.tenantId)).toMatchObject([{ providerMessageId: 'wamid.own' }]);
  expect(await received(stranger.tenantId)).toEqual([]);
});

test('a channel stores messages of groups, leaves them out, or lets the AI answer', async () => {
  const channel = await createChannel(fixture);
  const set = async (settings: object, status = 200) => {
    const headers = { authorization: bearer(channel.tenantId) };
    const payload = { settings };
    const answer = await fixture.connector.app.inject({
      method: 'PUT',
      url: `/channels/${channel.id}`,
      headers,
      payload,
    });
    expect(answer.statusCode).toBe(status);
    return answer.json();
  };
  const write = (id: string) =>
    postFrames(fixture.connector, [frame(channel.id, message(channel, id, { group_id: 'G1' }))]);
  await write('wamid.stored');
  await set({ groupMessages: 'ignore' });
  await write('wamid.ignored');
  // A value that is none changes nothing; what was chosen before stays.
  const refused = await set({ groupMessages: 'sometimes', aiInGroups: true }, 422);
  expect(refused.error.details).toMatchObject([{ field: 'settings.groupMessages' }]);
  expect((await set({ greeting: 'Hola' })).settings).toEqual({ groupMessages: 'ignore', greeting: 'Hola' });
  await write('wamid.ignored-too');
  await set({ groupMessages: 'store', aiInGroups: true });
  await write('wamid.answered');
  expect(await received(channel.tenantId)).toMatchObject([
    { providerMessageId: 'wamid.stored', details: { group: { id: 'G1' } } },
    { providerMessageId: 'wamid.answered', details: { group: { id: 'G1', answeredByAi: true } } },
  ]);
});

test('a ban stops the number, and quality and limits are shown, each told once', async () => {
  const channel = await createChannel(fixture);
  const quality = { display_phone_number: channel.phone, event: 'FLAGGED', current_limit: 'TIER_1K' };
  const ban = { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } };
  const bodies = [
    account('phone_number_quality_update', quality),
    account('account_update', ban),
    account('phone_number_quality_update', { ...quality, display_phone_number: '999999999' }),
  ];
  for (const body of [...bodies, ...bodies]) {
    expect(await postFrames(fixture.connector, [frame(channel.id, body)])).toEqual([200]);
  }
  await eventually(async () => expect(await eventsOf(fixture, channel.tenantId, 'channel.alerted')).toHaveLength(2));
  const headers = { authorization: bearer(channel.tenantId) };
  const shown = await fixture.connector.app.inject({ method: 'GET', url: `/channels/${channel.id}`, headers });
  expect(shown.json()).toMatchObject({
    status: 'error',
    lastError: 'WhatsApp: DISABLED_UPDATE (waba_ban_state: DISABLE)',
    facts: { quality: 'RED', messagingLimit: 'TIER_1K' },
  });
});
