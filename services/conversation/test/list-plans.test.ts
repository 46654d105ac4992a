import { randomUUID } from 'node:crypto';
import { connect, type Database, readTenant, type Tx } from '@recado/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { selectQueue } from '../src/campaigns/queue.ts';
import { selectEntries } from '../src/contacts/list-store.ts';
import { selectPage, selectWalk } from '../src/conversations/list.ts';
import type { ConversationQuery } from '../src/conversations/matching.ts';
import { selectGroups } from '../src/groups/store.ts';
import { selectFailures } from '../src/messages/undelivered.ts';
import { selectTasks } from '../src/tasks/store.ts';
import { createFixture, type Fixture } from './setup.ts';

const tenantId = randomUUID();
const campaignId = randomUUID();
const [channelId, assignedUserId, owner, groupId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
/** Half of the random ids are before it. */
const MIDDLE = '80000000-0000-4000-8000-000000000000';
const firstPage = { after: null, offset: 0, limit: 21 };
let fixture: Fixture;
let app: Database;
beforeAll(async () => {
  fixture = await createFixture('plans');
  app = connect({ url: fixture.database.appUrl('conversation'), name: 'test-app', max: 1 });
  await fixture.admin.sql`
    insert into conversation.conversations
      (tenant_id, id, channel_id, provider, contact_id, last_message_at, assigned_user_id, status, archived, priority)
    select case when n % 3 = 0 then gen_random_uuid() else ${tenantId}::uuid end, gen_random_uuid(),
           case when n % 7 = 0 then ${channelId}::uuid else gen_random_uuid() end, 'meta', gen_random_uuid(),
           now() - make_interval(secs => n), case when n % 5 = 0 then ${assignedUserId}::uuid end,
           case when n % 100 = 1 then 'pending' else 'closed' end, n % 100 = 2, case when n % 100 = 4 then 'urgent' else 'normal' end
    from generate_series(1, 20000) n`;
  await fixture.admin.sql`
    insert into conversation.contacts (tenant_id, id, name, created_by)
    select case when n % 3 = 0 then gen_random_uuid() else ${tenantId}::uuid end, gen_random_uuid(), 'Ana',
           case n % 10 when 0 then ${owner}::uuid when 1 then gen_random_uuid() end
    from generate_series(1, 20000) n`;
  await fixture.admin.sql`
    insert into conversation.groups (tenant_id, id, name, created_by)
    select ${tenantId}::uuid, case n when 1 then ${groupId}::uuid else gen_random_uuid() end, 'Clientes',
           case when n % 10 = 1 then ${owner}::uuid else gen_random_uuid() end
    from generate_series(1, 2000) n`;
  await fixture.admin.sql`
    insert into conversation.group_contacts (tenant_id, group_id, contact_id)
    select tenant_id, ${groupId}::uuid, id from conversation.contacts where tenant_id = ${tenantId} limit 300`;
  await fixture.admin.sql`
    insert into conversation.group_contacts (tenant_id, group_id, contact_id)
    select tenant_id, gen_random_uuid(), id from conversation.contacts`;
  await fixture.admin.sql`
    insert into conversation.messages
      (tenant_id, id, conversation_id, channel_id, direction, type, content, status, author, sent_time)
    select tenant_id, gen_random_uuid(), id, channel_id, 'outbound', 'text', 'Hola',
           case when random() < 0.05 then 'failed' else 'read' end, 'user', now()
    from conversation.conversations`;
  await fixture.admin.sql`
    insert into conversation.message_statuses (tenant_id, message_id, id, status, source, at)
    select tenant_id, id, gen_random_uuid(), status, 'webhook', now() from conversation.messages`;
  await fixture.admin.sql`
    insert into conversation.tasks (tenant_id, id, title, contact_id, assigned_user_id, due_at)
    select tenant_id, gen_random_uuid(), 'Llamar', contact_id, assigned_user_id,
           case when random() < 0.9 then now() + random() * interval '30 days' end from conversation.conversations`;
  const tables = ['tasks', 'conversations', 'contacts', 'groups', 'group_contacts', 'messages', 'message_statuses'];
  for (const table of tables) {
    await fixture.admin.sql`analyze conversation.${fixture.admin.sql(table)}`;
  }
});
afterAll(async () => {
  await app.close();
  await fixture.close();
});

/** What finds the rows of a page. Their tags are read after that, of each row alone. */
const pagePart = (plan: string) => plan.slice(plan.indexOf('Limit')).split('SubPlan')[0]!;

it.each<[string, Partial<ConversationQuery>, string]>([
  ['all', {}, 'conversations_recent'],
  ['a channel', { channelId }, 'conversations_channel'],
  ['an agent', { assignedUserId }, 'conversations_assigned'],
])('a page of %s is read in the order of its index', async (_, filter, index) => {
  const query = { limit: 20, count: false, ...filter };
  const plan = await planOf((tx) => selectPage(tx, tenantId, query, firstPage));
  expect(plan).toContain(`using ${index} on conversations`);
  expect(plan).not.toContain('Seq Scan on conversations');
  // The page itself may be put in order; it is 21 rows. So are those that share ten seconds, in the
  // index one place.
  const page = pagePart(plan);
  expect(page).toMatch(/Presorted Key: \S*active_at$/m);
  expect(page).not.toMatch(/->\s+Sort\b/);
});

it.each<[string, Partial<ConversationQuery>, string]>([
  ['what waits', { statuses: ['pending', 'queued'] }, 'conversations_waiting'],
  ['what is archived', { archived: true }, 'conversations_archived'],
  ['what is urgent', { priority: 'urgent' }, 'conversations_priority'],
])('few chats, %s, are found by an index that holds no others', async (_, filter, index) => {
  const plan = await planOf((tx) => selectPage(tx, tenantId, { limit: 20, count: false, ...filter }, firstPage));
  expect(plan).toContain(index);
  expect(plan).not.toContain('Seq Scan on conversations');
});

it('a search for a frequent name tests the chats one by one in their order, without reading all contacts', async () => {
  const found = { ids: [], holds: (tx: Tx) => tx`k.name = 'Ana'` as never };
  const plan = await planOf((tx) => selectPage(tx, tenantId, { limit: 20, count: false, found }, firstPage));
  expect(pagePart(plan)).toContain('using conversations_recent on conversations');
  expect(plan).toContain('contacts_tenant_id_id_pk on contacts');
  expect(plan).not.toMatch(/Seq Scan on (conversations|contacts)|Hash/);
});

it.each<[string, Partial<ConversationQuery>, string]>([
  ['all', {}, 'conversations_tenant_id_id_pk'],
  ['a channel', { channelId }, 'conversations_channel_walk'],
  ['an agent', { assignedUserId }, 'conversations_assigned_walk'],
])('a walk of %s is read in the order of its index, first and further on', async (_, filter, index) => {
  const query = { limit: 20, count: false, ...filter };
  for (const after of [null, { id: null, shown: [randomUUID()] }, { id: MIDDLE, shown: [randomUUID()] }]) {
    const plan = await planOf((tx) => selectWalk(tx, tenantId, query, { ...firstPage, after }));
    expect(plan).toContain(`Scan Backward using ${index} on conversations`);
    expect(pagePart(plan)).not.toContain('Sort');
  }
});

it.each([{}, { channelId }, { code: '131026' }, { phone: '999888' }])(
  'what was not delivered is read along its index with %j',
  async (filter) => {
    for (const before of [null, MIDDLE]) {
      const plan = await planOf((tx) => selectFailures(tx, tenantId, { limit: 20, ...filter }, before, new Date()));
      expect(plan).toContain('Scan Backward using message_statuses_failed on message_statuses');
      expect(plan).not.toMatch(/Seq Scan|->\s+Sort\b/);
    }
  },
);

type Statement = (
  tx: Tx,
) => ReturnType<
  | typeof selectEntries
  | typeof selectGroups
  | typeof selectPage
  | typeof selectFailures
  | typeof selectTasks
  | typeof selectQueue
>;

async function planOf(statement: Statement): Promise<string> {
  const [rows] = await readTenant(app, tenantId, (tx) => [
    tx<{ 'QUERY PLAN': string }[]>`explain (costs off) ${statement(tx)}`,
  ]);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

it('a queue is found by its own index, and its first page read in that order', async () => {
  await fixture.admin.sql`
    update conversation.conversations set campaign_id = ${campaignId}, queued_at = now(),
           status = case when id < ${MIDDLE}::uuid then 'queued' else 'closed' end
    where tenant_id = ${tenantId} and channel_id = ${channelId}`;
  await fixture.admin.sql`analyze conversation.conversations`;
  for (const after of [null, { at: '2026-01-01T00:00:00.000Z', id: MIDDLE }]) {
    const plan = await planOf((tx) => selectQueue(tx, tenantId, campaignId, { ...firstPage, after }));
    expect(plan).toContain(after ? 'conversations_queue' : 'using conversations_queue on conversations');
    expect(plan).not.toContain('Seq Scan on conversations');
  }
});

const further = { ...firstPage, after: { id: MIDDLE } };
it.each<[string, string, (slice: typeof firstPage | typeof further) => Statement]>([
  [
    'all contacts',
    'contacts_tenant_id_id_pk on contacts',
    (slice) => (tx) => selectEntries(tx, tenantId, null, {}, slice),
  ],
  [
    'one’s own contacts',
    'contacts_created_by on contacts',
    (slice) => (tx) => selectEntries(tx, tenantId, owner, {}, slice),
  ],
  ['all groups', 'groups_tenant_id_id_pk on groups', (slice) => (tx) => selectGroups(tx, tenantId, null, {}, slice)],
  ['one’s own groups', 'groups_created_by on groups', (slice) => (tx) => selectGroups(tx, tenantId, owner, {}, slice)],
])('a page of %s is read in the order of its index, and no further than it reaches', async (_, index, statement) => {
  for (const slice of [firstPage, further]) {
    const plan = await planOf(statement(slice));
    expect(plan).toContain(`Scan Backward using ${index}`);
    expect(plan).not.toContain('Seq Scan');
  }
});

it('contacts of a group are found from the group, groups of a contact from the contact', async () => {
  for (const seer of [null, owner]) {
    const plan = await planOf((tx) => selectEntries(tx, tenantId, seer, { groupId }, firstPage));
    expect(plan).not.toContain('Seq Scan');
    expect(plan).toContain('group_contacts_tenant_id_group_id_contact_id_pk');
    expect(plan).toContain('group_contacts_of');
  }
});

it.each([
  ['-created_at', null, 'Scan Backward using tasks_tenant_id_id_pk on tasks'],
  ['-created_at', assignedUserId, 'tasks_assigned'],
  ['due_date', null, 'Scan using tasks_due on tasks'],
  ['-due_date', null, 'Scan Backward using tasks_due on tasks'],
] as const)('a page of tasks by %s, of user %s, is read along an index', async (sort, user, index) => {
  const filter = { sort, person: null, now: new Date(), ...(user ? { assignedUserId: user } : {}) };
  for (const after of [null, { id: MIDDLE, due: '2030-01-01T00:00:00.000Z' }]) {
    const plan = await planOf((tx) => selectTasks(tx, tenantId, filter, { ...firstPage, after }));
    expect(plan).toContain(index);
    expect(plan).not.toContain('Seq Scan on tasks');
  }
});
