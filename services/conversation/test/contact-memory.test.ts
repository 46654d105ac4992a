import { randomUUID } from 'node:crypto';
import { withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContactMemory } from '../src/contacts/memory.ts';
import { StaleContacts } from '../src/contacts/stale.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import { createFixture, delivered, type Fixture, received } from './setup.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture('memory');
});
afterAll(() => fixture.close());

const from = { waId: '51999888777', phone: '+51999888777', userId: null, name: 'Ana' };

function customer(given: Partial<typeof from> = {}) {
  const [tenantId, channelId] = [randomUUID(), randomUUID()];
  return {
    tenantId,
    message: (more: Partial<Record<keyof typeof from, string | null>> = {}, content = 'Hola') =>
      received(tenantId, { channelId, content, from: { ...from, ...given, ...more } }),
  };
}
type Message = ReturnType<ReturnType<typeof customer>['message']>;

function storing() {
  const memory = createContactMemory();
  const store = (...events: Message[]) =>
    withWorker(fixture.worker, (tx) => receiveMessages(tx, events.map(delivered), new Date(), memory));
  return { memory, store };
}

const contactsOf = (tenantId: string) =>
  fixture.admin
    .sql`select id, name, phone from conversation.contacts where tenant_id = ${tenantId} order by created_at, id`;
const messagesOf = (tenantId: string) => fixture.admin.sql`
  select m.id, c.contact_id from conversation.messages m
  join conversation.conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
  where m.tenant_id = ${tenantId}`;
/** What an erasure does to a contact. */
const erase = (tenantId: string) =>
  fixture.admin.sql.begin(async (tx) => {
    for (const table of ['messages', 'conversations', 'contact_identities', 'contacts']) {
      await tx`delete from ${tx(`conversation.${table}`)} where tenant_id = ${tenantId}`;
    }
  });

describe('a sender who wrote a moment ago', () => {
  it('is remembered once all its identities are stored, and gets the same contact', async () => {
    const { tenantId, message } = customer();
    const { memory, store } = storing();
    const sender = { tenantId, ...from };
    await store(message());
    // Just made, and not committed yet when it was: not to be believed in.
    expect(memory.find(sender)).toBeUndefined();
    await store(message());
    const [contact, ...others] = await contactsOf(tenantId);
    expect(others).toEqual([]);
    expect(memory.find(sender)).toMatchObject({ contact: { id: contact!.id, name: 'Ana', phone: '+51999888777' } });
    await store(message(), message());
    expect(await messagesOf(tenantId)).toHaveLength(4);
    expect(await contactsOf(tenantId)).toHaveLength(1);
    const told = await fixture.outbox(tenantId, 'message.created');
    expect(told.map(({ data }: { data: { contact: unknown } }) => data.contact)).toEqual(
      Array(4).fill({ id: contact!.id, name: 'Ana', phone: '+51999888777' }),
    );
  });

  it('is looked up when it shows a new identity, or its name for the first time', async () => {
    const { tenantId, message } = customer({ name: null as unknown as string });
    const { store } = storing();
    for (let i = 0; i < 3; i++) await store(message());
    expect(await contactsOf(tenantId)).toMatchObject([{ name: null }]);
    await store(message({ name: 'Ana María' }));
    await store(message({ userId: 'BR.123' }));
    expect(await contactsOf(tenantId)).toMatchObject([{ name: 'Ana María' }]);
    const kinds = await fixture.admin.sql`
      select kind from conversation.contact_identities where tenant_id = ${tenantId} order by kind`;
    expect(kinds.map(({ kind }) => kind)).toEqual(['phone', 'user_id', 'wa_id']);
  });

  it('in one batch with new senders leaves each with its own contact', async () => {
    const { tenantId, message } = customer();
    const { store } = storing();
    await store(message());
    await store(message());
    const strangers = ['51999000001', '51999000002'].map((waId) => message({ waId, phone: `+${waId}` }));
    await store(message(), ...strangers, message());
    const byContact = Map.groupBy(await messagesOf(tenantId), (row) => row.contact_id);
    expect([...byContact.values()].map((rows) => rows.length).toSorted()).toEqual([1, 1, 4]);
  });

  it('is another contact in another tenant', async () => {
    const [one, two] = [customer(), customer()];
    const { memory, store } = storing();
    await store(one.message());
    await store(one.message());
    expect(memory.find({ tenantId: two.tenantId, ...from })).toBeUndefined();
  });
});

describe('a remembered contact that was erased', () => {
  it('takes no message: the batch fails once, and the next try makes a new contact', async () => {
    const { tenantId, message } = customer();
    const { store } = storing();
    await store(message());
    await store(message());
    const [before] = await contactsOf(tenantId);
    await erase(tenantId);
    const late = message();
    await expect(store(late)).rejects.toThrow(StaleContacts);
    await expect(store(late)).resolves.toBe(1);
    const [after] = await contactsOf(tenantId);
    expect(after!.id).not.toBe(before!.id);
    expect(await messagesOf(tenantId)).toEqual([{ id: late.envelope.id, contact_id: after!.id }]);
  });

  it('delays no other sender in the consumer', async () => {
    await fixture.start();
    const { tenantId, message } = customer();
    const publish = async (count: number, stored: number) => {
      await fixture.publish(Array.from({ length: count }, () => message()));
      await eventually(async () => expect(await messagesOf(tenantId)).toHaveLength(stored));
    };
    await publish(1, 1);
    await publish(1, 2);
    await publish(1, 3);
    await erase(tenantId);
    await publish(5, 5);
    expect(await contactsOf(tenantId)).toHaveLength(1);
    expect(await fixture.admin.sql`select from conversation.delivery_tries`).toHaveLength(0);
  });
});
