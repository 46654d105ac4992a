import { randomUUID } from 'node:crypto';
import { MAX_MERGED_CHATS, permissionsOf } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('merge');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const admin = (given: Parameters<typeof person>[0] = {}) =>
  person({ role: 'admin', userId: randomUUID(), permissions: permissionsOf('admin'), ...given });
const ask = async (who: Person, method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) => {
  const answer = await service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
};

/** A customer of the company writes to one of its channels; the conversation it is in. */
async function hear(who: Person, waId: string, channelId = who.tenantId) {
  const event = received(who.tenantId, { channelId, from: { waId, phone: `+${waId}`, name: waId } });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin.sql<{ id: string; contactId: string }[]>`
    select c.id, c.contact_id as "contactId" from conversation.messages m
    join conversation.conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
    where m.id = ${event.envelope.id}`;
  return row!;
}

it('merged contacts are one, with all chats, tasks and tags, and one open chat on a channel', async () => {
  const who = admin();
  const other = randomUUID();
  const [first, second] = [await hear(who, '51999000001'), await hear(who, '51999000002')];
  const elsewhere = await hear(who, '51999000002', other);
  const [into, from] = [first.contactId, second.contactId];
  await ask(who, 'PUT', `/contacts/${into}`, { tags: ['vip'], ltv: 10.5, customFields: { cargo: 'jefa' } });
  const given = {
    tags: ['VIP', 'lima'],
    ltv: 1.25,
    customFields: { cargo: 'otra', ruc: '1' },
    email: 'a@b.pe',
    optIn: false,
  };
  await ask(who, 'PUT', `/contacts/${from}`, given);
  const { body: task } = await ask(who, 'POST', '/tasks', { title: 'Llamar', contactId: from });
  const { status, body } = await ask(who, 'POST', `/contacts/${into}/merge`, { contactIds: [from] });
  expect([status, body]).toEqual([200, expect.anything()]);
  expect(body).toMatchObject({ id: into, name: '51999000001', email: 'a@b.pe', ltv: 11.75, totalChats: 3 });
  expect(body).toMatchObject({ customFields: { cargo: 'jefa', ruc: '1' }, marketingStoppedAt: expect.any(String) });
  expect(body.tags).toEqual(['lima', 'vip']);
  expect((await ask(who, 'GET', `/tasks?contactId=${into}`)).body.items).toMatchObject([{ id: task.id }]);
  expect((await ask(who, 'GET', `/contacts/${from}`)).status).toBe(404);
  const states = Object.fromEntries(
    (await ask(who, 'GET', '/conversations')).body.items.map((one: { id: string; status: string }) => [
      one.id,
      one.status,
    ]),
  );
  expect(states).toEqual({ [first.id]: 'new', [second.id]: 'closed', [elsewhere.id]: 'new' });
  // Both numbers lead to the one contact and its open chat.
  expect(await hear(who, '51999000002')).toEqual(first);
  expect(await fixture.outbox(who.tenantId, 'contact.deleted')).toMatchObject([
    { data: { contactId: from, mergedInto: into } },
  ]);
  // It can be erased with all that it took over.
  expect((await ask(who, 'DELETE', `/contacts/${into}`)).status).toBe(204);
  await expect
    .poll(async () => (await ask(who, 'GET', `/contacts/${into}/erasure`)).body, { timeout: 20_000 })
    .toMatchObject({ status: 'done', erased: { chats: 3, messages: 4, tasks: 1 } });
  const told = (await fixture.outbox(who.tenantId, 'contact.erased')) as { data: { contactId: string } }[];
  expect(new Set(told.map(({ data }) => data.contactId))).toEqual(new Set([into, from]));
});

