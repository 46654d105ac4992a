import { randomUUID } from 'node:crypto';
import { type EventData, type MessageFile, type messageUpdated, permissionsOf } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyFiles } from '../src/files/apply.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, person, received } from './setup.ts';

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
  expect(await media()).toEqual({ fileId: file.fileId, state: 'erased', type: 'image/jpg' });
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
