import { randomUUID } from 'node:crypto';
import { connect, type Database, readTenant, rolesOf, SERVICE_SCHEMAS, withTenant } from '@recado/database';
import { type StatefulService, type TestDatabase, testDatabase } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  definerProblems,
  GLOBAL_KEYS,
  keyProblems,
  listTables,
  roleProblems,
  type Table,
  tableProblems,
  WITHOUT_TENANT,
} from './catalogue.ts';
import { insertOf, seedTables } from './seed-tables.ts';

// A copy of what the real migrator made of every service's migrations.
const A = randomUUID();
const B = randomUUID();
const SERVICES = Object.keys(SERVICE_SCHEMAS) as StatefulService[];
let database: TestDatabase;
let admin: Database;
let tables: Table[];
/** One connection each, so that a setting that leaked would meet the next transaction. */
const apps = new Map<string, Database>();

beforeAll(async () => {
  database = await testDatabase('row_security');
  admin = connect({ url: database.adminUrl, name: 'rows-admin', max: 1 });
  tables = await listTables(admin.sql);
  await seedTables(
    admin.sql,
    tables.filter(({ tenant }) => tenant),
    [A, B],
  );
  for (const service of SERVICES) {
    apps.set(SERVICE_SCHEMAS[service], connect({ url: database.appUrl(service), name: 'rows-app', max: 1 }));
  }
});
afterAll(async () => {
  await Promise.all([admin, ...apps.values()].map((one) => one?.close()));
  await database?.drop();
});

const tenantTables = () => tables.filter(({ tenant }) => tenant);
const fullName = ({ schema, name }: Pick<Table, 'schema' | 'name'>) => `${schema}.${name}`;
const of = ({ schema }: Table) => apps.get(schema)!;

describe('the catalogue', () => {
  it('has the tables of every service', () => {
    expect([...new Set(tenantTables().map(({ schema }) => schema))].sort()).toEqual(
      Object.values(SERVICE_SCHEMAS).sort(),
    );
    expect(tenantTables().length).toBeGreaterThan(25);
  });

  it('every table knows its tenant and forces row level security for both roles, or says why not', () => {
    expect(tables.flatMap(tableProblems)).toEqual([]);
  });

  it('no view, function or copy bypasses it', async () => {
    expect(await definerProblems(admin.sql)).toEqual([]);
  });

  it('the search of contacts, which has the worker role’s rights, finds the transaction’s tenant alone', async () => {
    const conversation = apps.get('conversation')!;
    const found = await withTenant(
      conversation,
      A,
      (tx) => tx<{ id: string }[]>`select find_contacts('%', 1000) as id`,
    );
    const own = await admin.sql<{ id: string }[]>`select id from conversation.contacts where tenant_id = ${A}`;
    expect(found.map(({ id }) => id).sort()).toEqual(own.map(({ id }) => id).sort());
    expect(own.length).toBeGreaterThan(0);
    expect(await conversation.sql`select conversation.find_contacts('%', 1000)`).toEqual([]);
  });

  it('no role of a service can bypass it, owns anything or reaches another service’s schema', async () => {
    expect(await roleProblems(admin.sql)).toEqual([]);
  });

  it('unique keys start with the tenant, and references stay inside it', async () => {
    expect(await keyProblems(admin.sql)).toEqual([]);
  });

  it('the exceptions are all still needed', async () => {
    const names = new Set(tables.map(({ name }) => name));
    expect(Object.keys(WITHOUT_TENANT).filter((name) => !names.has(name))).toEqual([]);
    const indexes = await admin.sql<{ name: string }[]>`
      select relname as name from pg_class where relname = any(${Object.keys(GLOBAL_KEYS)})`;
    expect(Object.keys(GLOBAL_KEYS).filter((name) => !indexes.some((index) => index.name === name))).toEqual([]);
  });
});

