import { randomUUID } from 'node:crypto';
import {
  buildEvent,
  type EventData,
  fileErased,
  type MessageFile,
  type messageUpdated,
  permissionsOf,
  type StoredFile,
} from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyErased, applyFiles } from '../src/files/apply.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('files');
  service = await fixture.start();
});
afterAll(() => fixture.close());

/** A customer's picture, and the news that its file is here. */
function picture() {
  const [tenantId, channelId, fileId] = [randomUUID(), randomUUID(), randomUUID()];
  const providerMessageId = 'wamid.picture';
  const details = { media: { id: '1', type: 'image/jpg', fileId, state: 'fetching' as const } };
  const event = received(tenantId, { channelId, providerMessageId, type: 'image', content: '', details });
  const file: MessageFile = { fileId, state: 'ready', type: 'image/png', size: 5, thumbnail: true };
  const { headers } = person({ tenantId, role: 'admin', userId: randomUUID(), permissions: permissionsOf('admin') });
  const get = async (url: string) => (await service.app.inject({ method: 'GET', url, headers })).json();
  return {
    file,
    store: () => withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date())),
    arrive: (given: MessageFile = file) =>
      withWorker(fixture.worker, (tx) => applyFiles(tx, [{ tenantId, channelId, providerMessageId, file: given }])),
    media: async () => {
      const [{ id }] = (await get('/conversations')).items;
      return (await get(`/conversations/${id}/messages`)).items[0].details.media;
    },
    remove: async () => {
      const [{ contact }] = (await get('/conversations')).items;
      const answer = await service.app.inject({ method: 'DELETE', url: `/contacts/${contact.id}`, headers });
      expect(answer.statusCode, answer.body).toBe(204);
    },
    erased: () => fixture.outbox(tenantId, 'message.files-erased'),
    told: () => fixture.outbox(tenantId, 'message.updated') as Promise<{ data: EventData<typeof messageUpdated> }[]>,
  };
}

it.each([
  ['after its message', true],
  ['before its message', false],
])('a file that comes %s is shown on it, and screens are told', async (_title, messageFirst) => {
  const { store, arrive, media, told, file } = picture();
  if (messageFirst) await store();
  await arrive();
  await arrive();
  if (!messageFirst) await store();
  expect(await media()).toEqual({ id: '1', ...file });
  const [event, ...more] = await told();
  expect(more).toEqual([]);
  expect(event!.data.change).toMatchObject({ type: 'image', details: { media: file } });
});

it('a file that cannot be had says why', async () => {
  const { store, arrive, media, file } = picture();
  await store();
  const failure = { code: 'expired' as const, message: 'The provider has it no more' };
  await arrive({ fileId: file.fileId, state: 'failed', failure });
  expect(await media()).toMatchObject({ state: 'failed', failure });
});

it('the files that a contact sent are erased with it, and its messages say so', async () => {
  const { store, arrive, media, file, remove, erased, told } = picture();
  await store();
  await arrive();
  await remove();
  await expect.poll(media, { timeout: 20_000 }).toEqual({ fileId: file.fileId, state: 'erased', type: 'image/jpg' });
  expect(await erased()).toMatchObject([{ data: { fileIds: [file.fileId] } }]);
  const [, event, ...more] = await told();
  expect(more).toEqual([]);
  const tombstone = { fileId: file.fileId, state: 'erased', type: 'image/jpg' };
  expect(event!.data.change).toMatchObject({ type: 'image', details: { media: tombstone } });
  // A fetch that ended after it changes nothing.
  await arrive({ ...file, size: 6 });
  expect(await media()).toEqual({ fileId: file.fileId, state: 'erased', type: 'image/jpg' });
});

it('a file that a person erased leaves the same trace, and screens are told once', async () => {
  const { store, arrive, media, file, told } = picture();
  await store();
  await arrive();
  const { fileId } = file;
  await arrive({ fileId, state: 'erased' });
  await arrive({ fileId, state: 'erased' });
  const tombstone = { fileId, state: 'erased', type: 'image/jpg' };
  expect(await media()).toEqual(tombstone);
  const [, event, ...more] = await told();
  expect(more).toEqual([]);
  expect(event!.data.change!.details!.media).toEqual(tombstone);
});

