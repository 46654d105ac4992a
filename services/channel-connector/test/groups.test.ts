import { randomUUID } from 'node:crypto';
import type { AboutMessage, EventData, groupReported, messageStatus, OutboundContent } from '@recado/contracts';
import { EVOLUTION_KEY, type WebProvider, WPPCONNECT_SECRET } from '@recado/sandbox';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTENTS } from './contents.ts';
import { bearer, createChannel, createFixture, eventsOf, type Fixture, requestMessage, untilState } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
  await fixture.sandbox.control.setBehaviour({ web: { connectMs: 1 } });
});
afterAll(() => fixture.stop());

const GROUP = '120363040469423382';
const JID = `${GROUP}@g.us`;
const MARTA = '5511922223333';

/** The customer's message in the group that others quote or react to. */
const quoted: AboutMessage = {
  ...{ messageId: randomUUID(), providerMessageId: 'ABC', fromMe: false, text: 'Hola' },
  from: { waId: MARTA },
};

async function connect(provider: WebProvider, credentials: object) {
  const tenantId = randomUUID();
  const response = await fixture.connector.app.inject({
    method: 'POST',
    url: '/channels',
    headers: { authorization: bearer(tenantId) },
    payload: { name: 'Shop', provider, phone: null, credentials, ratePerMinute: 60_000 },
  });
  expect(response.statusCode, response.body).toBe(201);
  return { id: response.json<{ id: string }>().id, tenantId };
}

/** What the provider told of groups, in order. */
const toldOf = ({ tenantId }: { tenantId: string }) =>
  eventsOf<EventData<typeof groupReported>>(fixture, tenantId, 'group.reported');
const [marta, luis] = [
  { phone: MARTA, name: 'Marta', admin: true },
  { phone: '5511933334444', name: 'Luis' },
];
const memberOf = (phone: string) => ({ waId: phone, phone: `+${phone}`, userId: null });

interface Place {
  provider: 'meta' | WebProvider;
  number: string;
  id: string;
}

/** A group's first message asks the provider for it; later its events tell what changed. */
async function checkNews(channel: { tenantId: string }, group: Place, groupId: string, how: { tellsNames: boolean }) {
  const asked = { groupId, asked: true, name: 'Friends', members: [memberOf(MARTA)] };
  await eventually(async () => expect(await toldOf(channel)).toMatchObject([asked]));
  const { setGroup } = fixture.sandbox.control;
  await setGroup({ ...group, name: 'Friends', people: [marta, luis] });
  const joined = { groupId, asked: false, joined: [memberOf(luis.phone)] };
  await eventually(async () => expect((await toldOf(channel)).slice(1)).toMatchObject([joined]));
  await setGroup({ ...group, name: 'Old friends', people: [marta] });
  const named = how.tellsNames ? [{ groupId, name: 'Old friends' }] : [];
  const expected = [...named, { groupId, left: [memberOf(luis.phone)] }];
  await eventually(async () => {
    const told = (await toldOf(channel)).slice(2);
    expect(told).toHaveLength(expected.length);
    for (const one of expected) expect(told).toContainEqual(expect.objectContaining(deep(one)));
  });
}

/** Each of the people of a group gives a receipt of their own, and none is taken for another's. */
async function checkReceipts(channel: { id: string; tenantId: string }, number: string, group: string) {
  const { setGroup } = fixture.sandbox.control;
  await setGroup({ provider: 'meta', number, id: group, name: 'Friends', people: [marta, luis], tell: false });
  const { messageId } = await sendTo(channel, group);
  const { provider_message_id: providerMessageId } = await untilState(fixture, messageId, 'sent');
  const ticks = () => eventsOf<EventData<typeof messageStatus>>(fixture, channel.tenantId, 'message.status-changed');
  await eventually(async () => {
    const read = (await ticks()).filter((one) => one.providerMessageId === providerMessageId && one.status === 'read');
    const readers = read.map(({ details }) => details?.participant?.waId);
    expect(readers.toSorted()).toEqual([MARTA, luis.phone].toSorted());
  });
}

/** Asymmetric at every depth. */
const deep = (one: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(one).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map((item) => expect.objectContaining(item)) : value,
    ]),
  );

async function createEvolutionChannel() {
  const serverUrl = fixture.sandbox.evolutionUrl;
  const created = await fetch(`${serverUrl}/instance/create`, {
    method: 'POST',
    headers: { apikey: EVOLUTION_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ instanceName: 'groups', integration: 'WHATSAPP-BAILEYS', qrcode: true }),
  });
  const { hash } = (await created.json()) as { hash: string };
  const session = fixture.sandbox.control.session('evolution', 'groups');
  await session.scan();
  await eventually(async () => expect((await session.view()).state).toBe('open'));
  const secret = 'a secret of sixteen and more';
  const channel = await connect('evolution', {
    serverUrl,
    instanceName: 'groups',
    apiKey: hash,
    webhookSecret: secret,
  });
  await session.says({ from: MARTA, name: 'Marta', group: { id: GROUP, name: 'Friends' }, text: 'Hola', wait: true });
  return channel;
}

