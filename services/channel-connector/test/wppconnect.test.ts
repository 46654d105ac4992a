import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Channel, EventData, mediaFetched, OutboundContent, WebhookFrame } from '@recado/contracts';
import { type SessionMessage, WPPCONNECT_SECRET } from '@recado/sandbox';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { URL_SECRET_HEADER } from '../src/providers/url-secret.ts';
import { aboutOf, CONTENTS, type ContentName } from './contents.ts';
import { bearer, createFixture, eventsOf, type Fixture, postFrames, requestMessage, untilState } from './support.ts';
import { uploadFile } from './uploads.ts';

let fixture: Fixture;
let names = 0;
beforeAll(async () => {
  fixture = await createFixture();
  await fixture.sandbox.control.setBehaviour({ web: { connectMs: 1 } });
});
afterAll(() => fixture.stop());

const SECRET = 'a secret of sixteen and more';
const session = (name: string) => fixture.sandbox.control.session('wppconnect', name);

async function server(path: string, token: string | null, body?: object): Promise<{ token: string }> {
  const response = await fetch(`${fixture.sandbox.wppconnectUrl}/api/${path}`, {
    method: 'POST',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { token: string };
}

function connect(tenantId: string, credentials: object) {
  return fixture.connector.app.inject({
    method: 'POST',
    url: '/channels',
    headers: { authorization: bearer(tenantId) },
    payload: { name: 'Shop', provider: 'wppconnect', phone: null, credentials, ratePerMinute: 60_000 },
  });
}

/** A scanned session, as a tenant may have one before. */
async function startSession(name: string, token: string): Promise<void> {
  await server(`${name}/start-session`, token, { webhook: '', waitQrCode: false });
  if ((await session(name).view()).phone === null) await session(name).scan();
  await eventually(async () => expect((await session(name).view()).state).toBe('CONNECTED'));
}

/** A channel of a scanned session whose events come through the edge. */
async function createSessionChannel() {
  const name = `shop-${++names}`;
  const tenantId = randomUUID();
  const { token } = await server(`${name}/${WPPCONNECT_SECRET}/generate-token`, null);
  await startSession(name, token);
  const credentials = { serverUrl: fixture.sandbox.wppconnectUrl, sessionName: name, token, webhookSecret: SECRET };
  const response = await connect(tenantId, credentials);
  expect(response.statusCode).toBe(201);
  const channel = response.json<Channel>();
  return { ...channel, tenantId, session: name, credentials };
}

const received = (tenantId: string) => eventsOf(fixture, tenantId, 'message.received');
const statusesOf = (tenantId: string) =>
  eventsOf<{ status: string; providerMessageId: string; source: string }>(fixture, tenantId, 'message.status-changed');

describe('connecting', () => {
  test('proves a session by its connection, named together with its server', async () => {
    const channel = await createSessionChannel();
    expect(channel).toMatchObject({ provider: 'wppconnect', status: 'connected' });
    expect(channel.providerId).toMatch(new RegExp(`^${channel.session}@127\\.0\\.0\\.1:\\d+/wppconnect$`));
  });

  test.each([
    ['another token', { token: 'wrong' }, 'The token of the WPPConnect session is not valid'],
    ['a server that is away', { serverUrl: 'http://127.0.0.1:9' }, 'could not be reached'],
  ])('%s is told in words', async (_name, more, reason) => {
    const { credentials } = await createSessionChannel();
    const channel = (await connect(randomUUID(), { ...credentials, ...more })).json<Channel>();
    expect(channel).toMatchObject({ lastError: expect.stringContaining(reason) });
    expect(channel.status).not.toBe('connected');
  });

  test('a lost browser shows, though status-session goes on saying CONNECTED', async () => {
    const channel = await createSessionChannel();
    await session(channel.session).disconnect({ reason: 'network' });
    await eventually(async () => {
      const states = await eventsOf<{ status: string }>(fixture, channel.tenantId, 'channel.status-changed');
      expect(states.at(-1)).toMatchObject({ status: 'connecting', reason: expect.stringContaining('being restored') });
    });
  });
});

describe('sending', () => {
  test('a file of ours goes as its bytes, also as a voice message', async () => {
    const channel = await createSessionChannel();
    const content = randomBytes(100_000);
    const filehash = createHash('sha256').update(content).digest('base64');
    const { id: fileId } = await uploadFile(fixture, channel.tenantId, 'datos.bin', content);
    const sent = async (sendable: OutboundContent) => {
      const { messageId } = await requestMessage(fixture, channel, { content: sendable });
      await untilState(fixture, messageId, 'sent');
      return (await fixture.sandbox.control.ledgerAll('messages', { phoneNumberId: channel.session })).at(-1);
    };
    expect(await sent({ kind: 'document', media: { fileId }, caption: 'Lee' })).toMatchObject({
      body: { filename: 'datos.bin', caption: 'Lee', filehash },
    });
    expect(await sent({ kind: 'audio', media: { fileId }, voice: true })).toMatchObject({
      type: 'ptt',
      body: { filehash },
    });
  });

  test('goes out once, and the acks bear the id of the answer', async () => {
    const channel = await createSessionChannel();
    const { messageId } = await requestMessage(fixture, channel, { text: 'Hola' });
    const row = await untilState(fixture, messageId, 'sent');
    const [sent, ...more] = await fixture.sandbox.control.ledgerSends({ phoneNumberId: channel.session });
    expect(sent).toMatchObject({ to: '5511911112222', text: 'Hola', times: 1 });
    expect(sent!.wamids[0]).toContain(row.provider_message_id);
    expect(more).toEqual([]);
    await eventually(async () => {
      const ticks = (await statusesOf(channel.tenantId)).filter(({ source }) => source === 'webhook');
      expect(ticks.map(({ status }) => status).sort()).toEqual(['delivered', 'read', 'sent']);
      for (const { providerMessageId } of ticks) expect(providerMessageId).toBe(row.provider_message_id);
    });
  });

  test.each([
    ['5511909990404', 'uncertain', 0],
    ['5511909990405', 'uncertain', 1],
    ['5511909990001', 'uncertain', 1],
    ['5511909990500', 'uncertain', 0],
  ])('to %s ends %s, sent %i times and never again', async (to, state, times) => {
    const channel = await createSessionChannel();
    const { messageId } = await requestMessage(fixture, channel, { to });
    expect((await untilState(fixture, messageId, state)).attempts).toBe(1);
    expect(await fixture.sandbox.control.ledgerMessages({ phoneNumberId: channel.session })).toHaveLength(times);
  });

  test('waits while the session is closed', async () => {
    const channel = await createSessionChannel();
    const { token } = channel.credentials;
    await server(`${channel.session}/close-session`, token);
    const { messageId } = await requestMessage(fixture, channel);
    await eventually(async () => {
      expect(await untilState(fixture, messageId, 'queued')).toMatchObject({ error_code: 'session_closed' });
    });
    await startSession(channel.session, token);
    await untilState(fixture, messageId, 'sent');
  });
});

describe('every kind of message', () => {
  test('goes out by its call; choices are numbered lines', async () => {
    const channel = await createSessionChannel();
    const wanted: [ContentName, type: string, text: string | null, quotes?: true][] = [
      ['text', 'chat', CONTENTS.text.body, true],
      ['image', 'document', 'Foto', true],
      ['video', 'document', null, true],
      ['audio', 'document', null, true],
      ['voice', 'ptt', null, true],
      ['document', 'document', 'Lee', true],
      ['location', 'location', 'Tienda'],
      ['contacts', 'vcard', 'Ana'],
      ['buttons', 'chat', '*Menú*\n\nElige\n\n1. Sí\n2. No\n\n_Hasta pronto_', true],
      ['link', 'chat', 'Nuestra página\n\nAbrir: https://example.com/', true],
    ];
    const quoted = 'false_5511911112222@c.us_AC1';
    for (const [name, type, text, quotes] of wanted) {
      const { messageId } = await requestMessage(fixture, channel, { content: CONTENTS[name], about: aboutOf('AC1') });
      const { provider_message_id: id } = await untilState(fixture, messageId, 'sent');
      const wamid = `true_5511911112222@c.us_${id}_out`;
      const [row] = await fixture.sandbox.control.ledgerMessages({ wamid });
      expect(row, name).toMatchObject({ type, text, contextMessageId: quotes ? quoted : null });
    }
    const reaction = { content: CONTENTS.reaction, about: aboutOf('AC1') };
    const { messageId } = await requestMessage(fixture, channel, reaction);
    // WPPConnect does not name reactions: the id is ours.
    expect(await untilState(fixture, messageId, 'sent')).toMatchObject({
      provider_message_id: `reaction.${messageId}`,
    });
    const rows = await fixture.sandbox.control.ledgerMessages({ phoneNumberId: channel.session });
    expect(rows.at(-1)).toMatchObject({ type: 'reaction', text: '👍', contextMessageId: quoted });
  });

  test('that it has no call for fails with the reason', async () => {
    const channel = await createSessionChannel();
    const { messageId } = await requestMessage(fixture, channel, { content: CONTENTS.sticker });
    expect(await untilState(fixture, messageId, 'failed')).toMatchObject({ error_code: 'unsupported_type' });
  });
});

describe('what customers do', () => {
  const says = (name: string, message: Partial<SessionMessage>) =>
    session(name).says({ from: '5511977770001', name: 'Ana', wait: true, ...message });

  test.each<[string, Partial<SessionMessage>, object]>([
    [
      'a text',
      { text: 'Oi' },
      { type: 'text', content: 'Oi', details: null, from: { waId: '5511977770001', name: 'Ana' } },
    ],
    ['a reply', { text: 'Oi', replyTo: 'true_5511977770001@c.us_3EB0AA' }, { replyToProviderMessageId: '3EB0AA' }],
    [
      'an image',
      { kind: 'image', text: 'c' },
      { type: 'image', content: 'c', details: { media: { type: 'image/png' } } },
    ],
    ['a voice message', { kind: 'audio' }, { type: 'audio', content: '', details: { media: { voice: true } } }],
    ['a document', { kind: 'document' }, { type: 'document', details: { media: { fileName: 'document.pdf' } } }],
    [
      'a place',
      { kind: 'location', text: 'Here' },
      { type: 'location', details: { location: { latitude: -23.5505, name: 'Here' } } },
    ],
    ['a card', { kind: 'contacts' }, { type: 'contacts', content: 'Ana Souza' }],
    [
      'a reaction',
      { kind: 'reaction', text: '👍', replyTo: 'true_5511977770001@c.us_3EB0AA' },
      { type: 'reaction', content: '👍', replyToProviderMessageId: '3EB0AA' },
    ],
    [
      'a button',
      { kind: 'button_reply', text: 'Yes', replyId: 'y' },
      { type: 'interactive', details: { choice: { id: 'y', title: 'Yes' } } },
    ],
    [
      'a row',
      { kind: 'list_reply', text: 'Row', replyId: 'r' },
      { type: 'interactive', details: { choice: { id: 'r', title: 'Row' } } },
    ],
    [
      'a deletion',
      { kind: 'revoke', replyTo: 'AC1', replyToOurs: false },
      { type: 'system', details: { change: { kind: 'deleted', providerMessageId: 'AC1' } } },
    ],
    [
      'an unknown kind',
      { kind: 'raw', content: { type: 'hologram', body: 'Words' } },
      { type: 'unsupported', content: 'Words' },
    ],
    [
      'a hidden address',
      { text: 'Oi', lid: '123456789012345', lidShape: 'alone' },
      { from: { waId: null, phone: null, userId: '123456789012345@lid' } },
    ],
  ])('%s is received once, without the bytes of files', async (_name, message, expected) => {
    const channel = await createSessionChannel();
    const { deliveries } = await says(channel.session, message);
    expect(deliveries).toMatchObject([{ status: 'accepted', attempts: 1 }]);
    const events = await received(channel.tenantId);
    expect(events).toMatchObject([{ provider: 'wppconnect', channelId: channel.id, ...expected }]);
    expect(JSON.stringify(events)).not.toContain('iVBOR');
  });

  test('a file is fetched from the server; one that is not there shows why', async () => {
    const channel = await createSessionChannel();
    const base64 = Buffer.from('the bytes of a file').toString('base64');
    await says(channel.session, { kind: 'document', media: { base64, mimeType: 'text/plain', filename: 'a.txt' } });
    const from = '5511977770001@c.us';
    const data = { id: `false_${from}_AC404`, from, type: 'image', mimetype: 'image/jpeg' };
    await session(channel.session).tell({ event: 'onmessage', data, wait: true });
    await eventually(async () => {
      const files = (await eventsOf<EventData<typeof mediaFetched>>(fixture, channel.tenantId, 'media.fetched')).map(
        ({ file }) => file,
      );
      expect(files.find(({ state }) => state === 'ready')).toMatchObject({ size: 19 });
      expect(files.find(({ state }) => state === 'failed')).toMatchObject({ failure: { code: 'expired' } });
    });
  });

  test('groups and calls are told as such, and the same event twice makes one message', async () => {
    const channel = await createSessionChannel();
    await says(channel.session, { text: 'Oi', group: { id: '120363041234567890' } });
    await says(channel.session, { kind: 'call' });
    const told = await received(channel.tenantId);
    expect(told).toMatchObject([{ details: { group: {} } }, { details: { call: { missed: true } } }]);
    for (const _ of [1, 2]) await says(channel.session, { text: 'Oi', id: 'AC1' });
    expect((await received(channel.tenantId)).slice(told.length)).toMatchObject([{ providerMessageId: 'AC1' }]);
  });
});

test('proof wants the secret of the URL and an event of its own session', async () => {
  const channel = await createSessionChannel();
  const event = {
    event: 'onmessage',
    session: channel.session,
    id: 'false_5511977770001@c.us_AC1',
    type: 'chat',
    body: 'Oi',
    from: '5511977770001@c.us',
  };
  const frameOf = (secret: string | null, body: object): WebhookFrame => ({
    provider: 'wppconnect',
    channelId: channel.id,
    headers: secret === null ? {} : { [URL_SECRET_HEADER]: secret },
    body: Buffer.from(JSON.stringify(body)),
  });
  const statuses = await postFrames(fixture.connector, [
    frameOf(null, event),
    frameOf('another secret of sixteen', event),
    frameOf(SECRET, { ...event, session: 'other' }),
  ]);
  expect(statuses).toEqual([401, 401, 200]);
  expect(await received(channel.tenantId)).toEqual([]);
  expect(await postFrames(fixture.connector, [frameOf(SECRET, event)])).toEqual([200]);
  expect(await received(channel.tenantId)).toHaveLength(1);
});
