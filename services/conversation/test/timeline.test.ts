import { randomUUID } from 'node:crypto';
import { permissionsOf } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('timeline');
  service = await fixture.start();
});
afterAll(() => fixture.close());

type Entry = { kind: string; at: string; id: string; text: string | null; count: number | null; userId: string | null };
const ask = async (who: Person, method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) => {
  const answer = await service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
};

async function story() {
  const userId = randomUUID();
  const who = person({ role: 'admin', userId, permissions: permissionsOf('admin') });
  fixture.identity.users.set(userId, { tenantId: who.tenantId, role: 'admin', status: 'active' } as never);
  const hear = (content: string, channelId = who.tenantId) => {
    const event = received(who.tenantId, { channelId, content });
    return withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  };
  await hear('Hola');
  await hear('¿Están?');
  await hear('Por otro número', randomUUID());
  const [{ id: chat, contact }] = (await ask(who, 'GET', `/conversations?channelId=${who.tenantId}`)).body.items;
  await ask(who, 'POST', `/conversations/${chat}/assign`, { userId });
  await ask(who, 'POST', `/conversations/${chat}/notes`, { content: 'Es amiga' });
  await ask(who, 'POST', '/tasks', { title: 'Llamar', contactId: contact.id });
  await ask(who, 'PUT', `/contacts/${contact.id}`, { optIn: false });
  await hear('ALTA');
  await ask(who, 'POST', `/conversations/${chat}/close`, { reason: 'listo' });
  return { who, userId, chat: chat as string, contactId: contact.id as string };
}
const list = async (
  who: Person,
  contactId: string,
  query = '',
): Promise<{ items: Entry[]; nextCursor: string | null }> => {
  const { status, body } = await ask(who, 'GET', `/contacts/${contactId}/timeline?${query}`);
  expect([status, body]).toEqual([200, expect.anything()]);
  return body;
};

it('tells what happened in all channels, the latest first, page by page and without gaps', async () => {
  const { who, userId, contactId } = await story();
  const { items, nextCursor } = await list(who, contactId);
  expect(nextCursor).toBeNull();
  expect(items.map(({ kind }) => kind).sort()).toEqual(
    [
      ...['contact.created', 'chat.opened', 'chat.opened', 'chat.messages', 'chat.messages', 'note', 'task'],
      ...['chat.assigned', 'contact.opted_out', 'contact.opted_in', 'chat.closed'],
    ].sort(),
  );
  const times = items.map(({ at }) => at);
  expect(times).toEqual(times.toSorted().toReversed());
  expect(items.find(({ kind }) => kind === 'note')).toMatchObject({ text: 'Es amiga', userId });
  const counts = items.filter(({ kind }) => kind === 'chat.messages').map(({ count }) => count);
  // The answer to ALTA is one of them.
  expect(counts.sort()).toEqual([1, 4]);
  const walked: Entry[] = [];
  let cursor: string | null = 'start';
  while (cursor !== null) {
    const page = await list(who, contactId, `limit=3&cursor=${encodeURIComponent(cursor)}`);
    walked.push(...page.items);
    cursor = page.nextCursor;
  }
  expect(walked).toEqual(items);
});

it('keeps to a kind and to a span, and shows chats and tasks to those alone who may see them', async () => {
  const { who, contactId } = await story();
  expect((await list(who, contactId, 'kind=chat.closed')).items).toMatchObject([{ kind: 'chat.closed' }]);
  const [last] = (await list(who, contactId)).items;
  expect((await list(who, contactId, `from=${last!.at}`)).items.map(({ id }) => id)).toContain(last!.id);
  const { items: before } = await list(who, contactId, `to=${new Date(Date.parse(last!.at) - 1).toISOString()}`);
  expect(before.map(({ at }) => at)).not.toContain(last!.at);
  const few = person({ tenantId: who.tenantId, role: 'key', userId: null, permissions: ['contacts.read'] });
  const kinds = new Set((await list(few, contactId)).items.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['contact.created', 'contact.opted_out']));
});

it('is a 404 for a contact of another company', async () => {
  const { contactId } = await story();
  const foreign = person({ role: 'admin', permissions: permissionsOf('admin') });
  expect((await ask(foreign, 'GET', `/contacts/${contactId}/timeline`)).status).toBe(404);
});
