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
  await eventually(async () => {
    const [row] = await fixture.sql`select templates_read_at from channel_connector.channels where id = ${of.id}`;
    expect(row!.templates_read_at).not.toBeNull();
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
    expect(await find('gone_soon')).toBeDefined();
    await graph('DELETE', `${WABA}/message_templates?name=gone_soon`);
    await read();
    expect(await find('gone_soon')).toBeUndefined();
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
    expect(changed.sort()).toEqual(['category', 'created', 'quality', 'reason', 'status']);
    expect(
      codesOf(await call('POST', `/channels/${channel.id}/template-check`, { name: 'welcome', language: 'es' })),
    ).toEqual([['name', 'template_not_approved']]);
  });

  it('is refused with a foreign signature, and is nobody’s for an unknown account', async () => {
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
    await graph('DELETE', `${WABA}/message_templates?name=welcome`);
    await graph('POST', `${WABA}/message_templates`, {
      ...welcome,
      components: [{ ...body, text: 'Hi {{1}}, welcome to our new shop.' }],
    });
    const told = { message_template_element: 'Hi {{1}}, welcome to our new shop.' };
    expect(
      await postFrames(fixture.connector, [tell('message_template_components_update', about('welcome', told), now())]),
    ).toEqual([200]);
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
