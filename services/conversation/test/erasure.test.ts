import { randomUUID } from 'node:crypto';
import { permissionsOf } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import { storeSynced } from '../src/inbound/sync.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('erasure');
  service = await fixture.start();
});
afterAll(() => fixture.close());

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
const ask = async (who: Person, method: Method, url: string, payload?: object) => {
  const answer = await service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
};
const admin = () => person({ role: 'admin', userId: randomUUID(), permissions: permissionsOf('admin') });

let next = 0;
/** A customer of a new company, with a word of their own in all that they wrote. */
function customer(who: Person = admin()) {
  const digits = `51999${String(++next).padStart(6, '7')}`;
  const canary = `zanahoria${next}x`;
  const from = { waId: digits, phone: `+${digits}`, name: `Nombre ${canary}` };
  const event = (given: Parameters<typeof received>[1] = {}) =>
    received(who.tenantId, { channelId: who.tenantId, from, content: `hola ${canary}`, ...given });
  const store = (one: ReturnType<typeof event>) =>
    withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(one)], new Date()));
  const contacts = () => fixture.admin.sql<{ id: string; erased: boolean }[]>`
    select id, erased_at is not null as erased from conversation.contacts where tenant_id = ${who.tenantId} order by id`;
  return {
    who,
    from,
    canary,
    digits,
    event,
    store,
    contacts,
    hear: async (given: Parameters<typeof received>[1] = {}) => store(event(given)),
    erase: async (id: string) => {
      expect((await ask(who, 'DELETE', `/contacts/${id}`)).status).toBe(204);
      await done(who, id);
    },
  };
}

const done = (who: Person, id: string) =>
  expect
    .poll(async () => (await ask(who, 'GET', `/contacts/${id}/erasure`)).body, { timeout: 20_000 })
    .toMatchObject({ status: 'done' });

/** Each row of the service's tables of a tenant that holds one of the texts. Events age out. */
async function rowsWith(tenantId: string, texts: readonly string[]): Promise<string[]> {
  const tables = await fixture.admin.sql<{ name: string }[]>`
    select c.table_name as name from information_schema.columns c join information_schema.tables t
      on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
    where c.table_schema = 'conversation' and c.column_name = 'tenant_id' and c.table_name <> 'outbox'`;
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await fixture.admin.sql<{ text: string }[]>`
      select t::text as text from ${fixture.admin.sql(`conversation.${name}`)} t
      where t.tenant_id = ${tenantId} and exists (select from unnest(${texts as string[]}::text[]) as w where t::text ilike '%' || w || '%')`;
    found.push(...rows.map(({ text }) => `${name}: ${text}`));
  }
  return found;
}

it('an erased contact leaves counts and times, and none of its words, names or addresses', async () => {
  const { who, canary, digits, hear, contacts, erase } = customer();
  const quoted = `wamid.${randomUUID()}`;
  for (let i = 0; i < 130; i++) await hear({ content: `${canary} número ${i}` });
  await hear({
    channelId: randomUUID(),
    type: 'image',
    details: { media: { id: '1', fileId: randomUUID(), fileName: `${canary}.jpg` } },
  });
  await hear({ replyToProviderMessageId: quoted, metadata: { raw: canary } });
  const { id } = (await contacts())[0]!;
  const profile = { email: `${canary}@correo.pe`, notes: canary, customFields: { cargo: canary }, address: canary };
  expect((await ask(who, 'PUT', `/contacts/${id}`, profile)).status).toBe(200);
  const chats = (await ask(who, 'GET', '/conversations')).body.items as { id: string }[];
  await ask(who, 'POST', `/conversations/${chats[0]!.id}/notes`, { content: `ojo ${canary}` });
  await ask(who, 'POST', '/tasks', { title: `Llamar a ${canary}`, contactId: id });
  await ask(who, 'POST', '/tasks', { title: `Otra vez ${canary}`, conversationId: chats[0]!.id });
  await ask(who, 'POST', `/conversations/${chats[0]!.id}/close`, { reason: `dijo ${canary}` });
  expect((await rowsWith(who.tenantId, [canary, digits])).length).toBeGreaterThan(135);
  await erase(id);
  expect(await rowsWith(who.tenantId, [canary, digits, quoted])).toEqual([]);
  const { body } = await ask(who, 'GET', `/contacts/${id}/erasure`);
  expect(body.erased).toEqual({ chats: 2, messages: 132, files: 1, notes: 1, tasks: 2 });
  const [counted] = await fixture.admin.sql`
    select count(*)::int as messages, count(distinct conversation_id)::int as chats from conversation.messages
    where tenant_id = ${who.tenantId} and status = 'delivered'`;
  expect({ ...counted }).toEqual({ messages: 132, chats: 2 });
  expect((await ask(who, 'GET', `/messages-search?query=${canary}`)).body.items).toEqual([]);
  expect((await ask(who, 'DELETE', `/contacts/${id}`)).status).toBe(404);
});

