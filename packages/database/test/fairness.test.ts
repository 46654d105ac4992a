import { randomUUID } from 'node:crypto';
import { type TestDatabase, testDatabase } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database } from '../src/connect.ts';
import { KINDS, type Kind } from '../src/kinds.ts';
import { readTenant, withTenant } from '../src/tenant.ts';

const [A, B] = [randomUUID(), randomUUID()];
let database: TestDatabase;
let admin: Database;
let app: Database;
beforeAll(async () => {
  database = await testDatabase('fairness');
  admin = connect({ url: database.adminUrl, name: 'test-admin', max: 2 });
  app = connect({ url: database.appUrl('conversation'), name: 'test-app', max: 5 });
});
afterAll(async () => {
  await Promise.all([admin.close(), app.close()]);
  await database.drop();
});

const limitOf = async (kind: Kind, tenantId = A) => {
  const [[row]] = await readTenant(
    app,
    tenantId,
    (tx) => [tx<{ ms: number }[]>`select setting::int as ms from pg_settings where name = 'statement_timeout'`],
    kind,
  );
  return row!.ms;
};

describe('connections of a pool', () => {
  it('serve another tenant while all that one tenant may have wait for a lock', async () => {
    let isSettled = false;
    await admin.sql.begin(async (held) => {
      await held`lock table conversation.tags in access exclusive mode`;
      const flood = Array.from({ length: 12 }, () => withTenant(app, A, (tx) => tx`select count(*) from tags`));
      void Promise.race(flood).then(
        () => (isSettled = true),
        () => (isSettled = true),
      );
      const [[seen]] = await readTenant(app, B, (tx) => [
        tx<{ id: string }[]>`select current_setting('app.tenant_id') as id`,
      ]);
      expect(seen!.id).toBe(B);
      expect(isSettled).toBe(false);
      flood.forEach((one) => void one.catch(() => {}));
    });
  });

  it('end a statement at the limit of its kind, and have the pool’s own limit for what follows', async () => {
    for (const kind of Object.keys(KINDS) as Kind[]) {
      expect(await limitOf(kind)).toBe(KINDS[kind].statementMs ?? 10_000);
      expect(await limitOf('write')).toBe(10_000);
    }
  });

  it('come back after a statement that was out of time, and the tenant reads on', async () => {
    const slow = () =>
      withTenant(app, A, async (tx) => {
        await tx`select set_config('statement_timeout', '1', true)`;
        await tx`select pg_sleep(5)`;
      });
    await Promise.all(Array.from({ length: 12 }, () => expect(slow()).rejects.toMatchObject({ code: '57014' })));
    expect(await limitOf('list')).toBe(KINDS.list.statementMs);
  });
});
