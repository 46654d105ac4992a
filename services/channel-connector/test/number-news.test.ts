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
  const set = async (settings: object) => {
    const headers = { authorization: bearer(channel.tenantId) };
    const payload = { settings };
    const answer = await fixture.connector.app.inject({
      method: 'PUT',
      url: `/channels/${channel.id}`,
      headers,
      payload,
    });
    expect(answer.statusCode).toBe(200);
  };
  const write = (id: string) =>
    postFrames(fixture.connector, [frame(channel.id, message(channel, id, { group_id: 'G1' }))]);
  await write('wamid.stored');
  await set({ groupMessages: 'ignore' });
  await write('wamid.ignored');
  await set({ aiInGroups: true });
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
    lastError: 'WhatsApp: DISABLE',
    facts: { quality: 'RED', messagingLimit: 'TIER_1K' },
  });
});

/** Numbers of an account that only one test has. */
async function channelsOf(accountId: string, count: number, given: Parameters<typeof createChannel>[1] = {}) {
  const channels: TestChannel[] = [];
  for (let i = 0; i < count; i++) {
    const tenantId = channels[0]?.tenantId;
    channels.push(await createChannel(fixture, { ...given, ...(tenantId && { tenantId }) }));
  }
  const ids = channels.map(({ id }) => id);
  await fixture.sql`update channel_connector.channels set account_id = ${accountId} where id = any(${ids}::uuid[])`;
  for (const id of ids) fixture.connector.deps.directory.forget(id);
  return channels;
}
const ofAccount = (id: string, field: string, value: object) => ({
  object: 'whatsapp_business_account',
  entry: [{ id, time: 1_760_000_000, changes: [{ field, value }] }],
});
const toApp = (body: object) => postFrames(fixture.connector, [frame(null, body)]);
const alertsOf = (tenantId: string) =>
  eventsOf<{ channelId: string; code: string; repeated?: boolean }>(fixture, tenantId, 'channel.alerted');
async function show({ id, tenantId }: TestChannel) {
  const headers = { authorization: bearer(tenantId) };
  return (await fixture.connector.app.inject({ url: `/channels/${id}`, headers })).json();
}

test('a ban at the app’s address stops every number of the account, of each tenant whose secret signed', async () => {
  const own = await channelsOf('3000001', 2);
  const [other] = await channelsOf('3000001', 1);
  const [stranger] = await channelsOf('3000001', 1, { appSecret: 'another app secret' });
  const [elsewhere] = await channelsOf('3000002', 1);
  const ban = { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } };
  for (let i = 0; i < 2; i++) expect(await toApp(ofAccount('3000001', 'account_update', ban))).toEqual([200]);
  await eventually(async () => {
    for (const channel of [...own, other!]) expect(await show(channel)).toMatchObject({ status: 'error' });
  });
  for (const channel of [stranger!, elsewhere!]) expect(await show(channel)).toMatchObject({ status: 'connected' });
  const alerts = await alertsOf(own[0]!.tenantId);
  expect(alerts.map(({ channelId }) => channelId).sort()).toEqual(own.map(({ id }) => id).sort());
  // People hear of it once.
  expect(alerts.filter(({ repeated }) => !repeated)).toHaveLength(1);
  expect(await alertsOf(other!.tenantId)).toMatchObject([{ channelId: other!.id, code: 'DISABLE' }]);
  expect(await alertsOf(stranger!.tenantId)).toEqual([]);
});

test('alerts, reviews, limits and restrictions of an account reach its numbers by the app’s address', async () => {
  const [channel] = await channelsOf('3000003', 1);
  const told = [
    ['account_alerts', { alert_severity: 'CRITICAL', alert_type: 'OBA_REJECTED', alert_description: 'No' }],
    ['account_review_update', { decision: 'REJECTED' }],
    ['business_capability_update', { max_daily_conversations_per_business: 2000 }],
    ['account_update', { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: 'SPAM' } }],
  ] as const;
  for (const [field, value] of told) expect(await toApp(ofAccount('3000003', field, value))).toEqual([200]);
  await eventually(async () => expect(await alertsOf(channel!.tenantId)).toHaveLength(4));
  const codes = (await alertsOf(channel!.tenantId)).map(({ code }) => code);
  expect(codes).toEqual(['OBA_REJECTED', 'REJECTED', 'capability', 'ACCOUNT_VIOLATION']);
  expect(await show(channel!)).toMatchObject({ facts: { messagingLimit: '2000' } });
});

test('a report that names a number concerns that one, at the app’s address and at another number’s', async () => {
  const [one, other] = await channelsOf('3000004', 2);
  const flagged = (channel: TestChannel) =>
    ofAccount('3000004', 'phone_number_quality_update', {
      display_phone_number: channel.phone!.replace('+', ''),
      event: 'FLAGGED',
      current_limit: 'TIER_1K',
    });
  expect(await toApp(flagged(one!))).toEqual([200]);
  await eventually(async () => expect(await show(one!)).toMatchObject({ facts: { quality: 'RED' } }));
  expect((await show(other!)).facts).not.toMatchObject({ quality: 'RED' });
  expect(await postFrames(fixture.connector, [frame(one!.id, flagged(other!))])).toEqual([200]);
  await eventually(async () => expect(await show(other!)).toMatchObject({ facts: { quality: 'RED' } }));
  expect(await alertsOf(one!.tenantId)).toMatchObject([{ channelId: one!.id }, { channelId: other!.id }]);
});

test('the app’s address refuses reports of unknown accounts and with a wrong secret', async () => {
  const [channel] = await channelsOf('3000005', 1);
  const value = { decision: 'REJECTED' };
  expect(await toApp(ofAccount('3999999', 'account_review_update', value))).toEqual([404]);
  const wrong = frame(null, ofAccount('3000005', 'account_review_update', value), 'a wrong secret');
  expect(await postFrames(fixture.connector, [wrong])).toEqual([401]);
  expect(await alertsOf(channel!.tenantId)).toEqual([]);
});
