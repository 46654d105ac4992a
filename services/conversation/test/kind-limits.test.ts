import {
  MAX_BOARDS,
  MAX_CANNED_SHARED,
  MAX_CUSTOM_FIELDS,
  MAX_SCHEDULED,
  MAX_SCHEDULED_IN_CHAT,
  permissionsOf,
} from '@recado/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningConversation } from '../src/service.ts';
import { type Chat, type Desk, openDesk } from './desk.ts';
import { createFixture, type Fixture, person } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('kind-limits');
  service = await fixture.start();
});
afterAll(() => fixture.close());

/** A table that is nearly full, and what adds to it. */
interface Nearly {
  table: string;
  fill(desk: Desk, chat: Chat): Promise<unknown>;
  add(chat: Chat, n: number): [url: string, body: object];
  maximum: number;
}
const sendAt = new Date(Date.now() + 3_600_000).toISOString();
const addScheduled = ({ id }: Chat): [string, object] => [
  `/conversations/${id}/scheduled-messages`,
  { content: { kind: 'text', body: 'Hola' }, sendAt },
];
const fillScheduled = ({ tenantId }: Desk, { id }: Chat, count: number) => fixture.admin.sql`
  insert into conversation.scheduled_messages (tenant_id, id, conversation_id, content, send_at, created_at, updated_at)
  select ${tenantId}, gen_random_uuid(), ${id}, '{"kind":"text","body":"a"}', ${sendAt}, now(), now()
  from generate_series(1, ${count})`;

it.each<[string, Nearly]>([
  [
    'boards',
    {
      table: 'boards',
      maximum: MAX_BOARDS,
      fill: ({ tenantId }) => fixture.admin.sql`
        insert into conversation.boards (tenant_id, id, name, kind)
        select ${tenantId}, gen_random_uuid(), 'Ventas', 'lead_status' from generate_series(2, ${MAX_BOARDS})`,
      add: () => ['/boards', { name: 'Más', kind: 'lead_status', stages: [{ name: 'Nuevo', leadStatus: 'new' }] }],
    },
  ],
  [
    'canned answers',
    {
      table: 'canned_answers',
      maximum: MAX_CANNED_SHARED,
      fill: ({ tenantId }) => fixture.admin.sql`
        insert into conversation.canned_answers
          (tenant_id, id, shortcut, shortcut_key, title, content, tags, search_text, created_at, updated_at)
        select ${tenantId}, gen_random_uuid(), 'a' || n, 'a' || n, 'a', 'Hola', '{}', 'a', now(), now()
        from generate_series(2, ${MAX_CANNED_SHARED}) n`,
      add: (_, n) => ['/canned-answers', { shortcut: `b${n}`, content: 'Hola', scope: 'shared' }],
    },
  ],
  [
    'custom fields',
    {
      table: 'custom_field_definitions',
      maximum: MAX_CUSTOM_FIELDS,
      fill: ({ tenantId }) => fixture.admin.sql`
        insert into conversation.custom_field_definitions (tenant_id, id, key, label, type)
        select ${tenantId}, gen_random_uuid(), 'a' || n, 'a', 'text' from generate_series(2, ${MAX_CUSTOM_FIELDS}) n`,
      add: (_, n) => ['/custom-fields', { key: `b${n}`, type: 'text' }],
    },
  ],
  [
    'scheduled messages of a chat',
    {
      table: 'scheduled_messages',
      maximum: MAX_SCHEDULED_IN_CHAT,
      fill: (desk, chat) => fillScheduled(desk, chat, MAX_SCHEDULED_IN_CHAT - 1),
      add: addScheduled,
    },
  ],
  [
    'scheduled messages of a tenant',
    {
      table: 'scheduled_messages',
      maximum: MAX_SCHEDULED,
      fill: async (desk) => fillScheduled(desk, await desk.addChat(), MAX_SCHEDULED - 1),
      add: addScheduled,
    },
  ],
])('%s made at once reach their limit exactly', async (_, { table, fill, add, maximum }) => {
  const desk = await openDesk(fixture, service);
  const { tenantId } = desk;
  const admin = person({ tenantId, role: 'admin', permissions: permissionsOf('admin') });
  const chat = await desk.addChat();
  await fill(desk, chat);
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, n) => {
      const [url, body] = add(chat, n);
      return desk.ask(admin, 'POST', url, body);
    }),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 422, 422, 422, 422, 422]);
  const [row] = await fixture.admin.sql<{ count: number }[]>`
    select count(*)::int as count from ${fixture.admin.sql(`conversation.${table}`)} where tenant_id = ${tenantId}`;
  expect(row!.count).toBe(maximum);
});
