import { randomUUID } from 'node:crypto';
import { uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, type Fixture, person } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('message-counts');
  service = await fixture.start();
});
afterAll(() => fixture.close());

test('messages are counted by direction and status, without reactions, notices and those of others', async () => {
  const who = person();
  const [conversationId, other] = [uuidv7(), uuidv7()];
  for (const id of [conversationId, other]) {
    const contactId = uuidv7();
    await fixture.admin.sql`
      insert into conversation.contacts (tenant_id, id, name) values (${who.tenantId}, ${contactId}, 'Luz')`;
    await fixture.admin.sql`
      insert into conversation.conversations (tenant_id, id, channel_id, provider, contact_id, last_message_at)
      values (${who.tenantId}, ${id}, ${randomUUID()}, 'meta', ${contactId}, now())`;
  }
  const rows = [
    ['inbound', 'delivered', 'text', null],
    ['inbound', 'read', 'image', null],
    ['outbound', 'pending', 'text', null],
    ['outbound', 'failed', 'text', null],
    ['outbound', 'failed', 'text', null],
    ['inbound', 'delivered', 'system', { call: { status: 'missed' } }],
    ['inbound', 'delivered', 'system', { system: { kind: 'joined' } }],
    ['inbound', 'delivered', 'reaction', null],
  ] as const;
  for (const [direction, status, type, details] of rows) {
    for (const id of [conversationId, other].slice(0, type === 'text' ? 2 : 1)) {
      await fixture.admin.sql`
        insert into conversation.messages (tenant_id, id, conversation_id, channel_id, direction, type, content, status, author, details, sent_time)
        values (${who.tenantId}, ${uuidv7()}, ${id}, ${randomUUID()}, ${direction}, ${type}, 'x', ${status},
                ${direction === 'inbound' ? 'contact' : 'system'}, ${details === null ? null : fixture.admin.sql.json(details)}, now())`;
    }
  }
  const ask = (id: string) => service.app.inject({ url: `/conversations/${id}/message-counts`, headers: who.headers });
  expect((await ask(conversationId)).json()).toEqual({
    items: [
      { direction: 'inbound', status: 'delivered', count: 2 },
      { direction: 'inbound', status: 'read', count: 1 },
      { direction: 'outbound', status: 'failed', count: 2 },
      { direction: 'outbound', status: 'pending', count: 1 },
    ],
  });
  expect((await ask(randomUUID())).statusCode).toBe(404);
});
