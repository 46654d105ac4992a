import { randomUUID } from 'node:crypto';
import { FIRST_CURSOR, uuidv7 } from '@recado/contracts';
import { connect, type Database } from '@recado/database';
import type { Caller } from '@recado/service-kit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listContacts, listGroupContacts } from '../src/contacts/list.ts';
import { listConversations } from '../src/conversations/list.ts';
import { listGroups } from '../src/groups/list.ts';
import { listMessages } from '../src/messages/reading/list.ts';
import { createFixture, type Fixture } from './setup.ts';

let fixture: Fixture;
let app: Database;
beforeAll(async () => {
  fixture = await createFixture('walks');
  app = connect({ url: fixture.database.appUrl('conversation'), name: 'test-app', max: 2 });
});
afterAll(async () => {
  await app.close();
  await fixture.close();
});

const callerOf = (tenantId: string): Caller => ({
  tenantId,
  userId: randomUUID(),
  role: 'admin',
  permissions: [],
  edition: 'scheduler',
  service: 'gateway',
});

type Page = { items: { id: string }[]; nextCursor: string | null };
type List = (cursor: string | undefined, limit: number) => Promise<Page>;

/** What a walk shows, in order. `between` runs after each page. */
async function walk(list: List, first: string | undefined, limit: number, between = async () => {}): Promise<string[]> {
  const shown: string[] = [];
  let cursor = first;
  for (;;) {
    const { items, nextCursor } = await list(cursor, limit);
    expect(items.length).toBeLessThanOrEqual(limit);
    shown.push(...items.map(({ id }) => id));
    if (nextCursor === null) return shown;
    cursor = nextCursor;
    await between();
  }
}

/** What happens to a list while it is walked: `which` counts its rows. */
const change = fc.record({ kind: fc.constantFrom('touch', 'create', 'hide', 'show', 'close'), which: fc.nat(30) });
const story = fc.record({
  rows: fc.integer({ min: 0, max: 14 }),
  limit: fc.integer({ min: 1, max: 4 }),
  first: fc.constantFrom(undefined, FIRST_CURSOR, ''),
  rounds: fc.array(fc.array(change, { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
});

type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;

interface Book {
  create(id: string, at: Date): Promise<unknown>;
  /** Does one of the other things to a row; false when the row is out of the list after it. */
  change(kind: string, id: string, at: Date): Promise<boolean | null>;
  list: List;
}

/** Plays a story: every row that was there all the time is shown once, and no row twice. */
async function play({ rows, limit, first, rounds }: Story, book: Book): Promise<void> {
  const ids = Array.from({ length: rows }, () => uuidv7());
  const start = Date.now() - 1_000_000;
  // Activity in another order than creation.
  for (const [i, id] of ids.entries()) await book.create(id, new Date(start + ((i * 7919) % 13) * 20_000));
  const always = new Set(ids);
  let now = start + 500_000;
  const left = [...rounds];
  const shown = await walk(book.list, first, limit, async () => {
    for (const { kind, which } of left.shift() ?? []) {
      now += 15_000;
      const id = ids[which % ids.length]!;
      if (kind === 'create') {
        ids.push(uuidv7());
        await book.create(ids.at(-1)!, new Date(now));
      } else if ((await book.change(kind, id, new Date(now))) === false) always.delete(id);
    }
  });
  expect(new Set(shown).size).toBe(shown.length);
  expect([...always].filter((id) => !shown.includes(id))).toEqual([]);
}

describe('a walk by cursor over a list that changes', () => {
  it('shows every chat that stays in the list once, while chats are written, archived and closed', async () => {
    const { sql } = fixture.admin;
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const tenantId = randomUUID();
        const channelId = randomUUID();
        await play(told, {
          create: async (id, at) => {
            await sql`insert into conversation.contacts (tenant_id, id, name) values (${tenantId}, ${id}, 'Ana')`;
            await sql`
              insert into conversation.conversations (tenant_id, id, channel_id, provider, contact_id, last_message_at)
              values (${tenantId}, ${id}, ${channelId}, 'meta', ${id}, ${at})`;
          },
          change: async (kind, id, at) => {
            const [row] = await sql<{ there: boolean }[]>`
              update conversation.conversations set
                last_message_at = case when ${kind} = 'touch' then ${at}::timestamptz else last_message_at end,
                archived = case ${kind} when 'hide' then true when 'show' then false else archived end,
                status = case ${kind} when 'close' then 'closed' when 'show' then 'active' else status end
              where tenant_id = ${tenantId} and id = ${id}
              returning not archived and status <> 'closed' as there`;
            return row!.there;
          },
          list: (cursor, limit) =>
            listConversations(app, tenantId, {
              cursor,
              limit,
              count: false,
              channelId,
              archived: false,
              statuses: ['new', 'active'],
            }),
        });
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it('shows every contact that stays in the list once, while contacts are renamed, removed and restored', async () => {
    const { sql } = fixture.admin;
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const tenantId = randomUUID();
        await play(told, {
          create: (id) =>
            sql`insert into conversation.contacts (tenant_id, id, name) values (${tenantId}, ${id}, 'Ana')`,
          change: async (kind, id, at) => {
            const [row] = await sql<{ there: boolean }[]>`
              update conversation.contacts set
                name = case when ${kind} = 'touch' then 'Eva' else name end, updated_at = ${at},
                is_active = case ${kind} when 'hide' then false when 'show' then true else is_active end,
                deleted_at = case ${kind} when 'close' then ${at}::timestamptz when 'show' then null else deleted_at end
              where tenant_id = ${tenantId} and id = ${id} returning is_active and deleted_at is null as there`;
            return row!.there;
          },
          list: (cursor, limit) => listContacts(app, callerOf(tenantId), { cursor, limit, page: 1, isActive: true }),
        });
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});

describe('a cursor', () => {
  it('of another list is refused with the field, and one of another tenant shows only own rows', async () => {
    const { sql } = fixture.admin;
    const [own, other] = [randomUUID(), randomUUID()];
    for (const tenantId of [own, other]) {
      for (let i = 0; i < 3; i++) {
        await sql`insert into conversation.contacts (tenant_id, id, name) values (${tenantId}, ${uuidv7()}, ${tenantId})`;
        await sql`insert into conversation.groups (tenant_id, id, name) values (${tenantId}, ${uuidv7()}, ${tenantId})`;
      }
    }
    const contacts = (tenantId: string, cursor?: string) =>
      listContacts(app, callerOf(tenantId), { cursor, limit: 2, page: 1 });
    const { nextCursor } = await contacts(other);
    expect((await contacts(own, nextCursor!)).items.every(({ name }) => name === own)).toBe(true);
    const groups = await listGroups(app, callerOf(own), { limit: 2, page: 1 });
    const refused = { details: [{ field: 'cursor', message: 'Not a cursor of this list' }] };
    for (const bad of [groups.nextCursor!, 'nonsense', nextCursor!.slice(0, -8)]) {
      await expect(contacts(own, bad)).rejects.toMatchObject(refused);
    }
    const query = { limit: 2, page: 1, cursor: groups.nextCursor! };
    await expect(listGroupContacts(app, callerOf(own), uuidv7(), query)).rejects.toMatchObject(refused);
    await expect(listConversations(app, own, { ...query, count: false })).rejects.toMatchObject(refused);
    const thread = { ...query, offset: 0, order: 'asc' as const, count: false };
    await expect(listMessages(app, own, uuidv7(), thread)).rejects.toMatchObject(refused);
  });
});
