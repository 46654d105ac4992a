import { randomUUID } from 'node:crypto';
import { type TestDatabase, testDatabase } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database } from '../src/connect.ts';
import { createTenantDirectory, findTenants, type KnownTenant, lockTenant, saveTenants } from '../src/known-tenants.ts';
import { withTenant, withWorker } from '../src/tenant.ts';

let database: TestDatabase;
let app: Database;
let worker: Database;
beforeAll(async () => {
  database = await testDatabase('tenants');
  // Any service that keeps them will do.
  app = connect({ url: database.appUrl('conversation'), name: 'test', max: 4 });
  worker = connect({ url: database.workerUrl('conversation'), name: 'test-worker', max: 4 });
});
afterAll(async () => {
  await Promise.all([app.close(), worker.close()]);
  await database.drop();
});

const at = (minute: number) => `2026-05-01T10:0${minute}:00.000Z`;
const save = (...tenants: KnownTenant[]) => withWorker(worker, (tx) => saveTenants(tx, tenants));
const find = async (tenantId: string) => (await withWorker(worker, (tx) => findTenants(tx, [tenantId])))[0];

describe('tenants of others', () => {
  it('have the state of the latest event, in any order and batches', async () => {
    const tenantId = randomUUID();
    const word = (minute: number, plan: KnownTenant['plan']) => ({
      tenantId,
      plan,
      timezone: 'UTC',
      country: null,
      changedAt: at(minute),
    });
    const words = [word(1, 'basic'), word(3, 'enterprise'), word(2, 'pro')];
    await save(words[1]!, words[0]!);
    await save(words[2]!);
    await save(...words);
    expect(await find(tenantId)).toEqual({ tenantId, plan: 'enterprise', timezone: 'UTC', country: null });
  });

  it('are asked for once, also by parallel callers, and then never again', async () => {
    const tenantId = randomUUID();
    const asked: string[] = [];
    const directory = createTenantDirectory(app, async (id) => {
      asked.push(id);
      return { plan: 'pro', timezone: 'America/Lima', country: null, changedAt: at(0) };
    });
    await Promise.all(Array.from({ length: 20 }, () => directory.ensure(tenantId)));
    await directory.ensure(tenantId);
    expect(asked).toEqual([tenantId]);
    // What was asked is old news beside any event.
    await save({ tenantId, plan: 'basic', timezone: 'America/Lima', country: null, changedAt: at(1) });
    expect(await find(tenantId)).toMatchObject({ plan: 'basic' });
    expect(await withTenant(app, tenantId, (tx) => lockTenant(tx, tenantId))).toMatchObject({ plan: 'basic' });
    await expect(withTenant(app, tenantId, (tx) => lockTenant(tx, randomUUID()))).rejects.toThrow('Not known yet');
  });

  it('are asked for again by the next caller when the owner was away', async () => {
    const tenantId = randomUUID();
    let away = true;
    const directory = createTenantDirectory(app, async () => {
      if (away) throw new Error('away');
      return { plan: 'pro', timezone: 'America/Lima', country: null, changedAt: at(0) };
    });
    await expect(directory.ensure(tenantId)).rejects.toThrow('away');
    away = false;
    await directory.ensure(tenantId);
    expect(await find(tenantId)).toMatchObject({ plan: 'pro' });
  });
});
