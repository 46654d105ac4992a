import { randomUUID } from 'node:crypto';
import { permissionsOf } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContactMemory } from '../src/contacts/memory.ts';
import { StaleContacts } from '../src/contacts/stale.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('addresses');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const A = { waId: '573001110001', phone: '+573001110001', userId: null, name: 'Ana' };
const B = { waId: '573002220002', phone: '+573002220002', userId: null, name: 'Ana' };
type From = { waId: string | null; phone: string | null; userId: string | null; name: string | null };

/** A tenant with one channel, an admin and a customer who wrote from A. */
async function shop(first: Partial<From> = A) {
  const [tenantId, channelId] = [randomUUID(), randomUUID()];
  fixture.channels.set(channelId, { tenantId, id: channelId, provider: 'meta' });
  const admin = person({ tenantId, role: 'admin', userId: randomUUID(), permissions: permissionsOf('admin') });
  const ask = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) => {
    const answer = await service.app.inject({ method, url, headers: admin.headers, ...(payload ? { payload } : {}) });
    expect([answer.statusCode, answer.body]).toEqual([expect.toSatisfy((code) => code < 300), expect.any(String)]);
    return answer.json();
  };
  const message = (from: Partial<From>) => received(tenantId, { channelId, from });
  const hear = async (from: Partial<From>, memory: ReturnType<typeof createContactMemory> | null = null) => {
    const event = message(from);
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date(), memory));
    return whereIs(event.envelope.id);
  };
  const { contactId, conversationId } = await hear(first);
  // Written down, so that people may change it.
  const name = 'Ana de la tienda';
  if (first.phone) expect((await ask('POST', '/contacts', { name, phone: first.phone })).id).toBe(contactId);
  return {
    tenantId,
    channelId,
    admin,
    contactId,
    conversationId,
    ask,
    message,
    hear,
    change: (phone: string) => ask('PUT', `/contacts/${contactId}`, { phone }),
    sendTo: (to: string) => ask('POST', `/channels/${channelId}/messages`, { to, text: 'Hola' }),
    reply: () => ask('POST', `/conversations/${conversationId}/messages`, { type: 'text', text: 'Hola' }),
    shown: async (id = conversationId) => (await ask('GET', `/conversations/${id}`)).contact.phone,
    /** Where the last ordered message goes. */
    async lastTo() {
      const orders = await fixture.outbox(tenantId, 'message.requested');
      return (orders.at(-1) as unknown as { data: { to: From } }).data.to;
    },
  };
}

async function whereIs(messageId: string) {
  const [row] = await fixture.admin.sql<{ contactId: string; conversationId: string }[]>`
    select c.contact_id as "contactId", c.id as "conversationId"
    from conversation.messages m join conversation.conversations c on c.id = m.conversation_id
    where m.id = ${messageId}`;
  return row!;
}

