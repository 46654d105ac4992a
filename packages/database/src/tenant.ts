import type { Database, Tx } from './connect.ts';

/**
 * One transaction that sees one tenant's rows. `db` is the pool of the tenant-scoped role. The
 * setting ends with the transaction and travels with the first statement: no extra round trip.
 */
export async function withTenant<T>(db: Database, tenantId: string, work: (tx: Tx) => Promise<T> | T): Promise<T> {
  const result = await db.sql.begin(async (tx) => {
    const setting = setTenant(tx, tenantId);
    const value = await work(tx);
    await setting;
    return { value };
  });
  return (result as { value: T }).value;
}

/**
 * Reads of one tenant in a read-only transaction; the queries of the array travel together.
 * `const [items, total] = await readTenant(db, tenantId, (tx) => [tx`select …`, tx`select …`])`
 */
export async function readTenant<const Q extends readonly PromiseLike<unknown>[]>(
  db: Database,
  tenantId: string,
  queries: (tx: Tx) => Q,
): Promise<{ -readonly [K in keyof Q]: Awaited<Q[K]> }> {
  const result = await db.sql.begin('read only', async (tx) => {
    const setting = setTenant(tx, tenantId);
    const value = await Promise.all(queries(tx));
    await setting;
    return { value };
  });
  return (result as { value: unknown }).value as { -readonly [K in keyof Q]: Awaited<Q[K]> };
}

/**
 * One transaction of the worker role, which sees every tenant: for consumers, relays and timers,
 * never for requests.
 */
export async function withWorker<T>(db: Database, work: (tx: Tx) => Promise<T> | T): Promise<T> {
  const result = await db.sql.begin(async (tx) => ({ value: await work(tx) }));
  return (result as { value: T }).value;
}

function setTenant(tx: Tx, tenantId: string): Promise<unknown> {
  const setting = tx`select set_config('app.tenant_id', ${tenantId}, true)`.execute();
  // When it fails the transaction is aborted and `work` fails first; this keeps the rejection from
  // going unheard.
  setting.catch(() => {});
  return setting;
}
