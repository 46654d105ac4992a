import { randomUUID } from 'node:crypto';
import { type Template, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bearer,
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  frame,
  postFrames,
  type TestChannel,
} from './support.ts';

let fixture: Fixture;
let channel: TestChannel;
beforeAll(async () => {
  fixture = await createFixture();
  channel = await createChannel(fixture);
  await graph('POST', '2000001/message_templates', welcome);
  await read();
});
afterAll(() => fixture.stop());

const MANAGER = ['templates.read', 'templates.manage', 'messages.create'];
const WABA = '2000001';
const body = { type: 'BODY', text: 'Hi {{1}}, welcome to our shop.', example: { body_text: [['Ana']] } };
const welcome = { name: 'welcome', language: 'es', category: 'MARKETING', components: [body] };

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by the tests
  json: any;
}

async function call(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: object,
  tenantId = channel.tenantId,
  permissions = MANAGER,
): Promise<Answer> {
  const headers = { authorization: bearer(tenantId, permissions) };
  const response = await fixture.connector.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: response.statusCode, json: response.body === '' ? null : response.json() };
}

/** Straight to the provider, as its own screens do. */
const graph = async (method: string, path: string, payload?: object) =>
  fetch(`${fixture.sandbox.graphUrl}/v23.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${channel.accessToken}`, 'content-type': 'application/json' },
    ...(payload && { body: JSON.stringify(payload) }),
  });

/** Reads the templates anew; back when that is done. */
async function read(of = channel): Promise<void> {
  await fixture.sql`
    update channel_connector.channels set templates_read_at = null, templates_asked_at = null where id = ${of.id}`;
  // One that began before is not the one.
  await eventually(async () => {
    const [row] = await fixture.sql`
      select coalesce(templates_read_at > templates_asked_at, false) as done
      from channel_connector.channels where id = ${of.id}`;
    expect(row!.done).toBe(true);
  });
}

const list = async (query = ''): Promise<Template[]> => (await call('GET', `/templates${query}`)).json.items;
const find = async (name: string) => (await list(`?search=${name}`)).find((one) => one.name === name);
const codesOf = ({ json }: Answer) =>
  json.error.details.map((one: { field: string; code: string }) => [one.field, one.code]);

/** What Meta tells of a template, with the secret of the channel's app. */
const tell = (field: string, value: object, at: number, secret?: string) =>
  frame(
    null,
    { object: 'whatsapp_business_account', entry: [{ id: WABA, time: at, changes: [{ field, value }] }] },
    secret,
  );
const about = (name: string, more: object) => ({
  message_template_id: 1,
  message_template_name: name,
  message_template_language: 'es',
  ...more,
});
const now = () => Math.floor(Date.now() / 1000);

describe('templates of the provider', () => {
  it('are read once a number is connected, and listed by name to their tenant alone', async () => {
    const found = await list();
    expect(found.map(({ name, status }) => [name, status])).toEqual([
      ['hello_world', 'approved'],
      ['welcome', 'approved'],
    ]);
    expect(found[1]).toMatchObject({
      language: 'es',
      category: 'marketing',
      channelIds: [channel.id],
      usable: true,
      parameters: [{ part: 'body', name: '1', kind: 'text', example: 'Ana', required: true }],
    });
    expect((await call('GET', '/templates', undefined, randomUUID())).json).toEqual({
      items: [],
      total: 0,
      nextCursor: null,
      error: null,
    });
    expect((await call('GET', `/templates/${found[1]!.id}`, undefined, randomUUID())).status).toBe(404);
    expect((await call('GET', '/templates', undefined, channel.tenantId, [])).status).toBe(403);
  });

  it('are walked by cursor, and filtered', async () => {
    const first = (await call('GET', '/templates?limit=1')).json;
    expect(first).toMatchObject({ items: [{ name: 'hello_world' }], total: 2 });
    const second = (await call('GET', `/templates?limit=1&cursor=${first.nextCursor}`)).json;
    expect(second).toMatchObject({ items: [{ name: 'welcome' }], nextCursor: null });
    expect(await list('?category=marketing')).toHaveLength(1);
    expect(await list('?search=shop')).toHaveLength(1);
    expect(await list(`?channelId=${channel.id}&language=en_US`)).toHaveLength(1);
    expect((await call('GET', `/templates?channelId=${uuidv7()}`)).status).toBe(404);
  });

  it('that are gone there go here, and new ones come', async () => {
    await graph('POST', `${WABA}/message_templates`, { ...welcome, name: 'gone_soon' });
    await read();
    await eventually(async () => expect(await find('gone_soon')).toBeDefined());
    await graph('DELETE', `${WABA}/message_templates?name=gone_soon`);
    await read();
    await eventually(async () => expect(await find('gone_soon')).toBeUndefined());
    const removed = await eventsOf<{ name: string }>(fixture, channel.tenantId, 'template.removed');
    expect(removed.map(({ name }) => name)).toContain('gone_soon');
  });

  it('are not those of a provider without templates', async () => {
    await fixture.sql`update channel_connector.channels set provider = 'evolution' where id = ${channel.id}`;
    const answer = await call('POST', '/templates-sync', { channelId: channel.id });
    const check = await call('POST', `/channels/${channel.id}/template-check`, { name: 'welcome', language: 'es' });
    await fixture.sql`update channel_connector.channels set provider = 'meta' where id = ${channel.id}`;
    expect([answer.status, codesOf(answer)]).toEqual([422, [['channelId', 'template_unsupported']]]);
    expect([check.status, codesOf(check)]).toEqual([422, [['name', 'template_unsupported']]]);
  });
});