it('the chat that an agent has stays open, and two merges at once end as one', async () => {
  const who = admin();
  const [first, second] = [await hear(who, '51999000001'), await hear(who, '51999000002')];
  const userId = randomUUID();
  fixture.identity.users.set(userId, { tenantId: who.tenantId, role: 'agent', status: 'active' } as never);
  expect((await ask(who, 'POST', `/conversations/${second.id}/assign`, { userId })).status).toBe(200);
  const merge = () => ask(who, 'POST', `/contacts/${first.contactId}/merge`, { contactIds: [second.contactId] });
  const both = await Promise.all([merge(), merge()]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
  expect((await ask(who, 'GET', `/conversations/${second.id}`)).body.status).toBe('assigned');
  expect((await ask(who, 'GET', `/conversations/${first.id}`)).body.status).toBe('closed');
});

it('messages that come while contacts are merged are all of the one contact', async () => {
  const who = admin();
  const [first, second] = [await hear(who, '51999000001'), await hear(who, '51999000002')];
  const writes = Array.from({ length: 12 }, async (_, i) => {
    for (;;) {
      try {
        return await hear(who, '51999000002', i % 2 ? who.tenantId : randomUUID());
      } catch (error) {
        // The consumer tries a lost race again.
        expect((error as { code?: string }).code).toMatch(/^40/);
      }
    }
  });
  const merge = ask(who, 'POST', `/contacts/${first.contactId}/merge`, { contactIds: [second.contactId] });
  await Promise.all([...writes, merge]);
  expect((await merge).status).toBe(200);
  const owners = await fixture.admin.sql`
    select distinct contact_id as id from conversation.conversations where tenant_id = ${who.tenantId}`;
  expect(owners.map(({ id }) => id)).toEqual([first.contactId]);
});

it('a contact merges with no stranger, itself or another company’s, and then nothing changes', async () => {
  const [who, foreign] = [admin(), admin()];
  const [mine, theirs] = [await hear(who, '51999000001'), await hear(foreign, '51999000001')];
  const merge = (contactIds: string[], by = who) =>
    ask(by, 'POST', `/contacts/${mine.contactId}/merge`, { contactIds });
  const wrong = await merge([theirs.contactId]);
  expect(wrong.status).toBe(422);
  expect(wrong.body.error.details).toMatchObject([{ field: 'contactIds.0', code: 'unknown_contact' }]);
  expect((await merge([mine.contactId])).status).toBe(422);
  expect((await merge([theirs.contactId], foreign)).status).toBe(404);
  const agent = person({ tenantId: who.tenantId, edition: 'scheduler', role: 'agent' });
  const own = await ask(agent, 'POST', '/contacts', { name: 'Eva', phone: '+51999000009' });
  expect((await merge([own.body.id], agent)).status).toBe(404);
  expect((await ask(who, 'GET', `/contacts/${mine.contactId}`)).status).toBe(200);
});

it('a merge that moves more chats than fit in a short transaction is refused, and changes nothing', async () => {
  const who = admin();
  const [first, second] = [await hear(who, '51999000091'), await hear(who, '51999000092')];
  const fill = (count: number) => fixture.admin.sql`
    insert into conversation.conversations
      (tenant_id, id, channel_id, provider, contact_id, status, closed_at, last_message_at)
    select ${who.tenantId}, gen_random_uuid(), ${randomUUID()}, 'meta', ${second.contactId}, 'closed', now(), now()
    from generate_series(1, ${count})`;
  await fill(MAX_MERGED_CHATS);
  const merge = () => ask(who, 'POST', `/contacts/${first.contactId}/merge`, { contactIds: [second.contactId] });
  const refused = await merge();
  expect([refused.status, refused.body.error.details]).toMatchObject([
    422,
    [{ field: 'contactIds', code: 'merge_chats', params: { maximum: MAX_MERGED_CHATS } }],
  ]);
  expect((await ask(who, 'GET', `/contacts/${second.contactId}`)).status).toBe(200);
  await fixture.admin.sql`
    delete from conversation.conversations where ctid in (
      select ctid from conversation.conversations
      where contact_id = ${second.contactId} and status = 'closed' limit 1)`;
  expect((await merge()).status).toBe(200);
  const [left] = await fixture.admin.sql<{ count: number }[]>`
    select count(*)::int as count from conversation.conversations where contact_id = ${first.contactId}`;
  expect(left!.count).toBe(MAX_MERGED_CHATS + 1);
});
