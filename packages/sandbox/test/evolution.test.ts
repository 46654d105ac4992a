import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EVOLUTION_KEY, type Sandbox, startSandbox } from '../src/index.ts';
import { type Receiver, startReceiver } from './harness.ts';

let sandbox: Sandbox;
let receiver: Receiver;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 'evolution-tests' });
  receiver = await startReceiver();
});
afterAll(async () => {
  await sandbox.stop();
  await receiver.close();
});
beforeEach(async () => {
  await sandbox.control.reset({ numbers: true });
  receiver.posts.length = 0;
  receiver.answer = () => 200;
  await sandbox.control.setBehaviour({
    statuses: { sentMs: 1, deliveredMs: 5, readMs: 10 },
    web: { connectMs: 1 },
    webhook: { retryFirstMs: 5 },
  });
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by the tests
type Json = any;

async function api(method: string, path: string, body?: unknown, key: string | null = EVOLUTION_KEY) {
  const response = await fetch(`${sandbox.evolutionUrl}${path}`, {
    method,
    headers: {
      ...(key === null ? {} : { apikey: key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text) as Json,
  };
}

const webhook = (more: object = {}) => ({
  enabled: true,
  url: receiver.url,
  byEvents: false,
  base64: false,
  events: [],
  ...more,
});
const session = () => sandbox.control.session('evolution', 'shop');

async function createInstance(more: object = {}): Promise<string> {
  const answer = await api('POST', '/instance/create', {
    instanceName: 'shop',
    integration: 'WHATSAPP-BAILEYS',
    webhook: webhook(),
    ...more,
  });
  expect(answer.status).toBe(201);
  return answer.body.hash;
}

async function connectedInstance(more: object = {}): Promise<string> {
  const token = await createInstance({ qrcode: true, ...more });
  await session().scan({ phone: '5511940000000', profileName: 'Loja' });
  await expect.poll(async () => (await session().view()).state).toBe('open');
  await sandbox.control.idle();
  receiver.posts.length = 0;
  return token;
}

const eventsNamed = (name: string): Json[] =>
  receiver.posts.map(({ body }) => body).filter(({ event }) => event === name);
const sendText = (number: string, text = 'Olá') => api('POST', '/message/sendText/shop', { number, text });

describe('the life of an instance', () => {
  test('is created with a QR code, scanned, open, and told as Evolution tells it', async () => {
    const created = await api('POST', '/instance/create', {
      instanceName: 'shop',
      integration: 'WHATSAPP-BAILEYS',
      qrcode: true,
      webhook: webhook(),
    });
    expect(created).toMatchObject({
      status: 201,
      body: {
        instance: { instanceName: 'shop', integration: 'WHATSAPP-BAILEYS', status: 'connecting' },
        hash: expect.stringMatching(/^[0-9A-F-]{36}$/),
        qrcode: {
          pairingCode: null,
          code: expect.stringMatching(/^2@/),
          base64: expect.stringMatching(/^data:image\/png;base64,/),
          count: 1,
        },
      },
    });
    await session().scan({ phone: '5511940000000', profileName: 'Loja' });
    await sandbox.control.idle();
    expect((await api('GET', '/instance/connectionState/shop')).body).toEqual({
      instance: { instanceName: 'shop', state: 'open' },
    });
    // A second "connecting" comes: WhatsApp restarts the connection after a pairing.
    const states = eventsNamed('connection.update')
      .map(({ data }) => data.state)
      .sort();
    expect(states).toEqual(['connecting', 'connecting', 'open']);
    expect(eventsNamed('connection.update').find(({ data }) => data.state === 'open')).toMatchObject({
      instance: 'shop',
      data: { instance: 'shop', wuid: '5511940000000@s.whatsapp.net', profileName: 'Loja', statusReason: 200 },
      sender: '5511940000000@s.whatsapp.net',
      apikey: created.body.hash,
      destination: receiver.url,
      server_url: sandbox.evolutionUrl,
    });
    expect(eventsNamed('qrcode.updated')).toMatchObject([
      { data: { qrcode: { instance: 'shop', base64: created.body.qrcode.base64 } } },
    ]);
    expect((await api('GET', '/instance/fetchInstances')).body).toMatchObject([
      { name: 'shop', connectionStatus: 'open', ownerJid: '5511940000000@s.whatsapp.net', token: created.body.hash },
    ]);
  });

  test('connect answers {count: 0} while the code is not there yet, and a pairing code when a number is given', async () => {
    await sandbox.control.setBehaviour({ web: { qrDelayMs: 300, qrWaitMs: 5 } });
    await createInstance();
    expect((await api('GET', '/instance/connect/shop?number=5511940000000')).body).toEqual({ count: 0 });
    await expect.poll(async () => (await session().view()).qr).not.toBeNull();
    expect((await api('GET', '/instance/connect/shop')).body).toMatchObject({
      pairingCode: expect.stringMatching(/^[0-9A-Z]{8}$/),
      count: 1,
    });
  });

  test('a code that is not scanned is replaced, and after the limit the connection is refused', async () => {
    await sandbox.control.setBehaviour({ web: { qrMs: 5, qrLimit: 3 } });
    await createInstance({ qrcode: true });
    await expect.poll(() => eventsNamed('connection.update').map(({ data }) => data.state)).toContain('refused');
    const codes = eventsNamed('qrcode.updated').map(({ data }) => data.qrcode?.code);
    expect(new Set(codes.filter(Boolean)).size).toBe(3);
    expect(eventsNamed('qrcode.updated').find(({ data }) => data.message)).toMatchObject({
      data: { message: 'QR code limit reached, please login again', statusCode: 500 },
    });
    expect(eventsNamed('connection.update').find(({ data }) => data.state === 'refused')).toMatchObject({
      data: { statusReason: 428 },
    });
    expect((await api('GET', '/instance/connectionState/shop')).body.instance.state).toBe('close');
    await expect(session().scan()).rejects.toThrow('409');
  });

  test('a lost connection comes back by itself and never says that it closed', async () => {
    await connectedInstance();
    await session().disconnect({ reason: 'network' });
    await sandbox.control.idle();
    expect(eventsNamed('connection.update').map(({ data }) => data.state)).toEqual(['connecting', 'open']);
  });

  test('a logout on the phone closes it with 401, and needs a new scan', async () => {
    await connectedInstance();
    await session().disconnect({ reason: 'logout' });
    await sandbox.control.idle();
    expect(receiver.posts.map(({ body }) => body.event).sort()).toEqual([
      'connection.update',
      'logout.instance',
      'status.instance',
    ]);
    expect(eventsNamed('connection.update')).toMatchObject([{ data: { state: 'close', statusReason: 401 } }]);
    expect((await api('GET', '/instance/fetchInstances?instanceName=shop')).body).toMatchObject([
      { connectionStatus: 'close', disconnectionReasonCode: 401, ownerJid: null },
    ]);
    expect((await api('GET', '/instance/connect/shop')).body).toMatchObject({ count: 1, code: expect.any(String) });
  });

  test('logout and delete end it; restart of a closed one is a 200 that says nothing', async () => {
    await connectedInstance();
    expect((await api('DELETE', '/instance/logout/shop')).body).toEqual({
      status: 'SUCCESS',
      error: false,
      response: { message: 'Instance logged out' },
    });
    expect(await api('POST', '/instance/restart/shop')).toEqual({
      status: 200,
      body: { error: true, message: '[object Object]' },
    });
    expect(await api('DELETE', '/instance/logout/shop')).toMatchObject({
      status: 400,
      body: { error: 'Bad Request', response: { message: ['The "shop" instance is not connected'] } },
    });
    expect((await api('DELETE', '/instance/delete/shop')).status).toBe(200);
    await sandbox.control.idle();
    expect(receiver.posts.map(({ body }) => body.event)).toContain('instance.delete');
    expect(await api('GET', '/instance/connectionState/shop')).toMatchObject({
      status: 404,
      body: { status: 404, error: 'Not Found', response: { message: ['The "shop" instance does not exist'] } },
    });
  });

  test('its token opens it alone; the global key opens all; the name is asked for before the key', async () => {
    const token = await createInstance();
    await createInstance({ instanceName: 'other' });
    expect((await api('GET', '/instance/connectionState/shop', undefined, token)).status).toBe(200);
    expect(await api('GET', '/instance/connectionState/other', undefined, token)).toMatchObject({
      status: 401,
      body: { status: 401, error: 'Unauthorized', response: { message: 'Unauthorized' } },
    });
    expect((await api('GET', '/instance/fetchInstances', undefined, token)).body).toHaveLength(1);
    expect((await api('GET', '/instance/connectionState/nowhere', undefined, null)).status).toBe(404);
    expect(
      (await api('POST', '/instance/create', { instanceName: 'third', integration: 'WHATSAPP-BAILEYS' }, token)).status,
    ).toBe(401);
    expect(await api('POST', '/instance/create', { instanceName: 'shop' }, null)).toMatchObject({
      status: 403,
      body: { response: { message: ['This name "shop" is already in use.'] } },
    });
  });
});

describe('sending', () => {
  test('a text is answered 201 with its key, ledgered, and followed by its events', async () => {
    await connectedInstance();
    const answer = await sendText('5511977770001');
    expect(answer).toMatchObject({
      status: 201,
      body: {
        key: { remoteJid: '5511977770001@s.whatsapp.net', fromMe: true, id: expect.stringMatching(/^3EB0/) },
        status: 'PENDING',
        message: { conversation: 'Olá' },
        messageType: 'conversation',
        messageTimestamp: expect.any(Number),
      },
    });
    await sandbox.control.idle();
    const { id } = answer.body.key;
    expect(eventsNamed('send.message')).toMatchObject([{ data: { key: { id } } }]);
    const updates = eventsNamed('messages.update').map(({ data }) => data);
    expect(updates.map(({ status }) => status).sort()).toEqual(['DELIVERY_ACK', 'READ', 'SERVER_ACK']);
    for (const update of updates)
      expect(update).toMatchObject({ keyId: id, fromMe: true, messageId: expect.any(String) });
    expect(await sandbox.control.ledgerMessages({ provider: 'evolution' })).toMatchObject([
      { wamid: id, phoneNumberId: 'shop', to: '5511977770001', type: 'conversation', text: 'Olá', reply: 'ok' },
    ]);
  });

  test('the ledger counts what went out more than once', async () => {
    await connectedInstance();
    for (const text of ['a', 'b', 'a']) await sendText('5511977770001', text);
    expect(await sandbox.control.ledgerSends({ phoneNumberId: 'shop' })).toMatchObject([
      {
        provider: 'evolution',
        to: '5511977770001',
        text: 'a',
        times: 2,
        wamids: [expect.any(String), expect.any(String)],
      },
      { text: 'b', times: 1 },
    ]);
  });

  test.each([
    ['sendMedia', { mediatype: 'image', media: 'https://example.com/a.png', caption: 'c' }, 'imageMessage'],
    ['sendMedia', { mediatype: 'document', media: 'aGk=', fileName: 'a.txt' }, 'documentMessage'],
    ['sendWhatsAppAudio', { audio: 'https://example.com/a.ogg' }, 'audioMessage'],
    ['sendSticker', { sticker: 'https://example.com/a.webp' }, 'stickerMessage'],
    ['sendLocation', { latitude: 1.5, longitude: 2, name: 'n', address: 'a' }, 'locationMessage'],
    ['sendContact', { contact: [{ fullName: 'Ana', phoneNumber: '5511988887777' }] }, 'contactMessage'],
    ['sendButtons', { title: 'Sure?', buttons: [{ type: 'reply', displayText: 'Yes', id: 'y' }] }, 'viewOnceMessage'],
    [
      'sendList',
      { title: 't', footerText: 'f', buttonText: 'b', sections: [{ title: 's', rows: [{ title: 'r', rowId: '1' }] }] },
      'listMessage',
    ],
  ])('%s is accepted', async (route, body, type) => {
    await connectedInstance();
    const answer = await api('POST', `/message/${route}/shop`, { number: '5511977770001', ...body });
    expect(answer).toMatchObject({ status: 201, body: { messageType: type, key: { id: expect.any(String) } } });
    expect(await sandbox.control.ledgerMessages()).toMatchObject([{ type }]);
  });

  test('a reaction names the message and its chat', async () => {
    await connectedInstance();
    const key = { id: '3EB0AA', remoteJid: '5511977770001@s.whatsapp.net', fromMe: false };
    expect((await api('POST', '/message/sendReaction/shop', { key, reaction: '👍' })).status).toBe(201);
    expect(await sandbox.control.ledgerMessages()).toMatchObject([
      { to: '5511977770001', type: 'reactionMessage', text: '👍' },
    ]);
  });

  test.each([
    ['no number', 'sendText', { text: 'a' }, 400, [['instance requires property "number"']]],
    ['a blank text', 'sendText', { number: '5511', text: ' ' }, 400, ['Text is required']],
    [
      'a file that is none',
      'sendMedia',
      { number: '5511', mediatype: 'image', media: '??' },
      400,
      ['Owned media must be a url or base64'],
    ],
    [
      'a template',
      'sendTemplate',
      { number: '5511', name: 'n', language: 'es' },
      500,
      'Method not available in the Baileys service',
    ],
    [
      'four buttons',
      'sendButtons',
      { number: '5511', buttons: Array.from({ length: 4 }, () => ({ type: 'reply' })) },
      400,
      ['Maximum of 3 reply buttons allowed'],
    ],
  ])("%s is refused in Evolution's form and not ledgered", async (_name, route, body, status, message) => {
    await connectedInstance();
    const answer = await api('POST', `/message/${route}/shop`, body);
    expect(answer).toMatchObject({ status, body: { status, response: { message } } });
    expect(await sandbox.control.ledgerMessages()).toEqual([]);
  });

  test('without a connection a send fails with 500', async () => {
    await createInstance();
    expect(await sendText('5511977770001')).toMatchObject({
      status: 500,
      body: { response: { message: 'Connection Closed' } },
    });
  });

  test('an unknown number is a 400 that says exists: false', async () => {
    await connectedInstance();
    expect(await sendText('5511909990404')).toMatchObject({
      status: 400,
      body: {
        response: { message: [{ jid: '5511909990404@s.whatsapp.net', exists: false, number: '5511909990404' }] },
      },
    });
    expect(
      (await api('POST', '/chat/whatsappNumbers/shop', { numbers: ['5511909990404', '5511977770001'] })).body,
    ).toMatchObject([
      { exists: false, number: '5511909990404' },
      { exists: true, jid: '5511977770001@s.whatsapp.net' },
    ]);
    expect(await sandbox.control.ledgerMessages()).toEqual([]);
  });

  test('a 201 without key.id went out all the same', async () => {
    await connectedInstance();
    const answer = await sendText('5511909990010');
    expect(answer.status).toBe(201);
    expect(answer.body.key).toEqual({ remoteJid: '5511909990010@s.whatsapp.net', fromMe: true });
    expect(await sandbox.control.ledgerMessages()).toMatchObject([{ reply: 'no-id', to: '5511909990010' }]);
  });

  test('a status without a word for it comes last, as SERVER_ACK or DELETED', async () => {
    await connectedInstance();
    for (const [oddStatus, times] of [
      ['SERVER_ACK', 2],
      ['DELETED', 1],
    ] as const) {
      receiver.posts.length = 0;
      await sandbox.control.setBehaviour({ web: { oddStatus } });
      await sendText('5511909990011');
      await sandbox.control.idle();
      const named = eventsNamed('messages.update').filter(({ data }) => data.status === oddStatus);
      expect(named).toHaveLength(times);
    }
  });

  test.each([
    ['lost reply', '5511909990001', 'lost'],
    ['broken JSON', '5511909990005', 'malformed'],
  ])('%s: ledgered once, and its events still come', async (_name, number, reply) => {
    await connectedInstance();
    await expect(sendText(number)).rejects.toThrow();
    await sandbox.control.idle();
    expect(await sandbox.control.ledgerMessages()).toMatchObject([{ reply }]);
    expect(eventsNamed('messages.update')).toHaveLength(3);
  });

  test('numbers of Brazil come back without their ninth digit: the key is not what was asked for', async () => {
    await connectedInstance();
    expect((await sendText('5531987654321')).body.key.remoteJid).toBe('553187654321@s.whatsapp.net');
    expect((await sendText('5219991234567')).body.key.remoteJid).toBe('529991234567@s.whatsapp.net');
  });
});

describe('what customers do', () => {
  const says = (message: object) => session().says({ from: '5511977770001', name: 'Ana', wait: true, ...message });
  const upsert = async (message: object) => {
    await says(message);
    const [event] = eventsNamed('messages.upsert');
    return event.data as Json;
  };

  test('a text comes with its key, name and time', async () => {
    await connectedInstance();
    const { id, deliveries } = await says({ text: 'Oi', id: 'AC12' });
    expect(id).toBe('AC12');
    expect(deliveries).toMatchObject([{ status: 'accepted', attempts: 1 }]);
    const [event] = eventsNamed('messages.upsert');
    expect(event).toMatchObject({
      instance: 'shop',
      data: {
        key: { remoteJid: '5511977770001@s.whatsapp.net', fromMe: false, id: 'AC12', addressingMode: 'pn' },
        pushName: 'Ana',
        status: 'DELIVERY_ACK',
        message: { conversation: 'Oi' },
        messageType: 'conversation',
        messageTimestamp: expect.any(Number),
        source: 'android',
      },
    });
    // Evolution labels its local time with Z.
    expect(Date.now() - Date.parse(event.date_time)).toBeGreaterThan(2.9 * 3600_000);
    expect((await sandbox.control.ledger('inbound', { provider: 'evolution' })).items).toMatchObject([
      { id: 'AC12', phoneNumberId: 'shop', text: 'Oi' },
    ]);
  });

  test.each([
    ['swapped', { remoteJid: '5511977770001@s.whatsapp.net', remoteJidAlt: '5511977770001@s.whatsapp.net' }],
    ['alt', { remoteJid: '123456789012345@lid', remoteJidAlt: '5511977770001@s.whatsapp.net' }],
    ['alone', { remoteJid: '123456789012345@lid' }],
  ] as const)('a hidden address shows as %s', async (lidShape, key) => {
    await connectedInstance();
    const data = await upsert({ lid: '123456789012345', lidShape, text: 'Oi' });
    expect(data.key).toMatchObject({ ...key, addressingMode: 'lid' });
    expect('remoteJidAlt' in data.key).toBe(lidShape !== 'alone');
  });

  test('a group message names the group as the chat and the author as participant', async () => {
    await connectedInstance();
    const data = await upsert({ group: { id: '120363041234567890' }, text: 'Oi' });
    expect(data.key).toMatchObject({
      remoteJid: '120363041234567890@g.us',
      participant: '5511977770001@s.whatsapp.net',
    });
  });

  test.each([
    [
      'image',
      { text: 'c' },
      { imageMessage: { mimetype: 'image/png', caption: 'c', fileLength: { low: expect.any(Number) } } },
    ],
    ['audio', {}, { audioMessage: { ptt: true } }],
    ['document', {}, { documentMessage: { fileName: 'document.pdf' } }],
    ['location', { text: 'Here' }, { locationMessage: { degreesLatitude: -23.5505, name: 'Here' } }],
    ['contacts', {}, { contactMessage: { displayName: 'Ana Souza', vcard: expect.stringContaining('waid=') } }],
    [
      'reaction',
      { text: '👍', replyTo: '3EB0AA' },
      { reactionMessage: { text: '👍', key: { id: '3EB0AA', fromMe: true } } },
    ],
    [
      'button_reply',
      { text: 'Yes', replyId: 'y' },
      { templateButtonReplyMessage: { selectedId: 'y', selectedDisplayText: 'Yes' } },
    ],
    [
      'list_reply',
      { text: 'Row', replyId: 'r' },
      { listResponseMessage: { title: 'Row', singleSelectReply: { selectedRowId: 'r' } } },
    ],
    ['poll_vote', { text: 'Yes', replyTo: '3EB0AA' }, { pollUpdateMessage: { vote: { selectedOptions: ['Yes'] } } }],
    ['raw', { content: { newMessage: { a: 1 } } }, { newMessage: { a: 1 } }],
  ] as const)('%s', async (kind, more, message) => {
    await connectedInstance();
    const data = await upsert({ kind, ...more });
    expect(data.message).toMatchObject(message);
    expect(data.messageType).toBe(Object.keys(message)[0]);
  });

  test('a file comes in the event when the webhook wants base64, and on request', async () => {
    await connectedInstance({ webhook: webhook({ base64: true }) });
    const data = await upsert({ kind: 'image', media: { base64: 'aGVsbG8=' } });
    expect(data.message.base64).toBe('aGVsbG8=');
    const file = await api('POST', '/chat/getBase64FromMediaMessage/shop', { message: { key: { id: data.key.id } } });
    expect(file).toMatchObject({
      status: 201,
      body: { base64: 'aGVsbG8=', mimetype: 'image/png', mediaType: 'imageMessage' },
    });
    expect((await api('POST', '/chat/getBase64FromMediaMessage/shop', { message: { key: { id: 'x' } } })).status).toBe(
      400,
    );
  });

  test('an edit comes twice, once under a status that means something else; a deletion twice', async () => {
    await connectedInstance();
    await says({ kind: 'edit', replyTo: 'AC12', replyToOurs: false, text: 'New' });
    expect(eventsNamed('messages.edited')).toMatchObject([
      { data: { key: { id: 'AC12', fromMe: true }, editedMessage: { conversation: 'New' } } },
    ]);
    expect(eventsNamed('messages.update')).toMatchObject([
      { data: { keyId: 'AC12', status: 'SERVER_ACK', fromMe: false } },
    ]);
    await says({ kind: 'revoke', replyTo: 'AC12' });
    expect(eventsNamed('messages.delete')).toMatchObject([{ data: { id: 'AC12', status: 'DELETED' } }]);
  });

  test('what is typed on the phone itself is fromMe; any other event can be told', async () => {
    await connectedInstance();
    expect((await upsert({ fromMe: true, text: 'From the phone' })).key).toMatchObject({
      fromMe: true,
      remoteJid: '5511977770001@s.whatsapp.net',
    });
    const { delivery } = await session().tell({ event: 'presence.update', data: { id: 'x' }, wait: true });
    expect(delivery).toMatchObject({ status: 'accepted' });
  });
});

describe('webhooks', () => {
  test('go to a path per event when asked for, only the wanted ones, with headers', async () => {
    await connectedInstance();
    const set = await api('POST', '/webhook/set/shop', {
      webhook: webhook({ byEvents: true, events: ['MESSAGES_UPSERT'] }),
    });
    expect(set).toMatchObject({
      status: 201,
      body: { enabled: true, webhookByEvents: true, events: ['MESSAGES_UPSERT'] },
    });
    await session().says({ from: '5511977770001', text: 'Oi', wait: true });
    expect((await session().tell({ event: 'call', data: {}, wait: true })).delivery).toBeNull();
    expect(receiver.posts).toHaveLength(1);
    expect((await api('GET', '/webhook/find/shop')).body.url).toBe(receiver.url);
  });

  test.each([
    [{}, 400],
    [{ webhook: { enabled: true, url: 'https://example.com' } }, 500],
    [{ webhook: { enabled: true, url: 'https://example.com', events: ['NOTHING'] } }, 400],
  ])('%j cannot be set', async (body, status) => {
    await createInstance();
    expect((await api('POST', '/webhook/set/shop', body)).status).toBe(status);
  });

  test.each([
    [503, 'accepted', 3],
    [404, 'refused', 1],
  ])('answered %i first, an event is %s after %i tries', async (status, end, attempts) => {
    await connectedInstance();
    receiver.answer = (nth) => (nth < 2 ? status : 200);
    const { deliveries } = await session().says({ from: '5511977770001', text: 'Oi', wait: true });
    expect(deliveries).toMatchObject([{ status: end, attempts }]);
    expect(
      (await sandbox.control.ledger('webhooks', { provider: 'evolution', status: end })).items.at(-1),
    ).toMatchObject({
      phoneNumberId: 'shop',
      attempts,
    });
  });

  test('after the last try an event is given up', async () => {
    await connectedInstance();
    await sandbox.control.setBehaviour({ web: { eventTries: 2 } });
    receiver.answer = () => 500;
    const { deliveries } = await session().says({ from: '5511977770001', text: 'Oi', wait: true });
    expect(deliveries).toMatchObject([{ status: 'gave-up', attempts: 2 }]);
  });

  test('the same event twice and out of order, when the behaviour says so', async () => {
    await connectedInstance();
    await sandbox.control.setBehaviour({ duplicateRate: 1, duplicateDelayMs: 1 });
    await session().says({ from: '5511977770001', text: 'Oi', id: 'AC1', wait: true });
    await sandbox.control.idle();
    expect(eventsNamed('messages.upsert').map(({ data }) => data.key.id)).toEqual(['AC1', 'AC1']);
  });
});
