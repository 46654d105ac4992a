import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox, WPPCONNECT_SECRET } from '../src/index.ts';
import { type Receiver, startReceiver } from './harness.ts';

let sandbox: Sandbox;
let receiver: Receiver;
let token = '';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by the tests
type Json = any;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 'wppconnect-tests' });
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
  });
  token = (await api('POST', `/api/shop/${WPPCONNECT_SECRET}/generate-token`)).body.token;
});

async function raw(method: string, path: string, body?: unknown, bearer: string | null = token) {
  return fetch(`${sandbox.wppconnectUrl}${path}`, {
    method,
    headers: {
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function api(method: string, path: string, body?: unknown, bearer?: string | null) {
  const response = await raw(method, path, body, bearer);
  return { status: response.status, body: (await response.json()) as Json };
}

const call = (method: string, route: string, body?: unknown) => api(method, `/api/shop/${route}`, body);
const session = () => sandbox.control.session('wppconnect', 'shop');
const start = (more: object = {}) =>
  call('POST', 'start-session', { webhook: receiver.url, waitQrCode: true, ...more });
const eventsNamed = (name: string): Json[] =>
  receiver.posts.map(({ body }) => body).filter(({ event }) => event === name);
const statuses = () => eventsNamed('status-find').map(({ status }) => status);
const send = (phone: unknown, message = 'Olá') => call('POST', 'send-message', { phone, message });

async function connected(): Promise<void> {
  await start();
  await session().scan({ phone: '5511940000000', profileName: 'Loja' });
  await expect.poll(async () => (await session().view()).state).toBe('CONNECTED');
  await sandbox.control.idle();
  receiver.posts.length = 0;
}

describe('tokens', () => {
  test('need the secret, open one session alone, and each one stays good', async () => {
    expect(await api('POST', '/api/shop/wrong/generate-token')).toEqual({
      status: 400,
      body: { response: false, message: 'The SECRET_KEY is incorrect' },
    });
    const made = await api('POST', `/api/shop/${WPPCONNECT_SECRET}/generate-token`);
    expect(made).toMatchObject({
      status: 201,
      body: {
        status: 'success',
        session: 'shop',
        token: expect.stringMatching(/^\$2b\$10\$/),
        full: `shop:${made.body.token}`,
      },
    });
    expect(made.body.token).not.toBe(token);
    for (const good of [token, made.body.token]) {
      expect((await api('GET', '/api/shop/status-session', undefined, good)).status).toBe(200);
    }
    expect((await api('GET', `/api/shop:${token}/status-session`, undefined, null)).status).toBe(200);
    expect((await api('GET', '/api/other/status-session', undefined, token)).status).toBe(401);
    expect(await api('GET', '/api/shop/status-session', undefined, null)).toMatchObject({
      status: 401,
      body: { message: 'Token is not present. Check your header and try again' },
    });
  });
});

describe('the life of a session', () => {
  test('answers CLOSED to the start itself, then tells the QR code', async () => {
    const answer = await start({ waitQrCode: false });
    expect(answer).toEqual({ status: 200, body: { status: 'CLOSED', qrcode: null, session: '' } });
    await sandbox.control.idle();
    const [event] = eventsNamed('qrcode');
    expect(event).toMatchObject({ session: 'shop', urlcode: expect.stringMatching(/^2@/) });
    expect(event.qrcode).toMatch(/^iVBOR/);
    expect((await call('GET', 'status-session')).body).toMatchObject({
      status: 'QRCODE',
      qrcode: `data:image/png;base64,${event.qrcode}`,
      urlcode: event.urlcode,
    });
  });

  test('waits for the code when told, and the scan connects it', async () => {
    expect((await start()).body).toMatchObject({
      status: 'qrcode',
      qrcode: expect.stringMatching(/^iVBOR/),
      session: 'shop',
    });
    await session().scan({ phone: '5511940000000' });
    await sandbox.control.idle();
    expect(statuses().sort()).toEqual(['inChat', 'notLogged', 'qrReadSuccess']);
    expect((await call('GET', 'check-connection-session')).body).toEqual({ status: true, message: 'Connected' });
    expect((await call('GET', 'get-phone-number')).body.response).toMatchObject({ _serialized: '5511940000000@c.us' });
    // The code stays in the status after the scan.
    expect((await call('GET', 'status-session')).body).toMatchObject({
      status: 'CONNECTED',
      qrcode: expect.any(String),
    });
  });

  test('qrcode-session is a PNG or JSON, both with 200', async () => {
    const before = await raw('GET', '/api/shop/qrcode-session');
    expect([before.status, before.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('application/json'),
    ]);
    expect(await before.json()).toMatchObject({
      status: null,
      message: expect.stringContaining('Session not started'),
    });
    await start();
    const after = await raw('GET', '/api/shop/qrcode-session');
    expect([after.status, after.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(
      Buffer.from(await after.arrayBuffer())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });

  test('a phone in the start gives a code to type', async () => {
    expect((await start({ phone: '5511940000000' })).body).toMatchObject({
      status: 'phoneCode',
      phoneCode: expect.stringMatching(/^[0-9A-Z]{8}$/),
    });
    await sandbox.control.idle();
    expect(eventsNamed('phoneCode')).toMatchObject([{ phone: '5511940000000', phoneCode: expect.any(String) }]);
    expect((await call('GET', 'status-session')).body).toMatchObject({ status: 'PHONECODE' });
  });

  test('a session that is not scanned closes itself', async () => {
    await sandbox.control.setBehaviour({ web: { qrMs: 5, autoCloseMs: 40 } });
    await start();
    await expect.poll(() => statuses()).toContain('autocloseCalled');
    expect(new Set(eventsNamed('qrcode').map(({ urlcode }) => urlcode)).size).toBeGreaterThan(1);
    expect((await call('GET', 'status-session')).body).toEqual({ status: 'CLOSED', qrcode: null });
    await expect(session().scan()).rejects.toThrow('409');
  });

  test('close keeps the phone linked, logout does not', async () => {
    await connected();
    expect((await call('POST', 'close-session')).body).toMatchObject({ status: true });
    expect((await call('GET', 'status-session')).body.status).toBe('CLOSED');
    await start({ waitQrCode: false });
    await sandbox.control.idle();
    expect(eventsNamed('closesession')).toMatchObject([{ connected: false }]);
    expect(statuses().sort()).toEqual(['inChat', 'isLogged']);
    expect((await call('POST', 'logout-session')).status).toBe(200);
    expect((await call('POST', 'logout-session')).status).toBe(404);
    expect((await start()).body.status).toBe('qrcode');
  });

  test.each([
    ['logout', 'disconnectedMobile', 'CLOSED'],
    ['network', 'serverClose', 'CONNECTED'],
  ] as const)('after a %s it tells %s and its status is %s', async (reason, told, status) => {
    await connected();
    await session().disconnect({ reason });
    await sandbox.control.idle();
    expect(statuses()).toEqual([told]);
    expect((await call('GET', 'status-session')).body.status).toBe(status);
    expect((await call('GET', 'check-connection-session')).body.status).toBe(false);
    expect(await send('5511977770001')).toMatchObject({ status: 404, body: { status: 'Disconnected' } });
    expect(await sandbox.control.ledgerMessages()).toEqual([]);
  });
});

describe('sending', () => {
  test('a text is answered 201 with its message, ledgered, and followed by its acks', async () => {
    await connected();
    const answer = await send('5511977770001');
    expect(answer).toMatchObject({
      status: 201,
      body: {
        status: 'success',
        session: 'shop',
        mapper: 'return',
        response: [
          {
            id: expect.stringMatching(/^true_5511977770001@c\.us_3EB0/),
            body: 'Olá',
            to: '5511977770001@c.us',
            fromMe: true,
          },
        ],
      },
    });
    await sandbox.control.idle();
    const { id } = answer.body.response[0];
    expect(
      eventsNamed('onack')
        .map((event) => [event.id._serialized, event.ack])
        .sort(),
    ).toEqual([
      [id, 1],
      [id, 2],
      [id, 3],
    ]);
    expect(await sandbox.control.ledgerMessages({ provider: 'wppconnect' })).toMatchObject([
      { wamid: id, phoneNumberId: 'shop', to: '5511977770001', type: 'chat', text: 'Olá', reply: 'ok' },
    ]);
  });

  test.each([
    ['send-file', { base64: 'data:image/png;base64,aGk=', filename: 'a.png', caption: 'c' }, 'image'],
    ['send-file', { base64: 'data:application/pdf;base64,aGk=' }, 'document'],
    ['send-voice-base64', { base64Ptt: 'data:audio/ogg;base64,aGk=' }, 'ptt'],
    ['send-location', { lat: '1', lng: '2', title: 't' }, 'location'],
    ['send-list-message', { description: 'd', sections: [] }, 'list'],
    ['send-reply', { message: 'm', messageId: 'false_x_1' }, 'chat'],
  ])('%s is accepted', async (route, body, type) => {
    await connected();
    const answer = await call('POST', route, { phone: '5511977770001', ...body });
    expect(answer).toMatchObject({ status: 201, body: { response: [{ id: expect.any(String) }] } });
    expect(await sandbox.control.ledgerMessages()).toMatchObject([{ type }]);
  });

  test('buttons answer the numbers, a reaction nothing: neither names a message', async () => {
    await connected();
    const buttons = await call('POST', 'send-buttons', { phone: '5511977770001', message: 'Sure?', options: {} });
    expect(buttons.body.response).toEqual(['5511977770001@c.us']);
    const reaction = await call('POST', 'react-message', { msgId: 'false_5511977770001@c.us_3EB0', reaction: '👍' });
    expect(reaction).toMatchObject({ status: 200, body: { response: { message: 'Reaction sended' } } });
    expect(await sandbox.control.ledgerMessages({ to: '5511977770001@c.us' })).toMatchObject([{ type: 'reaction' }]);
  });

  test('long numbers and isLid go to a hidden address, isGroup to a group', async () => {
    await connected();
    await send('123456789012345');
    await call('POST', 'send-message', { phone: '12345', isLid: true, message: 'a' });
    const people = [{ phone: '5511977770001', name: 'Ana' }];
    const id = '120363041234567890';
    await sandbox.control.setGroup({ provider: 'wppconnect', number: 'shop', id, name: 'Amigos', people, tell: false });
    await call('POST', 'send-message', { phone: id, isGroup: true, message: 'a' });
    const sent = await sandbox.control.ledgerMessages();
    expect(sent.map(({ to }) => to)).toEqual(['123456789012345@lid', '12345@lid', '120363041234567890@g.us']);
  });

  test('an unknown number is refused with 400; the others of the same call went out all the same', async () => {
    await connected();
    expect(await send(['5511977770001', '5511909990404'])).toMatchObject({
      status: 400,
      body: { response: null, status: 'Connected', message: 'O número 5511909990404 não existe.' },
    });
    expect(await sandbox.control.ledgerMessages()).toMatchObject([{ to: '5511977770001', reply: 'refused' }]);
  });

  test('a number refused with 400 may be sent to nevertheless', async () => {
    await connected();
    expect((await send('5511909990405')).status).toBe(400);
    await sandbox.control.idle();
    expect(await sandbox.control.ledgerMessages()).toMatchObject([{ to: '5511909990405', reply: 'refused' }]);
    expect(eventsNamed('onack')).toHaveLength(3);
  });

  test.each([
    ['send-message', { phone: '5511977770001' }, 500],
    ['send-file', { phone: '5511977770001' }, 401],
    ['send-message', { phone: '', message: 'a' }, 400],
  ])('%s with %j is refused with %i', async (route, body, status) => {
    await connected();
    expect((await call('POST', route, body)).status).toBe(status);
    expect(await sandbox.control.ledgerMessages()).toEqual([]);
  });

  test.each([
    ['5511909990001', 'lost'],
    ['5511909990005', 'malformed'],
  ])('%s: the answer is %s, the message ledgered once', async (phone, reply) => {
    await connected();
    await expect(send(phone)).rejects.toThrow();
    expect(await sandbox.control.ledgerMessages()).toMatchObject([{ reply }]);
  });

  test.each([
    ['5511909990012', [-1]],
    ['5511909990011', [1, 1, 2, 3]],
    ['5511909990008', [1, 3]],
    ['5511909990006', []],
  ])('%s gets the acks %j', async (phone, acks) => {
    await connected();
    await send(phone);
    await sandbox.control.idle();
    expect(
      eventsNamed('onack')
        .map(({ ack }) => ack)
        .sort(),
    ).toEqual(acks);
  });
});

describe('what customers do', () => {
  const says = (message: object) => session().says({ from: '5511977770001', name: 'Ana', wait: true, ...message });

  test('a text comes as onmessage with sender, chat and time', async () => {
    await connected();
    const { id, deliveries } = await says({ text: 'Oi', id: 'AC12' });
    expect(id).toBe('false_5511977770001@c.us_AC12');
    expect(deliveries).toMatchObject([{ status: 'accepted', attempts: 1 }]);
    expect(eventsNamed('onmessage')).toMatchObject([
      {
        session: 'shop',
        id,
        body: 'Oi',
        type: 'chat',
        t: expect.any(Number),
        from: '5511977770001@c.us',
        to: '5511940000000@c.us',
        fromMe: false,
        isGroupMsg: false,
        sender: { id: '5511977770001@c.us', pushname: 'Ana' },
      },
    ]);
  });

  test('a group message names the group, its author and both in the id', async () => {
    await connected();
    await says({ text: 'Oi', id: 'AC12', group: { id: '120363041234567890' } });
    expect(eventsNamed('onmessage')).toMatchObject([
      {
        id: 'false_120363041234567890@g.us_AC12_5511977770001@c.us',
        from: '120363041234567890@g.us',
        author: '5511977770001@c.us',
        isGroupMsg: true,
      },
    ]);
  });

  test.each([
    ['alt', '5511977770001'],
    ['alone', undefined],
  ] as const)('a hidden address (%s) shows no phone; pn-lid knows %s', async (lidShape, phone) => {
    await connected();
    await says({ text: 'Oi', lid: '123456789012345', lidShape });
    expect(eventsNamed('onmessage')).toMatchObject([
      { from: '123456789012345@lid', sender: { id: '123456789012345@lid' } },
    ]);
    const { body } = await call('GET', 'contact/pn-lid/123456789012345@lid');
    expect(body.phoneNumber?.user).toBe(phone);
  });

  test.each([
    [
      'image',
      { text: 'c', media: { base64: 'aGk=' } },
      'onmessage',
      { type: 'image', body: 'aGk=', caption: 'c', mimetype: 'image/png' },
    ],
    ['audio', {}, 'onmessage', { type: 'ptt' }],
    ['document', {}, 'onmessage', { type: 'document', filename: 'document.pdf' }],
    ['location', { text: 'Here' }, 'onmessage', { type: 'location', lat: -23.5505, loc: 'Here' }],
    ['contacts', {}, 'onmessage', { type: 'vcard', vcardFormattedName: 'Ana Souza' }],
    [
      'list_reply',
      { text: 'Row', replyId: 'r' },
      'onmessage',
      { type: 'list_response', listResponse: { singleSelectReply: { selectedRowId: 'r' } } },
    ],
    ['button_reply', { text: 'Yes', replyId: 'y' }, 'onmessage', { type: 'buttons_response', selectedButtonId: 'y' }],
    [
      'reaction',
      { text: '👍', replyTo: 'true_x' },
      'onreactionmessage',
      { reactionText: '👍', msgId: { _serialized: 'true_x' } },
    ],
    ['revoke', { replyTo: 'false_x' }, 'onrevokedmessage', { refId: { _serialized: 'false_x' } }],
    ['poll_vote', { text: 'Yes', replyTo: 'true_x' }, 'onpollresponse', { selectedOptions: [{ name: 'Yes' }] }],
    ['call', {}, 'incomingcall', { peerJid: '5511977770001@c.us', isVideo: false }],
  ] as const)('%s', async (kind, more, event, body) => {
    await connected();
    await says({ kind, ...more });
    expect(eventsNamed(event)).toMatchObject([body]);
  });

  test('edits are not told at all, and what is typed on the phone only when configured', async () => {
    await connected();
    expect((await says({ kind: 'edit', replyTo: 'false_x', text: 'New' })).deliveries).toEqual([]);
    expect((await says({ fromMe: true, text: 'From the phone' })).deliveries).toEqual([]);
    await sandbox.control.setBehaviour({ web: { selfMessages: true } });
    await says({ fromMe: true, text: 'From the phone' });
    expect(receiver.posts.map(({ body }) => [body.event, body.to])).toEqual([['onselfmessage', '5511977770001@c.us']]);
  });

  test('a file can be asked for again', async () => {
    await connected();
    const { id } = await says({ kind: 'image', media: { base64: 'aGk=' } });
    expect((await call('GET', `get-media-by-message/${id}`)).body).toEqual({ base64: 'aGk=', mimetype: 'image/png' });
    expect((await call('GET', 'get-media-by-message/none')).status).toBe(400);
  });

  test('an event is never tried again, not even after a 503', async () => {
    await connected();
    receiver.answer = () => 503;
    const { deliveries } = await says({ text: 'Oi' });
    expect(deliveries).toMatchObject([{ status: 'refused', attempts: 1, lastStatus: 503 }]);
    await sandbox.control.idle();
    expect(receiver.posts).toHaveLength(1);
    expect(receiver.posts[0]!.signature).toBe('');
  });
});

test('the control API lists its sessions, and its health is open', async () => {
  await connected();
  expect((await sandbox.control.sessions()).map(({ provider, name, state }) => [provider, name, state])).toEqual([
    ['wppconnect', 'shop', 'CONNECTED'],
  ]);
  expect((await fetch(`${sandbox.wppconnectUrl}/healthz`)).status).toBe(200);
});
