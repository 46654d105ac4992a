import { uuidv7 } from '@recado/contracts';
import { expect, it } from 'vitest';
import type { RealtimeEvent } from '../realtime/types.ts';
import { linkAnswers, linkEvent } from './link-media.ts';
import type { MediaLinks } from './links.ts';

const links = { make: ({ tenantId, variant }, name) => `${tenantId} ${variant} ${name}` } as MediaLinks;
const fileId = uuidv7();
const ready = { details: { media: { fileId, fileName: 'a.ogg', state: 'ready', playback: true } } };
const LINKED = { link: 't original a.ogg', playbackLink: 't playback a.ogg' };

it('messages of an answer get links to their files, for the caller’s tenant', async () => {
  const client = linkAnswers(
    {
      list: async () => ({ items: [ready, { details: null }], total: 2 }),
      one: async () => ({ message: ready, statuses: [] }),
      other: async () => ({ items: ['a'] }),
      close: async () => 'closed',
    },
    links,
  ) as Record<string, (input: object, context: object) => Promise<unknown>>;
  const context = { caller: { tenantId: 't' } };
  expect(await client.list!({}, context)).toMatchObject({ items: [{ details: { media: LINKED } }, {}], total: 2 });
  expect(await client.one!({}, context)).toMatchObject({ message: { details: { media: LINKED } }, statuses: [] });
  expect(await client.other!({}, context)).toEqual({ items: ['a'] });
});

it('so do events to sockets; a file on its way has no link', () => {
  const event = (name: string, data: object) => linkEvent({ name, tenantId: 't', data } as RealtimeEvent, links);
  expect(event('message.created', { message: ready }).data).toMatchObject({ message: { details: { media: LINKED } } });
  expect(event('message.updated', { change: ready }).data).toMatchObject({ change: { details: { media: LINKED } } });
  const fetching = { message: { details: { media: { fileId, state: 'fetching' } } } };
  expect(event('message.created', fetching).data).toEqual(fetching);
});
