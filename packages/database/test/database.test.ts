import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, testDatabase } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  connect,
  type Database,
  errorCode,
  isConnectionError,
  isUniqueViolation,
  migrate,
  readTenant,
  rolesOf,
  secureSchema,
  withTenant,
  withWorker,
} from '../src/index.ts';

const A = '0190a0a0-0000-7000-8000-00000000000a';
const B = '0190a0a0-0000-7000-8000-00000000000b';
const FIRST = '0190a0a0-0000-7000-8000-000000000001';
const SECOND = '0190a0a0-0000-7000-8000-000000000002';

/** Migrations as drizzle-kit writes them. */
async function migrationsFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'recado-migrations-'));
  await mkdir(join(folder, 'meta'));
  writeFileSync(
    join(folder, 'meta/_journal.json'),
    JSON.stringify({
      version: '7',
      dialect: 'postgresql',
      entries: [{ idx: 0, version: '7', when: 1_700_000_000_000, tag: '0000_init', breakpoints: true }],
    }),
  );
  writeFileSync(
    join(folder, '0000_init.sql'),
    `CREATE SCHEMA "dbtest";
--> statement-breakpoint
CREATE TABLE "dbtest"."items" ("id" uuid PRIMARY KEY, "tenant_id" uuid NOT NULL, "name" text NOT NULL, UNIQUE ("tenant_id", "name"));
--> statement-breakpoint
CREATE TABLE "dbtest"."internal" ("id" int PRIMARY KEY);
--> statement-breakpoint
CREATE TABLE "dbtest"."shared" ("id" int PRIMARY KEY);
--> statement-breakpoint
CREATE VIEW "dbtest"."item_names" AS SELECT "tenant_id", "name" FROM "dbtest"."items";`,
  );
  return folder;
}

let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: string;
let admin: Database;
let app: Database;
let worker: Database;

const options = () => ({
  adminUrl: database.adminUrl,
  service: 'dbtest',
  schema: 'dbtest',
  migrationsFolder: folder,
  appPassword: "it's",
  workerPassword: 'w',
  appTables: ['shared'],
});
function urlOf(user: string, password: string): string {
  const url = new URL(database.adminUrl);
  url.username = user;
  url.password = encodeURIComponent(password);
  return url.href;
}

beforeAll(async () => {
  database = await testDatabase('database');
  folder = await migrationsFolder();
  // From two places at the same moment, and once more.
  await Promise.all([migrate(options()), migrate(options())]);
  await migrate(options());
  admin = connect({ url: database.adminUrl, name: 'test-admin', max: 2 });
  app = connect({ url: urlOf(rolesOf('dbtest').app, "it's"), name: 'test-app', max: 3 });
  worker = connect({ url: urlOf(rolesOf('dbtest').worker, 'w'), name: 'test-worker', max: 3 });
});
afterAll(async () => {
  await Promise.all([admin?.close(), app?.close(), worker?.close()]);
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await admin.sql`truncate dbtest.items`;
  await withWorker(
    worker,
    (tx) => tx`
    insert into items values (${FIRST}, ${A}, 'of A'), (${SECOND}, ${B}, 'of B')`,
  );
});

describe('a pool', () => {
  test('ends a statement at its time limit, also while it waits for a lock', async () => {
    const quick = connect({ url: urlOf(rolesOf('dbtest').worker, 'w'), name: 'test-quick', max: 2, statementMs: 300 });
    try {
      await expect(quick.sql`select pg_sleep(20)`).rejects.toMatchObject({ code: '57014' });
      await admin.sql.begin(async (tx) => {
        await tx`lock table dbtest.items in access exclusive mode`;
        await expect(quick.sql`select count(*) from items`).rejects.toMatchObject({ code: '57014' });
      });
    } finally {
      await quick.close();
    }
  });

  test('has default deadlines for statements and for idle transactions, and one processor for each', async () => {
    const [row] = await app.sql`
      select current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle,
             current_setting('max_parallel_workers_per_gather') as more`;
    expect(row).toEqual({ statement: '10s', idle: '1min', more: '0' });
  });
});

