import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../src/index.ts';
import { demoNumber, graph, type Receiver, send, startReceiver } from './harness.ts';

let sandbox: Sandbox;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, smtpPort: 0 });
});
beforeEach(async () => {
  await sandbox.control.reset({ numbers: true });
  await sandbox.control.setBehaviour({ templates: { review: 'approve', reviewMs: 0 } });
  await sandbox.control.addNumber({ ...demoNumber, webhookUrl: receiver.url });
  receiver.posts.length = 0;
});
afterAll(async () => {
  await sandbox.stop();
  await receiver.close();
});

const PATH = `/${demoNumber.wabaId}/message_templates`;
const good = { type: 'BODY', text: 'Hello {{1}}, your order is on its way to you.', example: { body_text: [['Ana']] } };
const create = (components: object[], more: object = {}) =>
  graph(sandbox, 'POST', PATH, { name: 'one', language: 'es', category: 'UTILITY', components, ...more });
const body = (text: string, ...examples: string[]) => ({
  type: 'BODY',
  text,
  ...(examples.length > 0 && { example: { body_text: [examples] } }),
});
const buttons = (...list: object[]) => ({ type: 'BUTTONS', buttons: list });
const reply = (text: string) => ({ type: 'QUICK_REPLY', text });

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4]);

const startUpload = (query: Record<string, string>, app = '670843887433847', token?: string) =>
  graph(sandbox, 'POST', `/${app}/uploads?${new URLSearchParams(query)}`, undefined, token);