it('the erasure is told to the other services by chat and message, without words', async () => {
  const { who, canary, digits, hear, contacts, erase } = customer();
  await hear();
  const { id } = (await contacts())[0]!;
  const [chat] = (await ask(who, 'GET', '/conversations')).body.items as { id: string }[];
  fixture.channels.set(who.tenantId, { id: who.tenantId, provider: 'meta', tenantId: who.tenantId });
  const sent = await ask(who, 'POST', `/conversations/${chat!.id}/messages`, { text: `respuesta ${canary}` });
  await erase(id);
  const told = (await fixture.outbox(who.tenantId, 'contact.erased')) as { data: { messages: object[] } }[];
  const messageId = sent.body.message.id;
  const message = { messageId, conversationId: chat!.id, channelId: who.tenantId, isPending: true };
  expect(told.flatMap(({ data }) => data.messages)).toEqual([message]);
  const later = [...told, ...((await fixture.outbox(who.tenantId, 'contact.deleted')) as object[])];
  expect(JSON.stringify(later)).not.toContain(canary);
  expect(JSON.stringify(later)).not.toContain(digits);
  const audits = (await fixture.outbox(who.tenantId, 'audit.recorded')) as { data: { action: string } }[];
  const line = audits.find(({ data }) => data.action === 'contact.delete');
  expect(JSON.stringify(line)).not.toContain(canary);
});

it.each(['received', 'synced'] as const)(
  'a %s message from before the erasure is left out when it comes late',
  async (kind) => {
    const { who, event, hear, store, contacts, erase, canary, from } = customer();
    const late = { sentTime: new Date(Date.now() - 60_000).toISOString() };
    await hear({ sentTime: new Date(Date.now() - 90_000).toISOString() });
    const { id } = (await contacts())[0]!;
    await erase(id);
    if (kind === 'received') await store(event(late));
    else {
      const { from: _, ...data } = event(late).envelope.data as ReturnType<typeof event>['envelope']['data'] & object;
      const synced = {
        ...data,
        peer: { ...from, userId: null },
        direction: 'inbound',
        status: null,
        origin: 'history',
      };
      const one = { ...delivered(event(late)), data: synced } as never;
      await withWorker(fixture.worker, (tx) => storeSynced(tx, [one], new Date()));
    }
    expect(await contacts()).toEqual([{ id, erased: true }]);
    expect(await rowsWith(who.tenantId, [canary])).toEqual([]);
    // Who writes again is new, and what is late stays out beside the new contact.
    await hear({ content: 'buenas', from: { ...from, name: 'Otra' } });
    await store(event(late));
    expect(await contacts()).toHaveLength(2);
    expect(await rowsWith(who.tenantId, [canary])).toEqual([]);
  },
);

it('a message that is stored while its sender is erased is found by the erasure, or is of a new contact', async () => {
  const { who, canary, hear, contacts, erase } = customer();
  await hear();
  const { id } = (await contacts())[0]!;
  const flood = Array.from({ length: 20 }, (_, i) =>
    hear({ content: `${canary} ${i}`, channelId: randomUUID() }).catch((error: { code?: string }) => {
      // The consumer tries a lost race again.
      expect(error.code).toMatch(/^40/);
    }),
  );
  await Promise.all([...flood, erase(id)]);
  const left = await fixture.admin.sql`
    select m.id from conversation.messages m join conversation.conversations c on c.id = m.conversation_id
    where m.tenant_id = ${who.tenantId} and c.contact_id = ${id} and m.content <> ''`;
  expect(left).toHaveLength(0);
  const open = await fixture.admin.sql`
    select 1 from conversation.conversations where tenant_id = ${who.tenantId} and contact_id = ${id} and status <> 'closed'`;
  expect(open).toHaveLength(0);
});

it('two requests at once erase once, and another company or an agent who sees nothing gets a 404', async () => {
  const { who, hear, contacts, canary } = customer();
  await hear();
  const { id } = (await contacts())[0]!;
  const foreign = admin();
  expect((await ask(foreign, 'DELETE', `/contacts/${id}`)).status).toBe(404);
  const both = await Promise.all([ask(who, 'DELETE', `/contacts/${id}`), ask(who, 'DELETE', `/contacts/${id}`)]);
  expect(both.map(({ status }) => status).sort()).toEqual([204, 404]);
  await done(who, id);
  expect((await ask(foreign, 'GET', `/contacts/${id}/erasure`)).status).toBe(404);
  expect(await fixture.outbox(who.tenantId, 'contact.deleted')).toHaveLength(1);
  expect(await rowsWith(who.tenantId, [canary])).toEqual([]);
});

it('a chat of an erased contact does not open again', async () => {
  const { who, hear, contacts, erase } = customer();
  await hear();
  const [chat] = (await ask(who, 'GET', '/conversations')).body.items as { id: string }[];
  const { id } = (await contacts())[0]!;
  await erase(id);
  expect((await ask(who, 'POST', `/conversations/${chat!.id}/reopen`)).status).toBe(409);
  const again = await ask(who, 'POST', `/conversations/${chat!.id}/messages`, { text: 'hola' });
  expect(again.status).toBe(409);
});

it('what an erased person wrote in a group goes, and the words of the others stay', async () => {
  const { who, from, hear, contacts, erase, canary } = customer();
  await hear();
  const { id } = (await contacts())[0]!;
  const group = { id: `${randomUUID()}@g.us`, name: 'Vecinos' };
  const speak = (content: string, by: object) => hear({ content, details: { group }, from: { ...from, ...by } });
  await speak(`yo ${canary}`, {});
  await speak('la otra', { waId: '51911222333', phone: '+51911222333', name: 'Rosa' });
  await erase(id);
  expect(await rowsWith(who.tenantId, [canary, from.waId])).toEqual([]);
  expect(await rowsWith(who.tenantId, ['la otra'])).not.toEqual([]);
});
