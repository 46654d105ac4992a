import { randomUUID } from 'node:crypto';
import { connect, type Database, readTenant } from '@recado/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConversationQuery, selectPage } from '../src/conversations/list.ts';
import { createWorld, type World } from './setup.ts';

const tenantId = randomUUID();
const [channelId, assignedUserId] = [randomUUID(), randomUUID()];
let world: World;
let app: Database;
beforeAll(async () => {
  world = await createWorld('plans');
  app = connect({ url: world.database.appUrl('conversation'), name: 'test-app', max: 1 });
  await world.admin.sql`
    insert into conversation.conversations
      (tenant_id, id, channel_id, provider, contact_id, last_message_at, assigned_user_id)
    select case when n % 3 = 0 then gen_random_uuid() else ${tenantId}::uuid end, gen_random_uuid(),
           case when n % 7 = 0 then ${channelId}::uuid else gen_random_uuid() end, 'meta', gen_random_uuid(),
           now() - make_interval(secs => n), case when n % 5 = 0 then ${assignedUserId}::uuid end
    from generate_series(1, 20000) n`;
  await world.admin.sql`analyze conversation.conversations`;
});
afterAll(async () => {
  await app.close();
  await world.close();
});

it.each<[string, Partial<ConversationQuery>, string]>([
  ['all', {}, 'conversations_recent'],
  ['a channel', { channelId }, 'conversations_channel'],
  ['an agent', { assignedUserId }, 'conversations_assigned'],
])('a page of %s is read in the order of its index, first and further on', async (_, filter, index) => {
  const query = { limit: 20, count: false, ...filter };
  for (const cursor of [null, { at: new Date(Date.now() - 3_600_000).toISOString(), id: randomUUID() }]) {
    const [rows] = await readTenant(app, tenantId, (tx) => [
      tx<{ 'QUERY PLAN': string }[]>`explain (costs off) ${selectPage(tx, tenantId, query, cursor, 0)}`,
    ]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain(`using ${index} on conversations`);
    expect(plan).not.toContain('Seq Scan on conversations');
    // The page itself may be put in order; it is 21 rows. So are those that share ten seconds, in the index one place.
    const page = plan.slice(plan.indexOf('Limit'));
    expect(page).toMatch(/Presorted Key: \S*active_at$/m);
    expect(page).not.toMatch(/->\s+Sort\b/);
  }
});