describe('the tenant’s role', () => {
  it('sees nothing when no tenant is set, though every table has rows', async () => {
    for (const table of tenantTables()) {
      const rows = await admin.sql.unsafe(`select 1 from ${fullName(table)}`);
      expect([fullName(table), rows.length]).toEqual([fullName(table), 2]);
      expect([fullName(table), (await of(table).sql.unsafe(`select 1 from ${fullName(table)}`)).length]).toEqual([
        fullName(table),
        0,
      ]);
    }
  });

  it.each([
    ['A', () => A],
    ['B', () => B],
  ])('with tenant %s set sees that tenant’s rows alone', async (_name, tenant) => {
    for (const table of tenantTables()) {
      const seen = await withTenant(of(table), tenant(), (tx) => tx.unsafe(`select tenant_id from ${fullName(table)}`));
      expect([fullName(table), seen.map((row) => row.tenant_id)]).toEqual([fullName(table), [tenant()]]);
    }
  });

  it('can neither write, move, change nor remove rows of another tenant', async () => {
    for (const table of tenantTables()) {
      const name = fullName(table);
      const insert = await insertOf(admin.sql, table, B);
      const refused = await withTenant(of(table), A, (tx) => insert(tx)).catch((error) => error.code);
      expect([name, 'insert', refused]).toEqual([name, 'insert', '42501']);
      const moved = await withTenant(of(table), A, (tx) => tx.unsafe(`update ${name} set tenant_id = '${B}'`)).catch(
        (error) => error.code,
      );
      expect([name, 'move', moved]).toEqual([name, 'move', '42501']);
      const counts = await withTenant(of(table), A, async (tx) => [
        (await tx.unsafe(`update ${name} set tenant_id = tenant_id where tenant_id = '${B}'`)).count,
        (await tx.unsafe(`delete from ${name} where tenant_id = '${B}'`)).count,
      ]);
      expect([name, counts]).toEqual([name, [0, 0]]);
    }
  });

  it('loses the tenant with the transaction: committed, rolled back or read-only', async () => {
    for (const table of tenantTables().filter(({ name }) => name === 'outbox')) {
      const db = of(table);
      const name = fullName(table);
      const visible = async () => (await db.sql.unsafe(`select 1 from ${name}`)).length;
      const pid = async () => (await db.sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]!.pid;
      const before = await pid();
      await withTenant(db, A, (tx) => tx.unsafe(`select 1 from ${name}`));
      expect([name, await visible()]).toEqual([name, 0]);
      await withTenant(db, A, (tx) => tx.unsafe(`select 1 / 0 from ${name}`)).catch(() => undefined);
      expect([name, await visible()]).toEqual([name, 0]);
      await readTenant(db, A, (tx) => [tx.unsafe(`select 1 from ${name}`)]);
      expect([name, await visible()]).toEqual([name, 0]);
      const [setting] = await db.sql<{ now: string }[]>`select current_setting('app.tenant_id', true) as now`;
      expect(setting!.now || '').toBe('');
      // The same connection all the while, or nothing could have leaked.
      expect(await pid()).toBe(before);
    }
  });

  it('cannot become another role, switch row level security off or write its own policy', async () => {
    for (const [schema, { sql }] of apps) {
      const name = `${schema}.outbox`;
      for (const statement of [
        `set role ${rolesOf(schema).worker}`,
        `alter table ${name} disable row level security`,
        `alter table ${name} no force row level security`,
        `create policy mine on ${name} for all using (true)`,
        `truncate ${name}`,
        `create table ${schema}.mine (id int)`,
        `alter role ${rolesOf(schema).app} bypassrls`,
        `set session_replication_role = replica`,
      ]) {
        const code = await sql.unsafe(statement).then(
          () => 'done',
          (error) => error.code,
        );
        expect([statement, code]).toEqual([statement, '42501']);
      }
    }
  });

  it('with row_security off gets an error instead of everything', async () => {
    const [schema, { sql }] = [...apps][0]!;
    const code = await sql
      .begin(async (tx) => {
        await tx`set local row_security = off`;
        await tx.unsafe(`select 1 from ${schema}.outbox`);
      })
      .catch((error) => error.code);
    expect(code).toBe('42501');
  });
});

// What finds nothing proves nothing until it has found what was put there.
describe('each kind of hole is found', () => {
  const holes: [string, string, () => Promise<string[]>, RegExp][] = [
    [
      'a table without tenant_id',
      'create table scheduler.hole (id int)',
      async () => (await listTables(admin.sql)).flatMap(tableProblems),
      /scheduler\.hole has no tenant_id/,
    ],
    [
      'row level security off',
      'alter table scheduler.timers disable row level security',
      async () => (await listTables(admin.sql)).flatMap(tableProblems),
      /scheduler\.timers has no row level security/,
    ],
    [
      'not forced',
      'alter table scheduler.timers no force row level security',
      async () => (await listTables(admin.sql)).flatMap(tableProblems),
      /scheduler\.timers does not force it/,
    ],
    [
      'a policy that lets all through',
      'create policy open on scheduler.timers for select using (true)',
      async () => (await listTables(admin.sql)).flatMap(tableProblems),
      /scheduler\.timers has a policy for recado_scheduler_app that does not ask/,
    ],
    [
      'no policy for the worker',
      'drop policy worker_all on scheduler.timers',
      async () => (await listTables(admin.sql)).flatMap(tableProblems),
      /no policy for recado_scheduler_worker/,
    ],
    [
      'a view with its owner’s rights',
      'create view scheduler.hole as select * from scheduler.timers',
      () => definerProblems(admin.sql),
      /view scheduler\.hole/,
    ],
    [
      'a function with its owner’s rights',
      'create function scheduler.hole() returns int language sql security definer return 1',
      () => definerProblems(admin.sql),
      /function scheduler\.hole/,
    ],
    [
      'a right on another service’s table',
      'grant select on scheduler.timers to recado_identity_app',
      () => roleProblems(admin.sql),
      /recado_identity_app may touch scheduler\.timers/,
    ],
    [
      'the use of another service’s schema',
      'grant usage on schema scheduler to recado_identity_worker',
      () => roleProblems(admin.sql),
      /recado_identity_worker may use the schema scheduler/,
    ],
    [
      'a table owned by a role',
      'alter table scheduler.timers owner to recado_scheduler_app',
      () => roleProblems(admin.sql),
      /recado_scheduler_app owns scheduler\.timers/,
    ],
    [
      'a right on a table without tenants',
      'grant select on scheduler.relay_state to recado_scheduler_app',
      () => roleProblems(admin.sql),
      /recado_scheduler_app may touch scheduler\.relay_state, which knows no tenants/,
    ],
    [
      'a unique key for all tenants',
      'create unique index hole on scheduler.timers (owner, key, id)',
      () => keyProblems(admin.sql),
      /hole \(owner, key, id\)/,
    ],
    [
      'a reference that leaves the tenant',
      'alter table scheduler.timers add constraint hole foreign key (id) references scheduler.outbox (id) not valid',
      () => keyProblems(admin.sql),
      /scheduler\.timers hole may cross tenants/,
    ],
  ];

  it.each(holes)('%s', async (_name, statement, look, found) => {
    await admin.sql`begin`;
    try {
      await admin.sql.unsafe(statement);
      const problems = await look();
      expect(problems.some((line) => found.test(line))).toBe(true);
    } finally {
      await admin.sql`rollback`;
    }
    expect((await look()).some((line) => found.test(line))).toBe(false);
  });
});