describe('after a switch-over', () => {
  // Sessions that began read-only stay so, like those on an old primary. New ones reach a server
  // that writes.
  async function onOldPrimary(work: (pool: Database) => Promise<void>): Promise<void> {
    const { worker: role } = rolesOf('dbtest');
    await admin.sql.unsafe(`alter role ${role} set default_transaction_read_only = on`);
    const pool = connect({ url: urlOf(role, 'w'), name: 'test-switch', max: 2 });
    try {
      await Promise.all([1, 2].map(() => pool.sql`select pg_sleep(0.05)`));
      await admin.sql.unsafe(`alter role ${role} reset default_transaction_read_only`);
      await work(pool);
    } finally {
      await admin.sql.unsafe(`alter role ${role} reset default_transaction_read_only`);
      await pool.close();
    }
  }

  test('a pool leaves the server that only reads at the first refused transaction, and its reads go on', async () => {
    await onOldPrimary(async (pool) => {
      const write = () => withWorker(pool, (tx) => tx`insert into items values (gen_random_uuid(), ${A}, 'new')`);
      const reading = withWorker(pool, (tx) => tx`select pg_sleep(0.3), name from items order by name`);
      await expect(write()).rejects.toMatchObject({ code: '25006' });
      expect(await reading).toMatchObject([{ name: 'of A' }, { name: 'of B' }]);
      await eventually(write);
    });
  });

  test('a refused statement without a transaction does the same', async () => {
    await onOldPrimary(async (pool) => {
      const write = () => pool.sql`insert into items values (gen_random_uuid(), ${A}, 'new')`;
      await expect(write()).rejects.toMatchObject({ code: '25006' });
      await eventually(write);
    });
  });

  test('a refused readiness check does the same', async () => {
    await onOldPrimary(async (pool) => {
      await expect(pool.checkWrite()).rejects.toMatchObject({ code: 'read_only' });
      await eventually(() => pool.checkWrite());
    });
  });

  test('a write in a read-only transaction does not count as a read-only server', async () => {
    const single = connect({ url: urlOf(rolesOf('dbtest').app, "it's"), name: 'test-single', max: 1 });
    try {
      const [first] = await single.sql`select pg_backend_pid() as pid`;
      const writing = readTenant(single, A, (tx) => [tx`delete from items`]);
      await expect(writing).rejects.toMatchObject({ code: '25006' });
      expect(await single.sql`select pg_backend_pid() as pid`).toEqual([first]);
    } finally {
      await single.close();
    }
  });
});

describe('migrate', () => {
  test('runs each migration once, though called three times and twice at once', async () => {
    expect(await admin.sql`select 1 from drizzle.dbtest`).toHaveLength(1);
    const policies = await admin.sql<{ polname: string }[]>`
      select polname from pg_policy where polrelid = 'dbtest.items'::regclass order by 1`;
    expect(policies.map((row) => row.polname)).toEqual(['tenant_isolation', 'worker_all']);
  });

  test('makes roles that cannot pass row level security', async () => {
    const roles = await admin.sql`
      select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname like 'recado_dbtest_%'`;
    expect(roles).toHaveLength(2);
    for (const role of roles) expect(Object.values(role)).toEqual([false, false, false, false]);
  });

  test('secures a table that came later', async () => {
    await admin.sql`create table dbtest.late (id int primary key, tenant_id uuid not null)`;
    await secureSchema(admin.sql, {
      schema: 'dbtest',
      appRole: rolesOf('dbtest').app,
      workerRole: rolesOf('dbtest').worker,
      appTables: ['shared'],
    });
    await withWorker(worker, (tx) => tx`insert into late values (1, ${A})`);
    expect(await withTenant(app, B, (tx) => tx`select * from late`)).toHaveLength(0);
    await admin.sql`drop table dbtest.late`;
  });
});