describe('a message with a template', () => {
  const check = (payload: object, of = channel) => call('POST', `/channels/${of.id}/template-check`, payload);

  it('is checked before it is queued, and filled in', async () => {
    const good = await check({ name: 'welcome', language: 'es', params: { 1: 'Luis' } });
    expect(good.json).toMatchObject({
      category: 'marketing',
      components: [{ type: 'body', parameters: [{ type: 'text', text: 'Luis' }] }],
      preview: { body: 'Hi Luis, welcome to our shop.' },
    });
    expect(codesOf(await check({ name: 'welcome', language: 'es' }))).toEqual([['params.1', 'template_missing']]);
    expect(codesOf(await check({ name: 'welcome', language: 'pt_BR' }))).toEqual([['name', 'template_unknown']]);
    expect((await call('POST', `/channels/${uuidv7()}/template-check`, { name: 'x', language: 'es' })).status).toBe(
      404,
    );
    const { id } = (await find('welcome'))!;
    const preview = await call('POST', `/templates/${id}/preview`, { params: { 1: 'Luis' } });
    expect(preview).toMatchObject({ status: 200, json: { text: 'Hi Luis, welcome to our shop.' } });
  });

  it('can use those that are approved', async () => {
    const usable = await call('GET', `/channels/${channel.id}/usable-templates`);
    expect(usable.json).toMatchObject({ items: [{ name: 'hello_world' }, { name: 'welcome' }], total: 2 });
    expect((await call('GET', `/channels/${uuidv7()}/usable-templates`)).status).toBe(404);
  });
});

describe('what the provider tells of a template', () => {
  it('reaches the account without a number, changes the row once and is an event', async () => {
    const at = now();
    const frames = [
      tell('message_template_status_update', about('welcome', { event: 'REJECTED', reason: 'INVALID_FORMAT' }), at),
      tell(
        'template_category_update',
        about('welcome', { previous_category: 'MARKETING', new_category: 'UTILITY' }),
        at,
      ),
      tell(
        'message_template_quality_update',
        about('welcome', { previous_quality_score: 'GREEN', new_quality_score: 'YELLOW' }),
        at,
      ),
    ];
    expect(await postFrames(fixture.connector, frames)).toEqual([200, 200, 200]);
    expect(await postFrames(fixture.connector, frames)).toEqual([200, 200, 200]);
    await eventually(async () =>
      expect(await find('welcome')).toMatchObject({
        status: 'rejected',
        reason: 'INVALID_FORMAT',
        category: 'utility',
        previousCategory: 'marketing',
        quality: 'yellow',
        usable: false,
      }),
    );
    const events = await eventsOf<{ name: string; changed: string[] }>(fixture, channel.tenantId, 'template.changed');
    const changed = events.filter(({ name }) => name === 'welcome').flatMap((one) => one.changed);
    expect(changed.sort()).toEqual(['category', 'quality', 'reason', 'status']);
    expect(
      codesOf(await call('POST', `/channels/${channel.id}/template-check`, { name: 'welcome', language: 'es' })),
    ).toEqual([['name', 'template_not_approved']]);
  });

  it('is refused with a foreign signature, and is a 404 for an unknown account', async () => {
    const value = about('welcome', { event: 'APPROVED' });
    expect(
      await postFrames(fixture.connector, [tell('message_template_status_update', value, now(), 'another app')]),
    ).toEqual([401]);
    const unknown = frame(null, {
      entry: [{ id: '999', changes: [{ field: 'message_template_status_update', value }] }],
    });
    expect(await postFrames(fixture.connector, [unknown])).toEqual([404]);
    expect((await find('welcome'))!.status).toBe('rejected');
  });

  it('may be texts that changed: they are read', async () => {
    const components = [{ ...body, text: 'Hi {{1}}, welcome to our new shop.' }];
    await fixture.sandbox.control.templateEvent({ wabaId: WABA, name: 'welcome', language: 'es', components });
    await eventually(async () => expect((await find('welcome'))!.components[0]!.text).toContain('new shop'));
  });

  it('names the account of a channel by its signed messages', async () => {
    const other = await createChannel(fixture);
    await read(other);
    const metadata = { display_phone_number: '5511', phone_number_id: other.phoneNumberId };
    const message = {
      id: 'wamid.1',
      from: '5511911112222',
      timestamp: String(now()),
      type: 'text',
      text: { body: 'Hi' },
    };
    const changes = [{ field: 'messages', value: { messaging_product: 'whatsapp', metadata, messages: [message] } }];
    expect(await postFrames(fixture.connector, [frame(other.id, { entry: [{ id: '2000009', changes }] })])).toEqual([
      200,
    ]);
    await eventually(async () => {
      const [row] = await fixture.sql`select account_id from channel_connector.channels where id = ${other.id}`;
      expect(row!.account_id).toBe('2000009');
    });
  });
});

