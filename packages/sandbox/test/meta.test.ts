import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../src/index.ts';
import {
  demoNumber,
  graph,
  messagesOf,
  type Receiver,
  send,
  sendText,
  sign,
  startReceiver,
  statusesOf,
} from './harness.ts';

let sandbox: Sandbox;
let receiver: Receiver;

beforeAll(async () => {
  sandbox = await startSandbox({ seed: 'meta-tests' });
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
  await sandbox.control.addNumber({ ...demoNumber, webhookUrl: receiver.url });
  await sandbox.control.setBehaviour({ statuses: { sentMs: 1, deliveredMs: 5, readMs: 10 } });
});

describe('sending', () => {
  test('a text is accepted, ledgered, and its three statuses come signed over the raw bytes', async () => {
    const answer = await sendText(sandbox, '+55 11 97777-0001', 'Olá 👋', { biz_opaque_callback_data: 'dispatch-1' });
    expect(answer.status).toBe(200);
    expect(answer.body.contacts).toEqual([{ input: '+55 11 97777-0001', wa_id: '5511977770001' }]);
    const wamid = answer.body.messages[0].id;
    await sandbox.control.idle();
    const statuses = statusesOf(receiver.posts);
    expect(statuses.map((status) => status.status).sort()).toEqual(['delivered', 'read', 'sent']);
    for (const status of statuses) {
      expect(status).toMatchObject({
        id: wamid,
        recipient_id: '5511977770001',
        biz_opaque_callback_data: 'dispatch-1',
      });
    }
    for (const post of receiver.posts) expect(post.signature).toBe(sign(demoNumber.appSecret, post.raw));
    expect(await sandbox.control.ledgerMessages()).toMatchObject([
      {
        sequence: expect.any(Number),
        wamid,
        type: 'text',
        text: 'Olá 👋',
        body: { body: 'Olá 👋' },
        bizOpaqueCallbackData: 'dispatch-1',
        reply: 'ok',
      },
    ]);
  });

  test.each([
    ['image', { image: { link: 'https://example.com/a.png', caption: 'c' } }],
    ['location', { location: { latitude: -23.5, longitude: -46.6, name: 'Here' } }],
    ['contacts', { contacts: [{ name: { formatted_name: 'Ana', first_name: 'Ana' }, phones: [{ phone: '+5511' }] }] }],
    ['reaction', { reaction: { message_id: 'wamid.x', emoji: '👍' } }],
    [
      'interactive',
      {
        interactive: {
          type: 'button',
          body: { text: 'Sure?' },
          action: { buttons: [{ type: 'reply', reply: { id: 'y', title: 'Yes' } }] },
        },
      },
    ],
    ['template', { template: { name: 'hello_world', language: { code: 'en_US' } } }],
  ])('a %s is accepted', async (type, content) => {
    const answer = await send(sandbox, { to: '5511977770002', type, ...content });
    expect(answer.body).toMatchObject({ messages: [{ id: expect.stringMatching(/^wamid\./) }] });
    expect(await sandbox.control.ledgerMessages({ to: '5511977770002' })).toMatchObject([{ type }]);
  });

  test.each([
    ['a text too long', { type: 'text', text: { body: 'x'.repeat(4097) } }, 100],
    ['an unknown type', { type: 'poll', poll: {} }, 100],
    ['a missing body', { type: 'text' }, 131008],
    [
      'four buttons',
      {
        type: 'interactive',
        interactive: {
          type: 'button',
          body: { text: 'b' },
          action: { buttons: [1, 2, 3, 4].map((id) => ({ type: 'reply', reply: { id: `${id}`, title: `${id}` } })) },
        },
      },
      131009,
    ],
    [
      'eleven rows',
      {
        type: 'interactive',
        interactive: {
          type: 'list',
          body: { text: 'b' },
          action: {
            button: 'Open',
            sections: [{ title: 's', rows: Array.from({ length: 11 }, (_, id) => ({ id: `${id}`, title: `${id}` })) }],
          },
        },
      },
      131009,
    ],
    ['an unknown media id', { type: 'image', image: { id: '1' } }, 100],
    ['an unknown template', { type: 'template', template: { name: 'nope', language: { code: 'en_US' } } }, 132001],
    ['opaque data too long', { type: 'text', text: { body: 'a' }, biz_opaque_callback_data: 'x'.repeat(513) }, 100],
  ])("%s is refused in Meta's form and not ledgered", async (_name, message, code) => {
    const answer = await send(sandbox, { to: '5511977770003', ...message });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body.error).toMatchObject({
      code,
      type: 'OAuthException',
      message: expect.any(String),
      fbtrace_id: expect.any(String),
    });
    expect(await sandbox.control.ledgerMessages()).toEqual([]);
  });

  test('a wrong token gets 190, and a number of another owner does not exist', async () => {
    expect((await graph(sandbox, 'POST', `/${demoNumber.phoneNumberId}/messages`, {}, 'other')).body.error.code).toBe(
      190,
    );
    await sandbox.control.addNumber({ ...demoNumber, phoneNumberId: '222', wabaId: '333', accessToken: 'second' });
    const answer = await graph(sandbox, 'POST', `/${demoNumber.phoneNumberId}/messages`, {}, 'second');
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 100, error_subcode: 33 } } });
  });

  test('read receipts and typing are noted apart from messages', async () => {
    const answer = await send(sandbox, { status: 'read', message_id: 'wamid.abc', typing_indicator: { type: 'text' } });
    expect(answer.body).toEqual({ success: true });
    expect((await sandbox.control.ledger('receipts')).items).toMatchObject([{ messageId: 'wamid.abc', typing: true }]);
    expect(await sandbox.control.ledgerMessages()).toEqual([]);
  });
});