describe('a contact whose phone was changed', () => {
  it('gets sends to the new phone there, and the answer shows that phone', async () => {
    const { change, sendTo, lastTo } = await shop();
    await change(B.phone);
    const { conversation } = await sendTo(B.phone);
    expect(await lastTo()).toEqual({ waId: null, phone: B.phone, userId: null });
    expect(conversation.contact.phone).toBe(B.phone);
  });

  it('keeps the address of its open conversation until it writes from the new phone', async () => {
    const { change, sendTo, reply, lastTo, shown, hear, conversationId, contactId } = await shop();
    await change(B.phone);
    await sendTo(B.phone);
    expect(await shown()).toBe(A.phone);
    expect((await reply()).conversation.contact.phone).toBe(A.phone);
    expect(await lastTo()).toMatchObject({ waId: A.waId });
    expect(await hear(B)).toEqual({ contactId, conversationId });
    expect(await shown()).toBe(B.phone);
    await reply();
    expect(await lastTo()).toMatchObject({ waId: B.waId, phone: B.phone });
    await sendTo(B.phone);
    expect(await lastTo()).toMatchObject({ waId: B.waId });
  });

  it('gives the same answer to a repeated send to the new phone', async () => {
    const { change, channelId, admin } = await shop();
    await change(B.phone);
    const headers = { ...admin.headers, 'idempotency-key': randomUUID() };
    const send = async () => {
      const payload = { to: B.phone, text: 'Hola' };
      return service.app.inject({ method: 'POST', url: `/channels/${channelId}/messages`, headers, payload });
    };
    const [first, second] = [await send(), await send()];
    expect(second.json()).toEqual(first.json());
  });

  it('leaves its old number to the next owner, who is another contact with another conversation', async () => {
    const { change, hear, contactId, conversationId, sendTo, lastTo } = await shop();
    await change(B.phone);
    const next = await hear({ ...A, name: 'Otro' });
    expect(next.contactId).not.toBe(contactId);
    expect(next.conversationId).not.toBe(conversationId);
    const { conversation } = await sendTo(A.phone);
    expect(conversation).toMatchObject({ id: next.conversationId, contact: { id: next.contactId, name: 'Otro' } });
    expect(await lastTo()).toMatchObject({ waId: A.waId });
  });

  it('leaves its old number also when that was in memory', async () => {
    const { change, hear, contactId } = await shop();
    const memory = createContactMemory();
    for (let i = 0; i < 3; i++) expect((await hear(A, memory)).contactId).toBe(contactId);
    await change(B.phone);
    await expect(hear(A, memory)).rejects.toThrow(StaleContacts);
    expect((await hear(A, memory)).contactId).not.toBe(contactId);
  });

  it('leaves its old number also in the running consumer', async () => {
    const { change, message, contactId } = await shop();
    const say = async () => {
      const event = message(A);
      await fixture.publish([event]);
      return eventually(async () => {
        const row = await whereIs(event.envelope.id);
        expect(row).toBeDefined();
        return row;
      });
    };
    for (let i = 0; i < 3; i++) expect((await say()).contactId).toBe(contactId);
    await change(B.phone);
    expect((await say()).contactId).not.toBe(contactId);
  });

  it('keeps its number and its address when only the spelling changed', async () => {
    const zé = { waId: '551187654321', phone: '+551187654321', name: 'Zé' };
    const { change, hear, sendTo, lastTo, shown, contactId, conversationId } = await shop(zé);
    await change('+5511987654321');
    expect(await hear(zé)).toEqual({ contactId, conversationId });
    expect(await shown()).toBe('+5511987654321');
    await sendTo('+55 11 98765-4321');
    // The exact wa_id, as it was received.
    expect(await lastTo()).toMatchObject({ waId: zé.waId });
  });

  it('is still known by its user id, from any number', async () => {
    const { change, hear, contactId } = await shop({ ...A, userId: 'CO.1' });
    await change(B.phone);
    expect((await hear({ ...A, userId: 'CO.1' })).contactId).toBe(contactId);
    expect((await hear({ ...A, waId: '573003330003', phone: '+573003330003' })).contactId).not.toBe(contactId);
  });

  it('gets no identity of its old number back from messages at the same moment', async () => {
    for (let round = 0; round < 12; round++) {
      const { tenantId, change, hear, contactId } = await shop();
      // These add an identity to the contact while its phone changes.
      const arriving = Array.from({ length: 4 }, (_, i) =>
        hear({ ...A, waId: i % 2 ? A.waId : null, userId: `CO.${i}` }),
      );
      const settled = await Promise.allSettled([change(B.phone), ...arriving]);
      const failed = settled.filter((one) => one.status === 'rejected').map((one) => one.reason);
      expect(failed.filter((reason) => !(reason instanceof StaleContacts))).toEqual([]);
      const left = await fixture.admin.sql`
        select value from conversation.contact_identities
        where tenant_id = ${tenantId} and contact_id = ${contactId} and kind in ('phone', 'wa_id')`;
      expect(left.map(({ value }) => value)).toEqual([B.waId]);
      expect((await hear({ ...A, name: 'Otro' })).contactId).not.toBe(contactId);
    }
  });
});

describe('a conversation with a username', () => {
  it('stays there, and a send to the contact’s phone goes to the phone', async () => {
    const user = { waId: null, phone: null, userId: 'CO.9', name: 'Ana' };
    const { contactId, sendTo, reply, lastTo, tenantId } = await shop(user);
    await fixture.admin.sql`
      update conversation.contacts set phone = ${B.phone}, entered_at = now() where tenant_id = ${tenantId}`;
    await fixture.admin.sql`
      insert into conversation.contact_identities (tenant_id, kind, value, contact_id)
      values (${tenantId}, 'phone', ${B.waId}, ${contactId})`;
    await sendTo(B.phone);
    expect(await lastTo()).toEqual({ waId: null, phone: B.phone, userId: null });
    await reply();
    expect(await lastTo()).toEqual({ waId: null, phone: null, userId: 'CO.9' });
  });
});
