import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Channel, EventData, mediaFetched, OutboundContent, WebhookFrame } from '@recado/contracts';
import { EVOLUTION_KEY, type SessionMessage } from '@recado/sandbox';
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
  await fixture.sandbox.control.setBehaviour({ web: { connectMs: 1 }, webhook: { retryFirstMs: 20 } });
});
afterAll(() => fixture.stop());

const SECRET = 'a secret of sixteen and more';

async function server(method: string, path: string, body?: object): Promise<{ hash: string }> {
  const response = await fetch(`${fixture.sandbox.evolutionUrl}${path}`, {
    method,
    headers: { apikey: EVOLUTION_KEY, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { hash: string };
}

const session = (name: string) => fixture.sandbox.control.session('evolution', name);

function connect(tenantId: string, credentials: object) {
  return fixture.connector.app.inject({
    method: 'POST',
    url: '/channels',
    headers: { authorization: bearer(tenantId) },
    payload: { name: 'Shop', provider: 'evolution', phone: null, credentials, ratePerMinute: 60_000 },
  });
}

/** A channel of a scanned instance whose events come through the edge. */
async function createInstanceChannel() {
  const name = `shop-${++names}`;
  const tenantId = randomUUID();
  const { hash } = await server('POST', '/instance/create', {
    instanceName: name,
    integration: 'WHATSAPP-BAILEYS',
    qrcode: true,
  });
  await session(name).scan();
  await eventually(async () => expect((await session(name).view()).state).toBe('open'));
  const credentials = {
    serverUrl: fixture.sandbox.evolutionUrl,
    instanceName: name,
    apiKey: hash,
    webhookSecret: SECRET,
  };
  const response = await connect(tenantId, credentials);
  expect(response.statusCode).toBe(201);
  const channel = response.json<Channel>();
  return { ...channel, tenantId, instance: name, credentials };
}

const received = (tenantId: string) => eventsOf(fixture, tenantId, 'message.received');
const statusesOf = (tenantId: string) =>
  eventsOf<{ status: string; providerMessageId: string; source: string }>(fixture, tenantId, 'message.status-changed');

describe('connecting', () => {
  test('proves an instance by its state, named together with its server', async () => {
    const channel = await createInstanceChannel();
    expect(channel).toMatchObject({ provider: 'evolution', status: 'connected' });
    expect(channel.providerId).toMatch(new RegExp(`^${channel.instance}@127\\.0\\.0\\.1:\\d+/evolution$`));
  });

  test.each([
    ['another key', { apiKey: 'wrong' }, 'The key of the Evolution server is not valid'],
    ['an unknown instance', { instanceName: 'nowhere' }, 'The Evolution server has no such instance'],
    ['a server that is away', { serverUrl: 'http://127.0.0.1:9' }, 'could not be reached'],
  ])('%s is told in words', async (_name, more, reason) => {
    const { credentials } = await createInstanceChannel();
    const channel = (await connect(randomUUID(), { ...credentials, ...more })).json<Channel>();
    expect(channel).toMatchObject({ lastError: expect.stringContaining(reason) });
    expect(channel.status).not.toBe('connected');
  });

  test.each([
    ['serverUrl', 'ftp://example.com'],
    ['serverUrl', 'https://user:pass@example.com'],
    ['instanceName', 'a/b'],
    ['webhookSecret', 'short'],
  ])('a %s of %s is refused', async (field, value) => {
    const { credentials } = await createInstanceChannel();
    const response = await connect(randomUUID(), { ...credentials, [field]: value });
    expect(response.statusCode).toBe(422);
    expect(response.json().error.details).toMatchObject([{ field: `credentials.${field}` }]);
  });

  test('an instance that waits for its scan is not connected', async () => {
    const name = `waiting-${++names}`;
    const { hash } = await server('POST', '/instance/create', {
      instanceName: name,
      integration: 'WHATSAPP-BAILEYS',
      qrcode: true,
    });
    const credentials = {
      serverUrl: fixture.sandbox.evolutionUrl,
      instanceName: name,
      apiKey: hash,
      webhookSecret: SECRET,
    };
    expect((await connect(randomUUID(), credentials)).json<Channel>()).toMatchObject({
      status: 'qr',
      code: { qr: expect.stringMatching(/^data:image\/png;base64,/) },
    });
  });

  test('a logout on the phone and a new scan change the state of the channel', async () => {
    const channel = await createInstanceChannel();
    const state = async () =>
      (await eventsOf<{ status: string }>(fixture, channel.tenantId, 'channel.status-changed')).map(
        ({ status }) => status,
      );
    await session(channel.instance).disconnect();
    await eventually(async () => expect(await state()).toEqual(['connecting', 'connected', 'error']));
    await server('GET', `/instance/connect/${channel.instance}`);
    await session(channel.instance).scan();
    await eventually(async () => expect((await state()).at(-1)).toBe('connected'));
  });
});

describe('sending', () => {
  test('a file of ours goes as its bytes, also as a voice message', async () => {
    const channel = await createInstanceChannel();
    const content = randomBytes(100_001);
    const bytes = {
      fileLength: String(content.length),
      fileSha256: createHash('sha256').update(content).digest('base64'),
    };
    const { id: fileId } = await uploadFile(fixture, channel.tenantId, 'datos.bin', content);
    const sent = async (sendable: OutboundContent) => {
      const { messageId } = await requestMessage(fixture, channel, { content: sendable });
      await untilState(fixture, messageId, 'sent');
      return (await fixture.sandbox.control.ledgerAll('messages', { phoneNumberId: channel.instance })).at(-1)!.body;
    };
    expect(await sent({ kind: 'document', media: { fileId }, caption: 'Lee' })).toMatchObject({
      documentMessage: { mimetype: 'application/octet-stream', fileName: 'datos.bin', caption: 'Lee', ...bytes },
    });
    expect(await sent({ kind: 'audio', media: { fileId }, voice: true })).toMatchObject({
      audioMessage: { ptt: true, ...bytes },
    });
  });

  test('goes out once, and the ticks bear the id of the answer', async () => {
    const channel = await createInstanceChannel();
    const { messageId } = await requestMessage(fixture, channel, { text: 'Hola' });
    const row = await untilState(fixture, messageId, 'sent');
    const filter = { phoneNumberId: channel.instance };
    expect(await fixture.sandbox.control.ledgerSends(filter)).toMatchObject([
      { to: '5511911112222', text: 'Hola', times: 1, wamids: [row.provider_message_id] },
    ]);
    await eventually(async () => {
      const ticks = (await statusesOf(channel.tenantId)).filter(({ source }) => source === 'webhook');
      expect(ticks.map(({ status }) => status).sort()).toEqual(['delivered', 'read', 'sent']);
      for (const { providerMessageId } of ticks) expect(providerMessageId).toBe(row.provider_message_id);
    });
  });

  test.each([
    ['5511909990404', 'failed', 'number_not_on_whatsapp', 0],
    ['5511909990001', 'uncertain', null, 1],
    ['5511909990010', 'uncertain', null, 1],
    ['5511909990500', 'uncertain', null, 0],
  ])('to %s ends %s (%s), sent %i times', async (to, state, code, times) => {
    const channel = await createInstanceChannel();
    const { messageId } = await requestMessage(fixture, channel, { to });
    const row = await untilState(fixture, messageId, state);
    if (code) expect(row.error_code).toBe(code);
    expect(await fixture.sandbox.control.ledgerMessages({ phoneNumberId: channel.instance })).toHaveLength(times);
  });

  test('waits while the phone is away', async () => {
    const channel = await createInstanceChannel();
    await session(channel.instance).disconnect();
    const { messageId } = await requestMessage(fixture, channel);
    await eventually(async () => {
      expect(await untilState(fixture, messageId, 'queued')).toMatchObject({ error_code: 'connection_closed' });
    });
    await server('GET', `/instance/connect/${channel.instance}`);
    await session(channel.instance).scan();
    await untilState(fixture, messageId, 'sent');
  });
});

describe('every kind of message', () => {
  test('goes out by its call; choices are numbered lines', async () => {
    const channel = await createInstanceChannel();
    const wanted: [ContentName, type: string, text: string | null][] = [
      ['text', 'conversation', CONTENTS.text.body],
      ['image', 'imageMessage', 'Foto'],
      ['video', 'videoMessage', null],
      ['audio', 'audioMessage', null],
      ['voice', 'audioMessage', null],
      ['document', 'documentMessage', 'Lee'],
      ['sticker', 'stickerMessage', null],
      ['location', 'locationMessage', 'Tienda'],
      ['contacts', 'contactMessage', 'Ana'],
      ['reaction', 'reactionMessage', '👍'],
      ['buttons', 'conversation', '*Menú*\n\nElige\n\n1. Sí\n2. No\n\n_Hasta pronto_'],
      ['pictured', 'imageMessage', 'Elige\n\n1. Sí'],
      ['list', 'conversation', 'Elige\n\n*Té*\n1. Verde – Caliente\n\n*Café*\n2. Negro'],
      ['link', 'conversation', 'Nuestra página\n\nAbrir: https://example.com/'],
    ];
    for (const [name, type, text] of wanted) {
      const about = aboutOf(`AC-${name}`);
      const { messageId } = await requestMessage(fixture, channel, { content: CONTENTS[name], about });
      const { provider_message_id: wamid } = await untilState(fixture, messageId, 'sent');
      const [row] = await fixture.sandbox.control.ledgerMessages({ wamid: wamid! });
      const quoted = name === 'reaction' ? null : `AC-${name}`;
      expect(row, name).toMatchObject({ to: '5511911112222', type, text, contextMessageId: quoted });
    }
  });
});

describe('what customers do', () => {
  const says = (instance: string, message: Partial<SessionMessage>) =>
    session(instance).says({ from: '5511977770001', name: 'Ana', wait: true, ...message });

  test.each<[string, Partial<SessionMessage>, object]>([
    ['text', { text: 'Oi' }, { type: 'text', content: 'Oi', details: null }],
    [
      'a reply',
      { text: 'Oi', replyTo: '3EB0AA' },
      { replyToProviderMessageId: '3EB0AA', details: { context: { quoted: { providerMessageId: '3EB0AA' } } } },
    ],
    [
      'an image',
      { kind: 'image', text: 'c' },
      {
        type: 'image',
        content: 'c',
        details: { media: { type: 'image/png', size: expect.any(Number), sha256: expect.any(String) } },
      },
    ],
    ['a voice message', { kind: 'audio' }, { type: 'audio', details: { media: { voice: true } } }],
    ['a document', { kind: 'document' }, { type: 'document', details: { media: { fileName: 'document.pdf' } } }],
    [
      'a place',
      { kind: 'location', text: 'Here' },
      { type: 'location', details: { location: { latitude: -23.5505, name: 'Here' } } },
    ],
    [
      'a card',
      { kind: 'contacts' },
      { type: 'contacts', content: 'Ana Souza', details: { contacts: [{ phones: [{ waId: '5511988887777' }] }] } },
    ],
    [
      'a reaction',
      { kind: 'reaction', text: '👍', replyTo: '3EB0AA' },
      { type: 'reaction', content: '👍', replyToProviderMessageId: '3EB0AA', details: { reaction: { emoji: '👍' } } },
    ],
    ['a reaction taken back', { kind: 'reaction', replyTo: '3EB0AA' }, { details: { reaction: { emoji: null } } }],
    [
      'a button',
      { kind: 'button_reply', text: 'Yes', replyId: 'y' },
      { type: 'interactive', content: 'Yes', details: { choice: { id: 'y', title: 'Yes' } } },
    ],
    [
      'a row',
      { kind: 'list_reply', text: 'Row', replyId: 'r' },
      { type: 'interactive', details: { choice: { id: 'r' } } },
    ],
    [
      'an unknown kind',
      { kind: 'raw', content: { newMessage: { title: 'Words' } } },
      { type: 'unsupported', content: 'Words', details: { unsupported: { kind: 'newMessage' } } },
    ],
  ])('%s is received once', async (_name, message, expected) => {
    const channel = await createInstanceChannel();
    const { deliveries } = await says(channel.instance, message);
    for (const delivery of deliveries!) expect(delivery).toMatchObject({ status: 'accepted', attempts: 1 });
    const events = await received(channel.tenantId);
    expect(events).toMatchObject([{ provider: 'evolution', channelId: channel.id, ...expected }]);
    expect(JSON.stringify(events)).not.toContain('jpegThumbnail');
  });

  test('a file is fetched from the server; one that is not there shows why', async () => {
    const channel = await createInstanceChannel();
    const base64 = Buffer.from('the bytes of a file').toString('base64');
    await says(channel.instance, { kind: 'document', media: { base64, mimeType: 'text/plain', filename: 'a.txt' } });
    const key = { remoteJid: '5511977770001@s.whatsapp.net', fromMe: false, id: 'AC404' };
    const data = { key, message: { imageMessage: { mimetype: 'image/jpeg' } } };
    await session(channel.instance).tell({ event: 'messages.upsert', data, wait: true });
    await eventually(async () => {
      const files = (await eventsOf<EventData<typeof mediaFetched>>(fixture, channel.tenantId, 'media.fetched')).map(
        ({ file }) => file,
      );
      expect(files.find(({ state }) => state === 'ready')).toMatchObject({ size: 19 });
      expect(files.find(({ state }) => state === 'failed')).toMatchObject({ failure: { code: 'expired' } });
    });
  });

  test.each<[string, Partial<SessionMessage>, object, object[]]>([
    [
      'an edit',
      { kind: 'edit', text: 'New' },
      { content: 'New', details: { change: { kind: 'edited' } } },
      // The same as older servers tell it, without its maker.
      [{ content: 'New', details: { change: { kind: 'edited', untold: 'customer' } } }],
    ],
    ['a deletion', { kind: 'revoke' }, { type: 'system', details: { change: { kind: 'deleted' } } }, []],
  ])("a customer's %s is told once as of their chat", async (_name, message, expected, untold) => {
    const channel = await createInstanceChannel();
    await says(channel.instance, { replyTo: 'AC1', replyToOurs: false, ...message });
    const told = await eventsOf(fixture, channel.tenantId, 'message.received');
    expect(told).toMatchObject([expected]);
    expect(told).toMatchObject([{ details: { change: { providerMessageId: 'AC1' } } }]);
    expect(await eventsOf(fixture, channel.tenantId, 'message.synced')).toMatchObject(untold);
  });

  test.each([
    [{}, { waId: '5511977770001', phone: '+5511977770001', userId: null, name: 'Ana' }],
    [
      { lid: '123456789012345', lidShape: 'alt' },
      { waId: '5511977770001', userId: '123456789012345@lid' },
    ],
    [
      { lid: '123456789012345', lidShape: 'swapped' },
      { waId: '5511977770001', userId: null },
    ],
    [
      { lid: '123456789012345', lidShape: 'alone' },
      { waId: null, phone: null, userId: '123456789012345@lid' },
    ],
  ] as const)('the sender of %j', async (message, from) => {
    const channel = await createInstanceChannel();
    await says(channel.instance, { text: 'Oi', ...message });
    expect(await received(channel.tenantId)).toMatchObject([{ from }]);
  });

  test('a group and the phone itself are told apart from a private message', async () => {
    const channel = await createInstanceChannel();
    await says(channel.instance, { text: 'Oi', fromMe: true });
    await says(channel.instance, { kind: 'call' });
    expect(await received(channel.tenantId)).toEqual([]);
    expect(await eventsOf(fixture, channel.tenantId, 'message.synced')).toMatchObject([
      { direction: 'outbound', origin: 'phone', content: 'Oi', peer: {} },
    ]);
    await says(channel.instance, { text: 'Oi', group: { id: '120363041234567890' } });
    expect(await received(channel.tenantId)).toMatchObject([{ details: { group: { id: '120363041234567890@g.us' } } }]);
  });

  test('the same event twice gives one message', async () => {
    const channel = await createInstanceChannel();
    for (const _ of [1, 2]) await says(channel.instance, { text: 'Oi', id: 'AC1' });
    expect(await received(channel.tenantId)).toHaveLength(1);
  });
});

describe('proof', () => {
  const frameOf = (channelId: string | null, secret: string | null, event: object): WebhookFrame => ({
    provider: 'evolution',
    channelId,
    headers: secret === null ? {} : { [URL_SECRET_HEADER]: secret },
    body: Buffer.from(JSON.stringify(event)),
  });

  test('wants the secret of the URL, the channel in the path, and an event of its own instance', async () => {
    const channel = await createInstanceChannel();
    const data = { key: { remoteJid: '5511977770001@s.whatsapp.net', id: 'AC1' }, message: { conversation: 'Oi' } };
    const event = { event: 'messages.upsert', instance: channel.instance, data };
    const statuses = await postFrames(fixture.connector, [
      frameOf(channel.id, null, event),
      frameOf(channel.id, 'another secret of sixteen', event),
      frameOf(null, SECRET, event),
      frameOf(channel.id, SECRET, { ...event, instance: 'other' }),
      { ...frameOf(channel.id, SECRET, event), body: Buffer.from('nonsense') },
    ]);
    expect(statuses).toEqual([401, 401, 404, 200, 400]);
    expect(await received(channel.tenantId)).toEqual([]);
    expect(await postFrames(fixture.connector, [frameOf(channel.id, SECRET, event)])).toEqual([200]);
    expect(await received(channel.tenantId)).toHaveLength(1);
  });
});
