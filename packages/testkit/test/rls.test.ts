import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { testDatabase } from '../src/index.ts';

test('a copy keeps what the template enforces: every tenant table has forced row level security', async () => {
  const database = await testDatabase('rls');
  const admin = postgres(database.adminUrl, { max: 1 });
  const tables = await admin<{ name: string; forced: boolean; policies: number }[]>`
    select c.oid::regclass::text as name, c.relrowsecurity and c.relforcerowsecurity as forced,
           (select count(*)::int from pg_policy p where p.polrelid = c.oid) as policies
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')`;
  expect(tables.length).toBeGreaterThan(0);
  expect(tables.filter((table) => !table.forced || table.policies < 2)).toEqual([]);
  await admin.end();
  await database.drop();
});

test('the role of a service sees the tenant that is set and no other, by its own search path', async () => {
  const database = await testDatabase('rls');
  const [mine, other] = [randomUUID(), randomUUID()];
  const worker = postgres(database.workerUrl('conversation'), { max: 1 });
  for (const tenant of [mine, other]) {
    await worker`insert into outbox (id, tenant_id, subject, envelope) values (${randomUUID()}, ${tenant}, 's', '{}')`;
  }
  const app = postgres(database.appUrl('conversation'), { max: 1 });
  expect(await app`select tenant_id from outbox`).toEqual([]);
  const seen = await app.begin(async (tx) => {
    await tx`select set_config('app.tenant_id', ${mine}, true)`;
    return tx`select tenant_id from outbox`;
  });
  expect(seen).toEqual([{ tenant_id: mine }]);
  await Promise.all([worker.end(), app.end()]);
  await database.drop();
});