describe('a file that we sent', () => {
  const upload = (): StoredFile => ({
    id: randomUUID(),
    name: 'contract.jpg',
    type: 'image/jpeg',
    size: 500,
    sha256: null,
    width: null,
    height: null,
    variants: ['original'],
    state: 'ready',
    error: null,
    source: 'upload',
    relatedType: null,
    relatedId: null,
    createdBy: null,
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  const call = async (who: Person, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) => {
    const answer = await service.app.inject({ method, url, headers: who.headers, ...(payload && { payload }) });
    expect(answer.statusCode, answer.body).toBeLessThan(300);
    return answer.statusCode === 204 ? null : answer.json();
  };
  /** A chat with a customer to whom a document was sent. */
  async function chatWith(who: Person, file: StoredFile) {
    fixture.files.set(file.id, { ...file, tenantId: who.tenantId });
    const from = { waId: `519${Math.random().toString().slice(2, 10)}`, phone: null };
    const event = received(who.tenantId, { from });
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
    const [row] = await fixture.admin.sql`
      select m.conversation_id, c.contact_id from conversation.messages m
      join conversation.conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
      where m.id = ${event.envelope.id}`;
    const { conversation_id: id, contact_id: contactId } = row as Record<string, string>;
    const content = { kind: 'image', media: { fileId: file.id } };
    await call(who, 'POST', `/conversations/${id}/messages`, { content });
    const media = async () => {
      const { items } = await call(who, 'GET', `/conversations/${id}/messages`);
      return items.find((one: { direction: string }) => one.direction === 'outbound').details.media;
    };
    return { contactId, media };
  }
  const tombstoneOf = ({ id, type }: StoredFile) => ({ fileId: id, state: 'erased', type });

  it('and that a person erases leaves a trace in each chat, and screens are told once', async () => {
    const [who, other, file, theirs] = [person(), person(), upload(), upload()];
    const [first, second] = [await chatWith(who, file), await chatWith(who, file)];
    const foreign = await chatWith(other, theirs);
    const erased = [file, theirs].map(({ id: fileId }) => ({ tenantId: who.tenantId, fileId }));
    for (let i = 0; i < 2; i++) await withWorker(fixture.worker, (tx) => applyErased(tx, erased));
    expect(await first.media()).toEqual(tombstoneOf(file));
    expect(await second.media()).toEqual(tombstoneOf(file));
    expect(await foreign.media()).toMatchObject({ state: 'ready', fileName: 'contract.jpg' });
    const told = (await fixture.outbox(who.tenantId, 'message.updated')) as {
      data: EventData<typeof messageUpdated>;
    }[];
    const changes = told.map(({ data }) => data.change?.details?.media);
    expect(changes).toEqual([tombstoneOf(file), tombstoneOf(file)]);
  });

  it('is erased with the one contact that got it, and stays while another has it', async () => {
    const [who, own, shared] = [person(), upload(), upload()];
    const mine = await chatWith(who, own);
    const [one, two] = [await chatWith(who, shared), await chatWith(who, shared)];
    await call(who, 'DELETE', `/contacts/${mine.contactId}`);
    await call(who, 'DELETE', `/contacts/${one.contactId}`);
    await expect.poll(mine.media, { timeout: 20_000 }).toEqual(tombstoneOf(own));
    await expect.poll(one.media, { timeout: 20_000 }).toEqual(tombstoneOf(shared));
    expect(await two.media()).toMatchObject({ state: 'ready' });
    const erased = (await fixture.outbox(who.tenantId, 'message.files-erased')) as { data: { fileIds: string[] } }[];
    expect(erased.flatMap(({ data }) => data.fileIds)).toEqual([own.id]);
  });

  it('is told of by the connector', async () => {
    const [who, file] = [person(), upload()];
    const { media } = await chatWith(who, file);
    const data = { fileIds: [file.id], at: new Date().toISOString() };
    await fixture.publish([buildEvent(fileErased, { tenantId: who.tenantId, subject: file.id, data })]);
    await expect.poll(media, { timeout: 20_000 }).toEqual(tombstoneOf(file));
  });
});