describe('magic recipients', () => {
  test.each([
    ['5511900131026', 131026, 400],
    ['5511900130429', 130429, 429],
    ['5511900131047', 131047, 400],
    ['5511900131056', 131056, 429],
    ['5511909900190', 190, 401],
  ])('%s is refused with %i', async (to, code, status) => {
    const answer = await sendText(sandbox, to, 'hi');
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(await sandbox.control.ledgerMessages()).toEqual([]);
  });

  test('1131047 is accepted and fails later', async () => {
    expect((await sendText(sandbox, '5511901131047', 'hi')).status).toBe(200);
    await sandbox.control.idle();
    expect(statusesOf(receiver.posts)).toMatchObject([
      { status: 'failed', errors: [{ code: 131047, error_data: { details: expect.any(String) } }] },
    ]);
  });

  test('a lost reply is ledgered once, and its statuses still come', async () => {
    await expect(sendText(sandbox, '5511909990001', 'hi', { biz_opaque_callback_data: 'lost' })).rejects.toThrow();
    expect(await sandbox.control.ledgerMessages()).toMatchObject([{ reply: 'lost', bizOpaqueCallbackData: 'lost' }]);
    await sandbox.control.idle();
    expect(statusesOf(receiver.posts).map((status) => status.biz_opaque_callback_data)).toEqual([
      'lost',
      'lost',
      'lost',
    ]);
  });

  test('a reset before acceptance leaves nothing', async () => {
    await expect(sendText(sandbox, '5511909990002', 'hi')).rejects.toThrow();
    expect(await sandbox.control.ledgerMessages()).toEqual([]);
  });

  test('a hanging call ends when the caller gives up', async () => {
    const call = fetch(`${sandbox.graphUrl}/v23.0/${demoNumber.phoneNumberId}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${demoNumber.accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messaging_product: 'whatsapp', to: '5511909990004', type: 'text', text: { body: 'x' } }),
      signal: AbortSignal.timeout(100),
    });
    await expect(call).rejects.toThrow();
    expect(await sandbox.control.ledgerMessages()).toMatchObject([{ reply: 'silent' }]);
  });

  test('9990009 is accepted the third time', async () => {
    const codes = [];
    for (let nth = 0; nth < 3; nth++) codes.push((await sendText(sandbox, '5511909990009', 'hi')).status);
    expect(codes).toEqual([429, 429, 200]);
  });
});

describe('webhooks', () => {
  test('are tried again until answered 200', async () => {
    await sandbox.control.setBehaviour({ webhook: { retryFirstMs: 2, retryMaxMs: 5 } });
    receiver.answer = (nth) => (nth < 3 ? 503 : 200);
    const { id, delivery } = await sandbox.control.customerSays({
      phoneNumberId: demoNumber.phoneNumberId,
      from: '5511977770001',
      name: 'Ana',
      text: 'oi',
      wait: true,
    });
    expect(delivery).toMatchObject({ status: 'accepted', attempts: 4 });
    expect(new Set(receiver.posts.map((post) => post.raw.toString())).size).toBe(1);
    expect(messagesOf(receiver.posts)[0]).toMatchObject({
      id,
      from: '5511977770001',
      type: 'text',
      text: { body: 'oi' },
    });
    expect((await sandbox.control.ledger('webhooks')).items).toMatchObject([
      { keys: [id], attempts: 4, status: 'accepted' },
    ]);
  });

  test('a batch carries many messages and statuses in several changes of one POST', async () => {
    const messages = Array.from({ length: 7 }, (_, nth) => ({ from: `551197777${1000 + nth}`, text: `m${nth}` }));
    const statuses = ['sent', 'delivered', 'read'].map((status) => ({ id: 'wamid.q', status, recipient_id: '5511' }));
    const { ids, deliveries } = await sandbox.control.customerBatch({
      phoneNumberId: demoNumber.phoneNumberId,
      messages,
      statuses,
      itemsPerChange: 4,
      repeat: 2,
      wait: true,
    });
    expect(deliveries).toMatchObject([{ status: 'accepted' }, { status: 'accepted' }]);
    expect(receiver.posts).toHaveLength(2);
    const [post] = receiver.posts;
    expect(post!.body.entry[0].changes).toHaveLength(3);
    expect(messagesOf([post!]).map((message) => message.id)).toEqual(ids);
    expect(statusesOf([post!])).toHaveLength(3);
  });

  test('repeats, reordering and batches follow the seed, and nothing is lost', async () => {
    const run = async () => {
      receiver.posts.length = 0;
      await sandbox.control.setBehaviour({
        seed: 'fixed',
        duplicateRate: 0.3,
        reorderRate: 0.4,
        reorderMs: 40,
        duplicateDelayMs: 1,
      });
      for (let nth = 0; nth < 60; nth++) {
        await sandbox.control.customerSays({
          phoneNumberId: demoNumber.phoneNumberId,
          from: '5511977770009',
          text: `${nth}`,
        });
      }
      await sandbox.control.idle();
      return messagesOf(receiver.posts).map((message) => Number(message.text.body));
    };
    const first = await run();
    const second = await run();
    expect(new Set(first).size).toBe(60);
    expect(first.length).toBeGreaterThan(60);
    expect(second.length).toBe(first.length);
    expect([...new Set(first)]).not.toEqual([...Array(60).keys()]);
    await sandbox.control.setBehaviour({
      duplicateRate: 0,
      reorderRate: 0,
      webhook: { batchMax: 50, batchWindowMs: 30, itemsPerChange: 5 },
    });
    receiver.posts.length = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        sandbox.control.customerSays({ phoneNumberId: demoNumber.phoneNumberId, from: '5511977770009', text: 'b' }),
      ),
    );
    await sandbox.control.idle();
    expect(messagesOf(receiver.posts)).toHaveLength(20);
    expect(receiver.posts.length).toBeLessThan(20);
  });

  test('every kind a customer can send comes with its own shape', async () => {
    const kinds = [
      'text',
      'image',
      'video',
      'audio',
      'document',
      'sticker',
      'location',
      'contacts',
      'reaction',
      'button',
      'list_reply',
      'button_reply',
      'nfm_reply',
      'call_permission_reply',
      'order',
      'system',
      'unsupported',
      'edit',
      'revoke',
    ] as const;
    await sandbox.control.customerBatch({
      phoneNumberId: demoNumber.phoneNumberId,
      messages: kinds.map((kind) => ({ from: '5511977770001', kind, text: 'x', replyTo: 'wamid.y' })),
      wait: true,
    });
    const types = messagesOf(receiver.posts).map((message) => message.type);
    expect(types).toEqual([
      'text',
      'image',
      'video',
      'audio',
      'document',
      'sticker',
      'location',
      'contacts',
      'reaction',
      'button',
      'interactive',
      'interactive',
      'interactive',
      'interactive',
      'order',
      'system',
      'unsupported',
      'edit',
      'revoke',
    ]);
    for (const message of messagesOf(receiver.posts)) {
      if (message.type !== 'unsupported') expect(message[message.type]).toBeTruthy();
    }
  });

  test('signatures can be wrong or missing on demand, and escaped Unicode is signed as sent', async () => {
    const batch = {
      phoneNumberId: demoNumber.phoneNumberId,
      messages: [{ from: '5511977770001', text: 'ção' }],
      wait: true,
      retry: false,
    };
    await sandbox.control.customerBatch({ ...batch, signature: 'wrong' });
    await sandbox.control.customerBatch({ ...batch, signature: 'none' });
    await sandbox.control.setBehaviour({ webhook: { escapeUnicode: true } });
    await sandbox.control.customerBatch(batch);
    const [wrong, none, escaped] = receiver.posts;
    expect(wrong!.signature).not.toBe(sign(demoNumber.appSecret, wrong!.raw));
    expect(none!.signature).toBe('');
    expect(escaped!.raw.toString()).toContain('\\u00e7\\u00e3o');
    expect(escaped!.signature).toBe(sign(demoNumber.appSecret, escaped!.raw));
  });

  test('the challenge is sent on request, and a wrong answer does not set the number', async () => {
    const number = { ...demoNumber, phoneNumberId: '444', webhookUrl: receiver.url, verify: true };
    expect(await sandbox.control.addNumber(number)).toMatchObject({ verification: { ok: true } });
    await expect(sandbox.control.addNumber({ ...number, phoneNumberId: '555', verifyToken: 'nope' })).rejects.toThrow(
      'verification_failed',
    );
    expect((await sandbox.control.state()).numbers.map((one) => one.phoneNumberId)).not.toContain('555');
  });

  test('a flood sends exactly what was asked', async () => {
    const { id } = await sandbox.control.flood({
      phoneNumberId: demoNumber.phoneNumberId,
      perSecond: 400,
      seconds: 0.25,
      customers: 10,
    });
    expect(await sandbox.control.floodDone(id)).toMatchObject({ sent: 100, skipped: 0 });
    await sandbox.control.idle();
    expect(messagesOf(receiver.posts)).toHaveLength(100);
    expect(await sandbox.control.ledgerAll('inbound')).toHaveLength(100);
  });
});

const PNG_HEAD = Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1');

describe('media, templates, numbers', () => {
  const upload = async (data: Uint8Array<ArrayBuffer>, type: string) => {
    const form = new FormData();
    form.set('messaging_product', 'whatsapp');
    form.set('type', type);
    form.set('file', new Blob([data], { type }), 'a file.bin');
    const response = await fetch(`${sandbox.graphUrl}/v23.0/${demoNumber.phoneNumberId}/media`, {
      method: 'POST',
      headers: { authorization: `Bearer ${demoNumber.accessToken}` },
      body: form,
    });
    return { status: response.status, body: (await response.json()) as { id: string; error: { code: number } } };
  };

  test('what is uploaded comes back byte for byte, with the bearer only', async () => {
    const data = new Uint8Array(70_000).map((_, index) => (index * 31) % 256);
    data.set(PNG_HEAD);
    data.set(Buffer.from('\r\n--\r\n\r\n'), 500);
    const { body } = await upload(data, 'image/png');
    const info = (await graph(sandbox, 'GET', `/${body.id}`)).body;
    expect(info).toMatchObject({
      id: body.id,
      mime_type: 'image/png',
      file_size: '70000',
      messaging_product: 'whatsapp',
    });
    expect((await fetch(info.url)).status).toBe(401);
    const download = await fetch(info.url, { headers: { authorization: `Bearer ${demoNumber.accessToken}` } });
    expect(Buffer.compare(Buffer.from(await download.arrayBuffer()), Buffer.from(data))).toBe(0);
    expect((await send(sandbox, { to: '5511977770001', type: 'image', image: { id: body.id } })).status).toBe(200);
    expect((await graph(sandbox, 'DELETE', `/${body.id}`)).body).toEqual({ success: true });
    expect((await graph(sandbox, 'GET', `/${body.id}`)).body.error.code).toBe(100);
  });

  test('links expire, types and sizes are checked', async () => {
    await sandbox.control.setBehaviour({ mediaUrlTtlMs: 0 });
    const { body } = await upload(new Uint8Array(PNG_HEAD), 'image/png');
    const info = (await graph(sandbox, 'GET', `/${body.id}`)).body;
    expect((await fetch(info.url, { headers: { authorization: `Bearer ${demoNumber.accessToken}` } })).status).toBe(
      404,
    );
    expect((await upload(new Uint8Array(10), 'image/svg+xml')).body.error.code).toBe(100);
    const large = new Uint8Array(5 * 1024 * 1024 + 1);
    large.set(PNG_HEAD);
    expect((await upload(large, 'image/png')).body.error.code).toBe(131053);
    expect((await upload(new Uint8Array(10), 'image/png')).body.error.code).toBe(131053);
  });

  test('an id lives for as long as Meta keeps uploads', async () => {
    const { body } = await upload(new Uint8Array(PNG_HEAD), 'image/png');
    const image = { to: '5511977770001', type: 'image', image: { id: body.id } };
    expect((await send(sandbox, image)).status).toBe(200);
    await sandbox.control.setBehaviour({ mediaIdTtlMs: 0 });
    expect((await send(sandbox, image)).body.error.code).toBe(100);
  });

  test('templates are created, listed by pages, checked when sent, and deleted', async () => {
    const path = `/${demoNumber.wabaId}/message_templates`;
    const text = 'Hi {{1}}, your order {{2}} is ready for you.';
    const components = [{ type: 'BODY', text, example: { body_text: [['Ana', '7']] } }];
    const made = await graph(sandbox, 'POST', path, {
      name: 'order_ready',
      language: 'pt_BR',
      category: 'UTILITY',
      components,
    });
    expect(made.body).toMatchObject({ status: 'APPROVED', category: 'UTILITY' });
    const page = (await graph(sandbox, 'GET', `${path}?limit=1`)).body;
    expect(page.data).toMatchObject([{ name: 'hello_world' }]);
    const next = (await graph(sandbox, 'GET', `${path}?limit=1&after=${page.paging.cursors.after}`)).body;
    expect(next.data).toMatchObject([{ name: 'order_ready', components }]);
    const template = (texts: string[]) => ({
      to: '5511977770001',
      type: 'template',
      template: {
        name: 'order_ready',
        language: { code: 'pt_BR' },
        components: [{ type: 'body', parameters: texts.map((text) => ({ type: 'text', text })) }],
      },
    });
    expect((await send(sandbox, template(['Ana']))).body.error.code).toBe(132000);
    expect((await send(sandbox, template(['Ana', '7']))).status).toBe(200);
    expect((await graph(sandbox, 'DELETE', `${path}?name=order_ready`)).body).toEqual({ success: true });
    expect((await send(sandbox, template(['Ana', '7']))).body.error.code).toBe(132001);
  });

  test('a late verdict comes by webhook', async () => {
    await sandbox.control.setBehaviour({ templates: { review: 'reject', reviewMs: 5 } });
    const made = await graph(sandbox, 'POST', `/${demoNumber.wabaId}/message_templates`, {
      name: 'late',
      language: 'en',
      category: 'MARKETING',
      components: [{ type: 'BODY', text: 'x' }],
    });
    expect(made.body.status).toBe('PENDING');
    await sandbox.control.idle();
    expect(receiver.posts[0]!.body.entry[0].changes[0]).toMatchObject({
      field: 'message_template_status_update',
      value: { event: 'REJECTED', message_template_name: 'late' },
    });
  });

  test('a number describes itself, under any API version', async () => {
    expect((await graph(sandbox, 'GET', `/${demoNumber.phoneNumberId}`)).body).toMatchObject({
      id: demoNumber.phoneNumberId,
      display_phone_number: demoNumber.displayPhoneNumber,
      quality_rating: 'GREEN',
    });
    expect((await graph(sandbox, 'GET', `/${demoNumber.wabaId}/subscribed_apps`)).body.data).toHaveLength(1);
    const old = await fetch(`${sandbox.graphUrl}/v19.0/${demoNumber.phoneNumberId}?fields=verified_name`, {
      headers: { authorization: `Bearer ${demoNumber.accessToken}` },
    });
    expect(await old.json()).toEqual({ verified_name: 'Sandbox number', id: demoNumber.phoneNumberId });
  });

  test("broken JSON and strange paths get Meta's error body", async () => {
    const response = await fetch(`${sandbox.graphUrl}/v23.0/${demoNumber.phoneNumberId}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${demoNumber.accessToken}`, 'content-type': 'application/json' },
      body: '{',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 100, fbtrace_id: expect.any(String) } });
    expect((await graph(sandbox, 'GET', '/a/b/c/d')).body.error.code).toBe(2500);
  });
});

describe('the headers of an answer', () => {
  const ask = (id: string) =>
    fetch(`${sandbox.url}/v23.0/${id}?fields=id`, { headers: { authorization: `Bearer ${demoNumber.accessToken}` } });

  test('name the version and how much of the limits was used, by business account', async () => {
    const { headers, status } = await ask(demoNumber.phoneNumberId);
    expect(status).toBe(200);
    expect(headers.get('facebook-api-version')).toBe('v23.0');
    const usage = JSON.parse(headers.get('x-business-use-case-usage')!);
    expect(Object.keys(usage)).toEqual([expect.stringMatching(/^\d+$/)]);
    const used = { call_count: expect.any(Number), total_cputime: expect.any(Number), total_time: expect.any(Number) };
    expect(Object.values(usage)).toEqual([[{ type: 'whatsapp', ...used, estimated_time_to_regain_access: 0 }]]);
    const before = JSON.parse(headers.get('x-app-usage')!).call_count;
    // A percent is 50 calls an hour.
    for (let i = 0; i < 50; i++) await ask(demoNumber.phoneNumberId);
    const later = await ask(demoNumber.phoneNumberId);
    expect(JSON.parse(later.headers.get('x-app-usage')!).call_count).toBeGreaterThan(before);
  });

  test('name the same trace as the error, another for each request', async () => {
    const answers = [await ask('404040404040404'), await ask('404040404040404')];
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as { error: { fbtrace_id: string } }[];
    const traces = answers.map(({ headers }) => headers.get('x-fb-trace-id'));
    expect(traces).toEqual(bodies.map(({ error }) => error.fbtrace_id));
    expect(traces[0]).not.toBe(traces[1]);
  });
});
