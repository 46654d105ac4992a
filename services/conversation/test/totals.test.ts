import { randomUUID } from 'node:crypto';
import { CONVERSATION_STATUSES, PRIORITIES } from '@recado/contracts';
import { connect, type Database, readTenant } from '@recado/database';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listConversations } from '../src/conversations/list.ts';
import type { ConversationQuery } from '../src/conversations/matching.ts';
import { listGroups } from '../src/groups/list.ts';
import { countMentions } from '../src/notes/store.ts';
import { countAllRuns } from '../src/rules/store.ts';
import { countSurveys } from '../src/surveys/list-store.ts';
import { countOpen } from '../src/usage/store.ts';
import { createFixture, type Fixture } from './setup.ts';

const [many, few] = [randomUUID(), randomUUID()];
const agent = randomUUID();
/** Of `few`: what each chat has, as the table does. */
interface Chat {
  status: string;
  archived: boolean;
  priority: string;
  name: string;
  assignedUserId: string | null;
}
let chats: Chat[];
let fixture: Fixture;
let app: Database;
beforeAll(async () => {
  fixture = await createFixture('totals');
  app = connect({ url: fixture.database.appUrl('conversation'), name: 'test-app', max: 3 });
  await fill(many, 10_050);
  await fill(few, 3000);
  await fixture.admin.sql`
    insert into conversation.groups (tenant_id, id, name)
    select ${many}::uuid, gen_random_uuid(), 'Grupo ' || n from generate_series(1, 10001) n`;
  chats = await fixture.admin.sql<Chat[]>`
    select c.status, c.archived, c.priority, k.name, c.assigned_user_id as "assignedUserId"
    from conversation.conversations c join conversation.contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id
    where c.tenant_id = ${few} and k.blocked_at is null`;
});
afterAll(async () => {
  await app.close();
  await fixture.close();
});

/** Half of the contacts are a Carlos, one of 50 a Rosa; a hundredth is blocked. */
async function fill(tenantId: string, count: number): Promise<void> {
  await fixture.admin.sql`
    insert into conversation.contacts (tenant_id, id, name, blocked_at)
    select ${tenantId}::uuid, md5(${tenantId} || n)::uuid,
           (array['Carlos', 'Ana'])[1 + n % 2] || case when n % 50 = 0 then ' Rosa ' else ' Vega ' end || n,
           case when n % 100 = 7 then now() end
    from generate_series(1, ${count}::int) n`;
  await fixture.admin.sql`
    insert into conversation.conversations
      (tenant_id, id, channel_id, provider, contact_id, status, archived, priority, assigned_user_id, last_message_at)
    select ${tenantId}::uuid, gen_random_uuid(), gen_random_uuid(), 'meta', md5(${tenantId} || n)::uuid,
           (${[...CONVERSATION_STATUSES]}::text[])[1 + n % 7], n % 9 = 0, (${[...PRIORITIES]}::text[])[1 + n / 7 % 4],
           case when n % 5 = 0 then ${agent}::uuid end, now() - make_interval(secs => n)
    from generate_series(1, ${count}::int) n`;
}

const list = (tenantId: string, query: Partial<ConversationQuery>) =>
  listConversations(app, tenantId, { limit: 20, count: true, ...query });
const totalOf = async (tenantId: string, query: Partial<ConversationQuery>) => {
  const { total, totalIsCapped = false } = await list(tenantId, query);
  return [total, totalIsCapped];
};

describe('the total of chats', () => {
  it('is counted to 10,000 and says when there are more, and pages by number reach as far', async () => {
    expect(await totalOf(many, { archived: false, statuses: [...CONVERSATION_STATUSES] })).toEqual([8844, false]);
    expect(await totalOf(many, { priority: 'urgent' })).toEqual([2483, false]);
    await fixture.admin.sql`update conversation.contacts set blocked_at = null where tenant_id = ${many}`;
    expect(await totalOf(many, {})).toEqual([10_000, true]);
    const { items } = await list(many, { page: 500 });
    expect(items).toHaveLength(20);
    expect((await list(many, { count: false })).total).toBeNull();
  });

  it('of a search for a frequent name is counted to 1,000, and is exact when a filter leaves few', async () => {
    expect(await totalOf(many, { search: 'carlos' })).toEqual([1000, true]);
    const found = chats.filter(({ name, priority }) => name.startsWith('Carlos') && priority === 'urgent');
    expect(await totalOf(few, { search: 'carlos', priority: 'urgent' })).toEqual([found.length, false]);
  });

  it('is that of the chats themselves with any filters, or a lower bound that says so', async () => {
    const filter = fc.record(
      {
        statuses: fc.subarray([...CONVERSATION_STATUSES], { minLength: 1 }),
        archived: fc.boolean(),
        priority: fc.constantFrom(...PRIORITIES),
        assignedUserId: fc.constant(agent),
        search: fc.constantFrom('carlos', 'rosa', 'ana vega', 'ga 29', 'nada'),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(filter, async (query) => {
        const wanted = chats.filter(
          (chat) =>
            (!query.statuses || (query.statuses as string[]).includes(chat.status)) &&
            (query.archived === undefined || chat.archived === query.archived) &&
            (!query.priority || chat.priority === query.priority) &&
            (!query.assignedUserId || chat.assignedUserId === query.assignedUserId) &&
            (!query.search || chat.name.toLowerCase().includes(query.search)),
        );
        const { total, totalIsCapped, items } = await list(few, query);
        if (totalIsCapped) {
          expect(total).toBeLessThanOrEqual(wanted.length);
          expect(total).toBeGreaterThanOrEqual(items.length);
        } else expect(total).toBe(wanted.length);
        expect(items).toHaveLength(Math.min(20, wanted.length));
      }),
      { numRuns: 150 },
    );
  });
});

it('the totals of surveys, runs of rules and mentions are counted to 10,000', async () => {
  const { sql } = fixture.admin;
  await sql`
    insert into conversation.rule_runs (tenant_id, id, rule_id, event_id, event, conversation_id, status)
    select ${many}::uuid, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'message.received', gen_random_uuid(), 'done'
    from generate_series(1, 10001)`;
  await sql`
    insert into conversation.surveys (tenant_id, id, conversation_id, contact_id, channel_id, handled_by, status, settings, closed_at)
    select ${many}::uuid, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'person', 'answered', '{}', now()
    from generate_series(1, 10001)`;
  await sql`
    insert into conversation.note_mentions (tenant_id, user_id, conversation_id, note_id)
    select ${many}::uuid, ${agent}::uuid, gen_random_uuid(), gen_random_uuid() from generate_series(1, 10001)`;
  const counted = await readTenant(app, many, (tx) => [
    countAllRuns(tx, many, {}),
    countSurveys(tx, many, { seenBy: null }),
    countMentions(tx, many, agent),
  ]);
  expect(counted).toEqual(Array(3).fill({ total: 10_000, totalIsCapped: true }));
});

it('the totals of groups and of open chats are counted to 10,000', async () => {
  const caller = { tenantId: many, userId: agent, role: 'admin', permissions: [], edition: 'scheduler' } as never;
  const { total, totalIsCapped } = await listGroups(app, caller, { limit: 20 } as never);
  expect([total, totalIsCapped]).toEqual([10_000, true]);
  const [open] = await readTenant(app, many, (tx) => [countOpen(tx, many, 5001)]);
  expect(open).toBe(5001);
});