describe('tenants', () => {
  test('see their own rows and no others, without naming themselves', async () => {
    const names = (tenant: string) => withTenant(app, tenant, (tx) => tx<{ name: string }[]>`select name from items`);
    expect(await names(A)).toEqual([{ name: 'of A' }]);
    expect(await names(B)).toEqual([{ name: 'of B' }]);
    expect(await withTenant(app, B, (tx) => tx`select 1 from items where id = ${FIRST}`)).toHaveLength(0);
  });

  test('cannot change rows of another tenant, nor move theirs to another', async () => {
    const changed = await withTenant(app, B, async (tx) => [
      (await tx`update items set name = 'mine' where id = ${FIRST}`).count,
      (await tx`delete from items where id = ${FIRST}`).count,
    ]);
    expect(changed).toEqual([0, 0]);
    const insert = withTenant(app, B, (tx) => tx`insert into items values (gen_random_uuid(), ${A}, 'x')`);
    await expect(insert).rejects.toMatchObject({ code: '42501' });
    const move = withTenant(app, B, (tx) => tx`update items set tenant_id = ${A}`);
    await expect(move).rejects.toMatchObject({ code: '42501' });
  });

  test('run their hooks after the commit, in order, and never after a rollback', async () => {
    const seen: string[] = [];
    const committed = () => worker.sql`select 1 from items where name = 'hooked'`.then((rows) => rows.length);
    const value = await withTenant(app, A, async (tx) => {
      tx.onCommit(() => seen.push('first'));
      await tx`insert into items values (gen_random_uuid(), ${A}, 'hooked')`;
      tx.onCommit(() => seen.push('second'));
      expect(seen).toEqual([]);
      return 7;
    });
    expect([value, seen, await committed()]).toEqual([7, ['first', 'second'], 1]);
    const failing = withWorker(worker, (tx) => {
      tx.onCommit(() => seen.push('never'));
      return tx`select 1 / 0`;
    });
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    expect(seen).toEqual(['first', 'second']);
    await worker.sql`delete from items where name = 'hooked'`;
  });

  test('keep the result of a commit whose hook fails, and warn of it', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const value = await withWorker(worker, (tx) => {
      tx.onCommit(() => {
        throw new Error('the hook failed');
      });
      return tx`select 1 as one`;
    });
    expect(value[0]).toEqual({ one: 1 });
    expect((await warned).message).toBe('the hook failed');
  });

  test('have no rows outside of withTenant, also after one on the same connection', async () => {
    const single = connect({ url: urlOf(rolesOf('dbtest').app, "it's"), name: 'single', max: 1 });
    expect(await single.sql`select 1 from items`).toHaveLength(0);
    await withTenant(single, A, (tx) => tx`select 1 from items`);
    // A local setting that was reset reads as '': no rows, and no error either.
    const [row] = await single.sql<{ value: string }[]>`select current_setting('app.tenant_id', true) as value`;
    expect(row?.value).toBe('');
    expect(await single.sql`select 1 from items`).toHaveLength(0);
    await single.close();
  });

  test('do not see another tenant’s rows through a view or as owner of the table', async () => {
    expect(await withTenant(app, A, (tx) => tx`select name from item_names`)).toEqual([{ name: 'of A' }]);
    const [row] = await admin.sql`
      select relrowsecurity, relforcerowsecurity from pg_class where oid = 'dbtest.items'::regclass`;
    expect(row).toEqual({ relrowsecurity: true, relforcerowsecurity: true });
    // An owner without bypassrls is held back as well.
    await admin.sql
      .begin(async (tx) => {
        await tx`create role dbtest_owner`;
        await tx`grant usage on schema dbtest to dbtest_owner`;
        await tx`alter table dbtest.items owner to dbtest_owner`;
        await tx`set local role dbtest_owner`;
        expect(await tx`select 1 from dbtest.items`).toHaveLength(0);
        await tx`reset role`;
        throw new Error('undo');
      })
      .catch((error: Error) => {
        if (error.message !== 'undo') throw error;
      });
  });

  test('do not reach tables without tenant, except those listed', async () => {
    await expect(withTenant(app, A, (tx) => tx`select 1 from internal`)).rejects.toMatchObject({ code: '42501' });
    expect(await withTenant(app, A, (tx) => tx`select 1 from shared`)).toHaveLength(0);
  });

  test('a bad tenant id is refused as a whole', async () => {
    await expect(withTenant(app, "x' or true --", (tx) => tx`select 1 from items`)).rejects.toMatchObject({
      code: '22P02',
    });
  });

  test('read several results in one round trip', async () => {
    const [items, [count]] = await readTenant(app, A, (tx) => [
      tx<{ name: string }[]>`select name from items`,
      tx<{ n: number }[]>`select count(*)::int as n from items`,
    ]);
    expect(items).toEqual([{ name: 'of A' }]);
    expect(count?.n).toBe(1);
    const writing = readTenant(app, A, (tx) => [tx`delete from items`]);
    await expect(writing).rejects.toMatchObject({ code: '25006' });
  });

  test('a worker sees every tenant', async () => {
    expect(await withWorker(worker, (tx) => tx`select 1 from items`)).toHaveLength(2);
  });
});

