import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from './connect.ts';
import type { Kind } from './kinds.ts';
import { createPlaces, sharesOf } from './places.ts';
import { readTenant, withTenant } from './tenant.ts';

const CONNECTIONS = 10;
const LONG = 60_000;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

interface Running {
  tenant: string;
  end(error?: Error): void;
}

/** A pool of ten connections whose transactions last until the test ends them. */
function createRun(waitMs = LONG) {
  const running: Running[] = [];
  const failed: [string, string][] = [];
  const statement = () => ({ execute: () => Promise.resolve() });
  const begin = async (...args: unknown[]) => (args.at(-1) as (tx: unknown) => Promise<unknown>)(statement);
  const db = { places: createPlaces(CONNECTIONS, waitMs), sql: { begin } } as unknown as Database;
  const hold = (tenant: string) =>
    new Promise<void>((resolve, reject) => {
      running.push({ tenant, end: (error) => (error ? reject(error) : resolve()) });
    });
  return {
    db,
    running,
    failed,
    of: (tenant: string) => running.filter((one) => one.tenant === tenant).length,
    start(tenant: string, kind: Kind, count = 1) {
      for (let i = 0; i < count; i++) {
        withTenant(db, tenant, () => hold(tenant), kind).catch((error) => failed.push([tenant, error.code]));
      }
      return settle();
    },
    async endFirst(error?: Error) {
      running.shift()!.end(error);
      await settle();
    },
  };
}

describe('connections shared by tenants', () => {
  it('are left for a list of another tenant although one tenant has fifty transactions under way', async () => {
    const run = createRun();
    await run.start('big', 'write', 50);
    expect(run.of('big')).toBe(6);
    expect(run.db.places.stats().waiting).toBe(44);
    await run.start('small', 'list');
    expect(run.of('small')).toBe(1);
  });

  it('are left for a third tenant although two tenants flood', async () => {
    const run = createRun();
    for (const tenant of ['big', 'other']) await run.start(tenant, 'list', 50);
    await run.start('small', 'list', 2);
    expect([run.of('big'), run.of('other'), run.of('small')]).toEqual([6, 2, 1]);
  });

  it('are left for lists of the same tenant although twelve of its searches are under way', async () => {
    const run = createRun();
    await run.start('big', 'search', 12);
    expect(run.of('big')).toBe(2);
    await run.start('big', 'list', 3);
    expect(run.of('big')).toBe(5);
    await run.start('other', 'search', 12);
    expect(run.of('other')).toBe(1);
  });

  it('come back when a transaction fails', async () => {
    const run = createRun();
    await run.start('big', 'search', 12);
    for (let i = 0; i < 10; i++) await run.endFirst(new Error('no'));
    expect(run.of('big')).toBe(2);
    expect(run.failed).toHaveLength(10);
  });

  it('are refused with a code of the tenant that has its share, or of the pool that is full', async () => {
    const run = createRun(1);
    await run.start('a', 'write', 6);
    await expect(withTenant(run.db, 'a', () => 1)).rejects.toMatchObject({ code: 'RECADO_TENANT_BUSY' });
    for (const tenant of ['b', 'c', 'd', 'e']) await run.start(tenant, 'write', 1);
    await expect(readTenant(run.db, 'z', () => [])).rejects.toMatchObject({ code: 'RECADO_POOL_BUSY' });
    expect(run.db.places.stats()).toEqual({ waiting: 0, refused: { tenant: 1, pool: 1 } });
    while (run.running.length > 0) await run.endFirst();
    await expect(withTenant(run.db, 'a', () => 1)).resolves.toBe(1);
  });

  it('are never exceeded, and all transactions get one, whatever comes and in whichever order they end', async () => {
    const kind = fc.constantFrom<Kind>('write', 'list', 'search', 'report', 'export');
    const wanted = fc.array(fc.record({ tenant: fc.constantFrom('a', 'b', 'c', 'd'), kind }), { maxLength: 60 });
    const { all } = sharesOf(CONNECTIONS);
    await fc.assert(
      fc.asyncProperty(wanted, fc.array(fc.nat(), { minLength: 1 }), async (list, order) => {
        const run = createRun();
        for (const one of list) await run.start(one.tenant, one.kind);
        let ended = 0;
        while (run.running.length > 0) {
          expect(run.running.length).toBeLessThanOrEqual(CONNECTIONS);
          for (const tenant of ['a', 'b', 'c', 'd']) expect(run.of(tenant)).toBeLessThanOrEqual(all.perKey);
          run.running.splice(order[ended % order.length]! % run.running.length, 1)[0]!.end();
          ended++;
          await settle();
        }
        expect(ended).toBe(list.length);
      }),
      { numRuns: 60 },
    );
  });
});
