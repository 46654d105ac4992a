import { randomUUID } from 'node:crypto';
import type { TemplateComponent } from '@recado/contracts';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer, createChannel, createFixture, eventsOf, type Fixture, type TestChannel } from './support.ts';
import { uploadFile } from './uploads.ts';

let fixture: Fixture;
let channel: TestChannel;
let picture: string;
beforeAll(async () => {
  fixture = await createFixture();
  channel = await createChannel(fixture);
  picture = await keep(channel.tenantId, 'catálogo.jpg', await jpeg('red'));
});
afterAll(() => fixture.stop());

const jpeg = (background: string) =>
  sharp({ create: { width: 40, height: 30, channels: 3, background } })
    .jpeg()
    .toBuffer();
const keep = async (tenantId: string, name: string, content: Buffer) =>
  (await uploadFile(fixture, tenantId, name, content)).id;

const body = { type: 'BODY', text: 'Our news of this week.' };
const headed = (fileId: unknown, format = 'IMAGE') => [{ type: 'HEADER', format, example: { file_id: fileId } }, body];

async function call(method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) {
  const headers = { authorization: bearer(channel.tenantId, ['templates.read', 'templates.manage']) };
  const response = await fixture.connector.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: response.statusCode, json: response.json() };
}

const create = (name: string, components: object[], more: object = {}) =>
  call('POST', '/templates', {
    channelId: channel.id,
    name,
    language: 'es',
    category: 'marketing',
    components,
    ...more,
  });

const codesOf = ({ status, json }: Awaited<ReturnType<typeof call>>) => [
  status,
  json.error.details.map((one: { field: string; code: string }) => [one.field, one.code]),
];

async function atMeta(name: string): Promise<TemplateComponent[] | null> {
  const response = await fetch(
    `${fixture.sandbox.graphUrl}/v23.0/2000001/message_templates?name=${name}&fields=components`,
    { headers: { authorization: `Bearer ${channel.accessToken}` } },
  );
  const { data } = (await response.json()) as { data: { components: TemplateComponent[] }[] };
  return data[0]?.components ?? null;
}

const handleOf = (header: TemplateComponent): string =>
  (header.example as { header_handle: string[] }).header_handle[0]!;

test('a header names a file of ours, and Meta gets its own handle of it', async () => {
  const made = await create('with_picture', headed(picture));
  expect(made).toMatchObject({ status: 201, json: { status: 'approved' } });
  const components = (await atMeta('with_picture'))!;
  expect(components[0]).toEqual({ type: 'HEADER', format: 'IMAGE', example: { header_handle: [expect.any(String)] } });
  expect(Buffer.from(handleOf(components[0]!).split(':')[1]!, 'base64').toString()).toBe('catálogo.jpg');
  expect(made.json.components).toEqual(components);

  const other = await keep(channel.tenantId, 'otro.jpg', await jpeg('blue'));
  const edited = await call('PUT', `/templates/${made.json.id}`, { components: headed(other) });
  expect(edited.status).toBe(200);
  const after = (await atMeta('with_picture'))!;
  expect(Buffer.from(handleOf(after[0]!).split(':')[1]!, 'base64').toString()).toBe('otro.jpg');
  expect(edited.json.components).toEqual(after);
});

test('each card of a carousel names its own, and one that two cards share goes out once', async () => {
  const other = await keep(channel.tenantId, 'otro.jpg', await jpeg('green'));
  const card = (fileId: string) => ({ components: headed(fileId) });
  const { exampleUploads } = await fixture.sandbox.control.state();
  const carousel = { type: 'CAROUSEL', cards: [card(picture), card(other), card(picture)] };
  expect((await create('with_cards', [body, carousel])).status).toBe(201);
  const { cards } = (await atMeta('with_cards'))![1] as unknown as { cards: { components: TemplateComponent[] }[] };
  const handles = cards.map(({ components: [header] }) => handleOf(header!));
  expect(handles[0]).toBe(handles[2]);
  expect(new Set(handles).size).toBe(2);
  expect((await fixture.sandbox.control.state()).exampleUploads).toBe(exampleUploads + 2);
});

test('a draft keeps the name of the file until it is submitted', async () => {
  const draft = await create('draft_picture', headed(picture), { submit: false });
  expect(draft.json).toMatchObject({ status: 'draft', components: headed(picture) });
  expect(await atMeta('draft_picture')).toBeNull();
  const submitted = await call('POST', `/templates/${draft.json.id}/submit`);
  expect(submitted).toMatchObject({ status: 200, json: { status: 'approved' } });
  expect(submitted.json.components).toEqual(await atMeta('draft_picture'));
});

test('a file that is not there, of another tenant, not ready or not fit is a 422 before Meta is asked', async () => {
  const foreign = await keep(randomUUID(), 'ajeno.jpg', await jpeg('red'));
  const text = await keep(channel.tenantId, 'notas.txt', Buffer.from('Notas'));
  const unready = await keep(channel.tenantId, 'después.jpg', await jpeg('white'));
  await fixture.sql`update channel_connector.files set state = 'uploaded' where id = ${unready}`;
  const large = await keep(channel.tenantId, 'grande.jpg', await jpeg('black'));
  await fixture.sql`update channel_connector.files set size = ${5 * 1024 * 1024 + 1} where id = ${large}`;
  const field = 'components.0.example.file_id';
  const draft = await create('bad_draft', [body], { submit: false });
  const bad: [unknown, string, string][] = [
    [randomUUID(), 'IMAGE', 'unknown_file'],
    [foreign, 'IMAGE', 'unknown_file'],
    [unready, 'IMAGE', 'unknown_file'],
    [text, 'DOCUMENT', 'file_type'],
    [picture, 'VIDEO', 'file_type'],
    [large, 'IMAGE', 'file_size'],
    ['seven', 'IMAGE', 'uuid'],
  ];
  const { exampleUploads } = await fixture.sandbox.control.state();
  for (const [fileId, format, code] of bad) {
    expect(codesOf(await create('bad', headed(fileId, format)))).toEqual([422, [[field, code]]]);
    const changed = await call('PUT', `/templates/${draft.json.id}`, { components: headed(fileId, format) });
    expect(codesOf(changed)).toEqual([422, [[field, code]]]);
  }
  expect(await atMeta('bad')).toBeNull();
  expect((await call('GET', `/templates/${draft.json.id}`)).json.components).toEqual([body]);
  const created = await eventsOf<{ name: string }>(fixture, channel.tenantId, 'template.changed');
  expect(created.map(({ name }) => name)).not.toContain('bad');
  expect((await fixture.sandbox.control.state()).exampleUploads).toBe(exampleUploads);
});

test('what Meta refuses of a file is told at its field', async () => {
  // Its bytes are not what its type says.
  const broken = await keep(channel.tenantId, 'roto.jpg', await jpeg('pink'));
  await fixture.sql`update channel_connector.files set type = 'image/png' where id = ${broken}`;
  const refused = await create('refused', headed(broken));
  expect(codesOf(refused)).toEqual([422, [['components.0.example.file_id', 'template_refused']]]);
  expect(refused.json.error.details[0].params.said).toContain('image/png');
  expect(await atMeta('refused')).toBeNull();
});
