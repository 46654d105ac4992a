import { randomUUID } from 'node:crypto';
import { uuidv7 } from '@recado/contracts';
import { type TestDatabase, testDatabase } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Database } from '../src/connect.ts';
import { createUserDirectory, type LearnedUser, saveUsers } from '../src/known-users.ts';
import { withTenant, withWorker } from '../src/tenant.ts';

let database: TestDatabase;
let app: Database;
let worker: Database;
beforeAll(async () => {
  database = await testDatabase('users');
  app = connect({ url: database.appUrl('conversation'), name: 'test', max: 4 });
  worker = connect({ url: database.workerUrl('conversation'), name: 'test-worker', max: 4 });
});
afterAll(async () => {
  await Promise.all([app.close(), worker.close()]);
  await database.drop();
});

const TIME = '2026-05-01T10:00:00.000Z';
const save = (...users: LearnedUser[]) => withWorker(worker, (tx) => saveUsers(tx, users));
/** Finds without asking. */
const directory = () =>
  createUserDirectory(app, async () => {
    throw new Error('asked');
  });

/** What happened to a user, in its order; several within one millisecond. */
function history(...statuses: LearnedUser['status'][]): LearnedUser[] {
  const user = { tenantId: randomUUID(), id: randomUUID(), role: 'agent' as const };
  return statuses.map((status) => ({ ...user, status, changedAt: TIME, changeId: uuidv7() }));
}

function* orders<T>(list: readonly T[]): Generator<T[]> {
  if (list.length < 2) yield [...list];
  for (const [i, first] of list.entries()) {
    for (const rest of orders(list.toSpliced(i, 1))) if (list.length > 1) yield [first, ...rest];
  }
}

describe('users of others', () => {
  it('are as the latest event says, in every order, one by one and together, twice', async () => {
    for (const order of orders([0, 1, 2])) {
      const events = history('active', 'suspended', 'inactive');
      for (const i of order) await save(events[i]!);
      await save(...order.map((i) => events[i]!));
      expect(await directory().get(events[0]!.tenantId, events[0]!.id)).toMatchObject({ status: 'inactive' });
    }
  });

  it('who were removed stay removed, even after an event with a later time', async () => {
    const [removed, late] = history('removed', 'active') as [LearnedUser, LearnedUser];
    await save(removed);
    const status = async () => (await directory().get(removed.tenantId, removed.id)).status;
    await save({ ...late, changedAt: '2027-01-01T00:00:00.000Z' });
    expect(await status()).toBe('removed');
    await save(late, removed);
    expect(await status()).toBe('removed');
  });

  it('are asked for where no event has told of them, then no more; any event counts more', async () => {
    const { tenantId, id } = history('active')[0]!;
    let asked = 0;
    const users = createUserDirectory(app, async () => {
      asked++;
      return { role: 'supervisor', status: 'active', changedAt: TIME };
    });
    expect(await users.get(tenantId, id)).toEqual({ tenantId, id, role: 'supervisor', status: 'active' });
    await users.get(tenantId, id);
    expect(asked).toBe(1);
    await save({ tenantId, id, role: 'agent', status: 'suspended', changedAt: TIME, changeId: uuidv7() });
    expect(await users.get(tenantId, id)).toMatchObject({ role: 'agent', status: 'suspended' });
  });

  it('do not overwrite what an event told while the owner was asked', async () => {
    const [event] = history('suspended') as [LearnedUser];
    const { tenantId, id } = event;
    const users = createUserDirectory(app, async () => {
      await save(event);
      return { role: 'agent', status: 'active', changedAt: TIME };
    });
    expect(await users.get(tenantId, id)).toMatchObject({ status: 'suspended' });
  });

  it('are not stored when the owner does not know them', async () => {
    const { tenantId, id } = history('active')[0]!;
    await expect(directory().get(tenantId, id)).rejects.toThrow('asked');
    await expect(directory().get(tenantId, id)).rejects.toThrow('asked');
  });

  it('of a tenant are not seen by another: neither by its look-up nor past it', async () => {
    const [event] = history('active') as [LearnedUser];
    await save(event);
    const other = randomUUID();
    await expect(directory().get(other, event.id)).rejects.toThrow('asked');
    const seen = await withTenant(app, other, (tx) => tx`select id from users`);
    expect(seen).toHaveLength(0);
    await expect(withTenant(app, other, (tx) => saveUsers(tx, [event]))).rejects.toThrow('row-level security');
  });
});