async function sendBytes(session: string, bytes: Buffer, token = demoNumber.accessToken, offset = '0') {
  const response = await fetch(`${sandbox.graphUrl}/v23.0/${session}`, {
    method: 'POST',
    headers: { authorization: `OAuth ${token}`, file_offset: offset, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  });
  return { status: response.status, body: (await response.json()) as { h?: string; error?: { code: number } } };
}

/** A header with the handle of a picture. */
async function pictured(format = 'IMAGE') {
  const about = { file_length: String(JPEG.length), file_type: 'image/jpeg', file_name: 'a.jpg' };
  const { h } = (await sendBytes((await startUpload(about)).body.id, JPEG)).body;
  return { type: 'HEADER', format, example: { header_handle: [h] } };
}

describe('an example of a header', () => {
  const about = { file_length: '8', file_type: 'image/jpeg', file_name: 'a.jpg' };

  test('is uploaded in two steps, and its handle is taken by templates of the app', async () => {
    const header = await pictured();
    expect((await create([header, good])).status).toBe(200);
    const other = { ...demoNumber, phoneNumberId: '77', wabaId: '78', accessToken: 'other', appSecret: 'other-secret' };
    await sandbox.control.addNumber(other);
    const template = { name: 'one', language: 'es', category: 'UTILITY', components: [header, good] };
    const { status, body: answer } = await graph(sandbox, 'POST', '/78/message_templates', template, 'other');
    expect([status, answer.error.error_user_title]).toEqual([400, 'Media handle is invalid']);
  });

  test('with a handle that was not given, or of another kind, is refused', async () => {
    for (const header of [
      { type: 'HEADER', format: 'IMAGE', example: { header_handle: ['4::x'] } },
      await pictured('VIDEO'),
    ]) {
      const { status, body: answer } = await create([header, good]);
      expect([status, answer.error.code, answer.error.error_user_title]).toEqual([400, 100, 'Media handle is invalid']);
    }
  });

  test.each<[string, object, string?]>([
    ['another app', {}, '1'],
    ['no length', { file_length: '' }],
    ['a type that templates do not have', { file_type: 'image/webp' }],
    ['no name', { file_name: '' }],
  ])('with %s gets no session', async (_, more, app) => {
    expect((await startUpload({ ...about, ...more }, app)).body.error.code).toBe(100);
  });

  test('gets no handle for other bytes than it said', async () => {
    const { id } = (await startUpload(about)).body;
    const refused = await Promise.all([
      sendBytes(id, JPEG.subarray(1)),
      sendBytes(id, Buffer.alloc(8)),
      sendBytes(id, JPEG, undefined, '4'),
      sendBytes('upload:bm9uZQ==', JPEG),
    ]);
    expect(refused.map(({ status, body: { error } }) => [status, error?.code])).toEqual(Array(4).fill([400, 100]));
    expect((await sendBytes(id, JPEG)).body.h).toMatch(/^4:/);
  });
});

describe('a definition', () => {
  test.each<[string, object[], object, number, number | undefined]>([
    ['a name in capitals', [good], { name: 'One' }, 100, undefined],
    ['an unknown language', [good], { language: 'xx' }, 100, undefined],
    ['an unknown category', [good], { category: 'NEWS' }, 100, undefined],
    ['no components', [], {}, 100, undefined],
    ['no body', [{ type: 'FOOTER', text: 'x' }], {}, 100, 2388043],
    ['no example', [body('Hello {{1}}, your order is on its way.')], {}, 100, 2388043],
    ['a variable at the start', [body('{{1}}, your order is on its way.', 'Ana')], {}, 100, 2388299],
    ['a variable at the end', [body('Your order is on its way, {{1}}', 'Ana')], {}, 100, 2388299],
    ['too many variables', [body('Hi {{1}} and {{2}}!', 'a', 'b')], {}, 100, 2388293],
    ['a gap', [body('Hello {{2}}, your order is on its way.', 'a')], {}, 100, 2388072],
    ['a long body', [body('x'.repeat(1025))], {}, 100, 2388040],
    ['a bold header', [{ type: 'HEADER', format: 'TEXT', text: '*Now*' }, good], {}, 100, 2388047],
    ['a picture without example', [{ type: 'HEADER', format: 'IMAGE' }, good], {}, 100, 2388043],
    ['a variable in the footer', [good, { type: 'FOOTER', text: 'For {{1}}' }], {}, 100, 2388073],
    ['a long label', [good, buttons(reply('x'.repeat(26)))], {}, 100, 2388040],
    [
      'replies between others',
      [good, buttons(reply('A'), { type: 'URL', text: 'B', url: 'https://b.co' }, reply('C'))],
      {},
      192,
      undefined,
    ],
    ['a bad phone', [good, buttons({ type: 'PHONE_NUMBER', text: 'Call', phone_number: 'x' })], {}, 192, undefined],
    [
      'an address without example',
      [good, buttons({ type: 'URL', text: 'Go', url: 'https://b.co/{{1}}' })],
      {},
      100,
      2388043,
    ],
    ['an authentication with words', [good], { category: 'AUTHENTICATION' }, 192, undefined],
  ])('with %s is refused', async (_, components, more, code, subcode) => {
    const { status, body: answer } = await create(components, more);
    expect([status, answer.error.code, answer.error.error_subcode]).toEqual([400, code, subcode]);
    if (subcode)
      expect(answer.error).toMatchObject({ error_user_title: expect.any(String), error_user_msg: expect.any(String) });
  });

  test('is unique by name and language, also for a time after it was deleted', async () => {
    expect((await create([good])).status).toBe(200);
    expect((await create([good])).body.error.error_subcode).toBe(2388024);
    expect((await create([good], { language: 'pt_BR' })).status).toBe(200);
    const { body: page } = await graph(sandbox, 'GET', `${PATH}?name=one&language=es`);
    const deleted = await graph(sandbox, 'DELETE', `${PATH}?name=one&hsm_id=${page.data[0].id}`);
    expect(deleted.body).toEqual({ success: true });
    expect((await create([good])).body.error.error_subcode).toBe(2388023);
    expect((await graph(sandbox, 'GET', `${PATH}?name=one`)).body.data).toHaveLength(1);
  });

  test('that is approved may be edited once a day, and keeps its category', async () => {
    const { id } = (await create([good])).body;
    expect((await graph(sandbox, 'POST', `/${id}`, { category: 'MARKETING' })).body.error.error_user_msg).toMatch(
      'category',
    );
    expect((await graph(sandbox, 'POST', `/${id}`, { name: 'two' })).status).toBe(400);
    expect((await graph(sandbox, 'POST', `/${id}`, { components: [body('Hello, all of you')] })).body).toEqual({
      success: true,
    });
    expect((await graph(sandbox, 'GET', `/${id}`)).body.components).toEqual([body('Hello, all of you')]);
    expect((await graph(sandbox, 'POST', `/${id}`, { components: [good] })).body.error.error_user_msg).toMatch(
      '24 hours',
    );
  });
});

describe('a send', () => {
  const url = { type: 'URL', text: 'Track', url: 'https://b.co/{{1}}', example: ['https://b.co/7'] };
  const code = { type: 'COPY_CODE', example: 'SAVE' };
  const text = (value: string) => ({ type: 'text', text: value });
  const part = (type: string, ...parameters: object[]) => ({ type, parameters });
  const button = (subType: string, index: number, ...parameters: object[]) => ({
    ...part('button', ...parameters),
    sub_type: subType,
    index,
  });
  const all = [
    part('header', { type: 'image', image: { link: 'https://b.co/a.png' } }),
    part('body', text('Ana')),
    button('url', 0, text('7')),
    button('copy_code', 1, { type: 'coupon_code', coupon_code: 'SAVE' }),
  ];
  const but = (index: number, ...other: object[]) => [...all.slice(0, index), ...other, ...all.slice(index + 1)];
  const sendOne = (components: object[]) =>
    send(sandbox, {
      to: '5511977770001',
      type: 'template',
      template: { name: 'one', language: { code: 'es' }, components },
    });

  beforeEach(async () => {
    await create([await pictured(), good, buttons(url, code)]);
  });

  test('with all parameters is accepted', async () => {
    expect((await sendOne(all)).status).toBe(200);
  });

  test.each<[string, object[], number]>([
    ['no header file', but(0), 132000],
    ['a text for the file', but(0, part('header', text('x'))), 132012],
    ['a file without id or link', but(0, part('header', { type: 'image', image: {} })), 131008],
    ['no body value', but(1), 132000],
    ['an empty value', but(1, part('body', text(''))), 131008],
    ['a line break', but(1, part('body', text('a\nb'))), 132018],
    ['a value that makes it too long', but(1, part('body', text('x'.repeat(1000)))), 132005],
    ['no address', but(2), 131008],
    ['an address of another kind', but(2, button('url', 0, { type: 'payload', payload: 'x' })), 132012],
    ['a button of another kind', but(2, button('quick_reply', 0, text('7'))), 132012],
    ['no code', but(3), 131008],
    ['a long code', but(3, button('copy_code', 1, { type: 'coupon_code', coupon_code: 'C'.repeat(16) })), 131009],
    ['a button that is not there', [...all, button('url', 5, text('x'))], 131009],
    ['an unknown part', [...all, part('music')], 100],
  ])('with %s is refused', async (_, components, wanted) => {
    expect((await sendOne(components)).body.error.code).toBe(wanted);
    expect(await sandbox.control.ledgerMessages()).toEqual([]);
  });
});

test('what happens to a template is told by webhook, with its time, once to each app', async () => {
  await create([good]);
  await sandbox.control.addNumber({ ...demoNumber, phoneNumberId: '2', webhookUrl: receiver.url });
  const event = { wabaId: demoNumber.wabaId, name: 'one', language: 'es' };
  await sandbox.control.templateEvent({
    ...event,
    event: 'PAUSED',
    reason: 'LOW_QUALITY',
    quality: 'RED',
    category: 'MARKETING',
  });
  await sandbox.control.idle();
  const told = receiver.posts.map(({ body: { entry } }) => [
    entry[0].id,
    typeof entry[0].time,
    entry[0].changes[0].field,
  ]);
  expect(told.sort()).toEqual([
    [demoNumber.wabaId, 'number', 'message_template_quality_update'],
    [demoNumber.wabaId, 'number', 'message_template_status_update'],
    [demoNumber.wabaId, 'number', 'template_category_update'],
  ]);
  const template = { name: 'one', language: { code: 'es' }, components: [] };
  expect((await send(sandbox, { to: '5511977770001', type: 'template', template })).body.error.code).toBe(132015);
});