describe('a template of a person', () => {
  const draft = (name: string, more: object = {}) => ({
    channelId: channel.id,
    name,
    language: 'es',
    category: 'utility',
    components: [body],
    ...more,
  });
  const create = (name: string, more: object = {}) => call('POST', '/templates', draft(name, more));
  const auditOf = async (id: string) =>
    (await eventsOf<{ action: string; entityId: string }>(fixture, channel.tenantId, 'audit.recorded'))
      .filter(({ entityId }) => entityId === id)
      .map(({ action }) => action);

  it('is created at the provider, changed there, and deleted there', async () => {
    const made = await create('invoice');
    expect(made).toMatchObject({ status: 201, json: { name: 'invoice', status: 'approved', usable: true } });
    const { id, providerTemplateId } = made.json;
    const text = 'Hi {{1}}, your new invoice is ready.';
    const changed = await call('PUT', `/templates/${id}`, { components: [{ ...body, text }] });
    expect(changed.json).toMatchObject({ status: 'approved', components: [{ text }] });
    expect(await (await graph('GET', providerTemplateId)).json()).toMatchObject({ components: [{ text }] });
    // An approved one may be edited once a day.
    const again = await call('PUT', `/templates/${id}`, { components: [body] });
    expect([again.status, codesOf(again)]).toEqual([422, [['components', 'template_refused']]]);
    expect(again.json.error.details[0].params.said).toContain('24 hours');
    expect((await call('DELETE', `/templates/${id}`)).status).toBe(204);
    expect((await call('GET', `/templates/${id}`)).status).toBe(404);
    expect((await graph('GET', providerTemplateId)).status).toBe(400);
    expect(await auditOf(id)).toEqual(['template.create', 'template.update', 'template.delete']);
  });

  it('is made once for one key', async () => {
    const headers = { authorization: bearer(channel.tenantId, MANAGER), 'idempotency-key': 'same-key-of-a-test' };
    const post = () =>
      fixture.connector.app.inject({ method: 'POST', url: '/templates', headers, payload: draft('once') });
    const [first, second] = [await post(), await post()];
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.json().id).toBe(first.json().id);
  });

  it('may be a draft until it is submitted', async () => {
    const { json } = await create('later', { submit: false });
    expect(json).toMatchObject({ status: 'draft', usable: false, providerTemplateId: null });
    await read();
    const submitted = await call('POST', `/templates/${json.id}/submit`);
    expect(submitted.json).toMatchObject({ status: 'approved', providerTemplateId: expect.any(String) });
    expect((await call('POST', `/templates/${json.id}/submit`)).status).toBe(409);
  });

  it('is refused by its fields before the provider is asked, and by the provider', async () => {
    const bad = await create('bad', { components: [{ ...body, text: '{{1}} is ready for you today.' }] });
    expect([bad.status, codesOf(bad)]).toEqual([422, [['components.0.text', 'template_edge']]]);
    expect(codesOf(await create('Bad Name'))).toEqual([['name', 'invalid_format']]);
    expect((await create('hello_again')).status).toBe(201);
    const taken = await create('hello_again');
    expect([taken.status, taken.json.error.entity]).toEqual([409, 'template']);
    const foreign = await create('unknown_language', { language: 'xx' });
    expect([foreign.status, codesOf(foreign)]).toEqual([422, [['components', 'template_refused']]]);
    expect((await create('x', { channelId: uuidv7() })).status).toBe(404);
    const reader = await call('POST', '/templates', draft('x'), channel.tenantId, ['templates.read']);
    expect(reader.status).toBe(403);
  });

  it('that waits for its review is decided by webhook', async () => {
    await fixture.sandbox.control.setBehaviour({ templates: { review: 'reject', reviewMs: 1 } });
    const { json } = await create('judged');
    expect(json.status).toBe('pending');
    await eventually(async () =>
      expect((await call('GET', `/templates/${json.id}`)).json).toMatchObject({
        status: 'rejected',
        reason: expect.stringContaining('INVALID_FORMAT'),
      }),
    );
    await fixture.sandbox.control.setBehaviour({ templates: { review: 'approve', reviewMs: 0 } });
    const text = 'Hi {{1}}, this one is better.';
    const edited = await call('PUT', `/templates/${json.id}`, { components: [{ ...body, text }] });
    expect(edited.json.status).toBe('pending');
    await eventually(async () =>
      expect((await call('GET', `/templates/${json.id}`)).json).toMatchObject({ status: 'approved' }),
    );
  });

  it('is not made while the provider refuses the token, and says so', async () => {
    await fixture.sandbox.control.addNumber({
      phoneNumberId: channel.phoneNumberId,
      displayPhoneNumber: channel.phone!,
      wabaId: WABA,
      accessToken: 'another token',
      appSecret: 'the app secret of tests',
    });
    expect((await create('tokenless')).json.error.code).toBe('channel_not_connected');
  });
});