describe('errors', () => {
  test('a unique violation tells its constraint', async () => {
    const error = await withTenant(
      app,
      A,
      (tx) => tx`insert into items values (gen_random_uuid(), ${A}, 'of A')`,
    ).catch((e) => e);
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, 'items_tenant_id_name_key')).toBe(true);
    expect(isUniqueViolation(error, 'another')).toBe(false);
    expect(isUniqueViolation(new Error('outer', { cause: error }))).toBe(true);
    expect(isConnectionError(error)).toBe(false);
  });

  test('an unreachable server is a connection error', async () => {
    const nowhere = connect({ url: 'postgres://x:x@127.0.0.1:9/x', name: 'nowhere' });
    const error = await nowhere.ping().catch((e) => e);
    expect(errorCode(error)).toBe('ECONNREFUSED');
    expect(isConnectionError(error)).toBe(true);
    await nowhere.close();
  });

  test('the pool goes on after its session is killed under a running query', async () => {
    const single = connect({ url: urlOf(rolesOf('dbtest').worker, 'w'), name: 'victim', max: 1 });
    for (let round = 0; round < 5; round++) {
      const failing = withWorker(single, (tx) => tx`select pg_sleep(10)`).catch((error) => error);
      await eventually(async () => {
        const killed = await admin.sql`
          select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'victim' and query like '%pg_sleep(10)%' and state = 'active'`;
        expect(killed).toHaveLength(1);
      });
      expect(isConnectionError(await failing)).toBe(true);
      expect(await withWorker(single, (tx) => tx`select ${round}::int as round`)).toEqual([{ round }]);
    }
    await single.close();
  });

  test('a session killed in a transaction ends it, and later queries of the callback are not executed', async () => {
    let finished = () => {};
    const ended = new Promise<void>((resolve) => {
      finished = resolve;
    });
    let late: unknown;
    const failing = withWorker(worker, async (tx) => {
      const [{ pid } = { pid: 0 }] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await tx`insert into items values (gen_random_uuid(), ${A}, 'before')`;
      await admin.sql`select pg_terminate_backend(${pid})`;
      await pause(100);
      // Every connection of the pool is in use again by now, on new sessions.
      await Promise.all([1, 2, 3].map(() => worker.sql`select pg_sleep(0.05)`));
      late = await tx`insert into items values (gen_random_uuid(), ${A}, 'after')`.catch((error) => error);
      finished();
    });
    await expect(failing).rejects.toSatisfy(isConnectionError);
    await ended;
    expect(isConnectionError(late)).toBe(true);
    expect(await worker.sql`select name from items order by name`).toEqual([{ name: 'of A' }, { name: 'of B' }]);
  });
});