async function createWppconnectChannel() {
  const serverUrl = fixture.sandbox.wppconnectUrl;
  const made = await fetch(`${serverUrl}/api/groups/${WPPCONNECT_SECRET}/generate-token`, { method: 'POST' });
  const { token } = (await made.json()) as { token: string };
  await fetch(`${serverUrl}/api/groups/start-session`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ webhook: '', waitQrCode: false }),
  });
  const session = fixture.sandbox.control.session('wppconnect', 'groups');
  await session.scan();
  await eventually(async () => expect((await session.view()).state).toBe('CONNECTED'));
  const secret = 'a secret of sixteen and more';
  const channel = await connect('wppconnect', { serverUrl, sessionName: 'groups', token, webhookSecret: secret });
  await session.says({ from: MARTA, name: 'Marta', group: { id: GROUP, name: 'Friends' }, text: 'Hola', wait: true });
  return channel;
}

async function sendTo(channel: { id: string; tenantId: string }, group: string, content?: OutboundContent) {
  const about = content && ('replyTo' in content || content.kind === 'reaction') ? { about: quoted } : {};
  return requestMessage(fixture, channel, { group, ...(content && { content }), ...about });
}

const lastSent = async () => (await fixture.sandbox.control.ledgerMessages()).at(-1)!;

describe('a message to a group', () => {
  test('goes to the jid of the group on Evolution, and a quote names its author', async () => {
    const channel = await createEvolutionChannel();
    await checkNews(channel, { provider: 'evolution', number: 'groups', id: GROUP }, JID, { tellsNames: false });
    const text = await sendTo(channel, JID);
    await untilState(fixture, text.messageId, 'sent');
    expect(await lastSent()).toMatchObject({ to: JID, text: 'Hello', provider: 'evolution' });
    const reaction = await sendTo(channel, JID, CONTENTS.reaction);
    await untilState(fixture, reaction.messageId, 'sent');
    const key = { id: 'ABC', remoteJid: JID, fromMe: false, participant: `${MARTA}@s.whatsapp.net` };
    expect(await lastSent()).toMatchObject({ to: JID, body: { reactionMessage: { key } } });
    const nowhere = await sendTo(channel, '120363099999999999@g.us');
    expect(await untilState(fixture, nowhere.messageId, 'failed')).toMatchObject({ error_code: 'group_not_found' });
  });

  test('goes to the group on WPPConnect, and a quote names its author', async () => {
    const channel = await createWppconnectChannel();
    await checkNews(channel, { provider: 'wppconnect', number: 'groups', id: GROUP }, JID, { tellsNames: false });
    const text = await sendTo(channel, JID);
    await untilState(fixture, text.messageId, 'sent');
    expect(await lastSent()).toMatchObject({ to: JID, text: 'Hello', provider: 'wppconnect' });
    const reply = await sendTo(channel, JID, { kind: 'text', body: 'Sí', replyTo: quoted.messageId });
    await untilState(fixture, reply.messageId, 'sent');
    expect(await lastSent()).toMatchObject({ to: JID, contextMessageId: `false_${JID}_ABC_${MARTA}@c.us` });
    // The same digits without the group are no phone, and the sandbox refuses them.
    const private_ = await requestMessage(fixture, channel, { to: GROUP });
    await untilState(fixture, private_.messageId, 'uncertain');
  });

  test('goes to a group of Meta with the kinds that it takes, and the others fail unsent', async () => {
    const channel = await createChannel(fixture);
    const group = 'Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD';
    const { phoneNumberId } = channel;
    await fixture.sandbox.control.customerSays({
      phoneNumberId,
      from: MARTA,
      group: { id: group, name: 'Friends' },
      text: 'Hola',
    });
    await checkNews(channel, { provider: 'meta', number: phoneNumberId, id: group }, group, { tellsNames: true });
    const text = await sendTo(channel, group);
    await untilState(fixture, text.messageId, 'sent');
    expect(await lastSent()).toMatchObject({ to: group, text: 'Hello', provider: 'meta' });
    await checkReceipts(channel, phoneNumberId, group);
    const count = (await fixture.sandbox.control.ledgerMessages()).length;
    const buttons = await sendTo(channel, group, CONTENTS.buttons);
    expect(await untilState(fixture, buttons.messageId, 'failed')).toMatchObject({ error_code: 'unsupported_type' });
    expect(await fixture.sandbox.control.ledgerMessages()).toHaveLength(count);
    const nowhere = await sendTo(channel, 'Y2FwaV9ub3doZXJl');
    expect(await untilState(fixture, nowhere.messageId, 'failed')).toMatchObject({ error_code: '131041' });
  });
});
