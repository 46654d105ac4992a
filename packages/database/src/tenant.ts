import type { Database, Tx } from './connect.ts';
import { KINDS, type Kind } from './kinds.ts';

/**
 * One transaction that sees one tenant's rows. `db` is the pool of the tenant-scoped role. Its
 * settings end with it and travel with the first statement: no extra round trip.
 * @throws PoolBusy when no connection came free in time
 */
export function withTenant<T>(
  db: Database,
  tenantId: string,
  work: (tx: Tx) => Promise<T> | T,
  kind: Kind = 'write',
): Promise<T> {
  return inPlace(db, tenantId, kind, () => db.sql.begin((tx) => within(tx, tenantId, kind, () => work(tx))));
}

/**
 * Reads of one tenant in a read-only transaction; the queries of the array travel together.
 * `const [items, total] = await readTenant(db, tenantId, (tx) => [tx`select …`, tx`select …`])`
 * @throws PoolBusy when no connection came free in time
 */
export function readTenant<const Q extends readonly PromiseLike<unknown>[]>(
  db: Database,
  tenantId: string,
  queries: (tx: Tx) => Q,
  kind: Kind = 'list',
): Promise<{ -readonly [K in keyof Q]: Awaited<Q[K]> }> {
  const read = (tx: Tx) => within(tx, tenantId, kind, () => Promise.all(queries(tx)));
  return inPlace(db, tenantId, kind, () => db.sql.begin('read only', read)) as Promise<never>;
}

async function inPlace<T>(db: Database, tenantId: string, kind: Kind, begin: () => Promise<{ value: T }>): Promise<T> {
  const end = await db.places.take(tenantId, kind);
  try {
    return (await begin()).value;
  } finally {
    end();
  }
}

/** In an object: the driver would wait for an array of queries itself. */
async function within<T>(tx: Tx, tenantId: string, kind: Kind, work: () => Promise<T> | T): Promise<{ value: T }> {
  const setting = setTenant(tx, tenantId, kind);
  const value = await work();
  await setting;
  return { value };
}

/**
 * One transaction of the worker role, which sees every tenant: for consumers, relays and timers,
 * never for requests.
 */
export async function withWorker<T>(db: Database, work: (tx: Tx) => Promise<T> | T): Promise<T> {
  const result = await db.sql.begin(async (tx) => ({ value: await work(tx) }));
  return (result as { value: T }).value;
}

function setTenant(tx: Tx, tenantId: string, kind: Kind): Promise<unknown> {
  const { statementMs } = KINDS[kind];
  const limit = statementMs === null ? tx`` : tx`, set_config('statement_timeout', ${String(statementMs)}, true)`;
  const setting = tx`select set_config('app.tenant_id', ${tenantId}, true)${limit}`.execute();
  // When it fails the transaction is aborted and `work` fails first; this keeps the rejection from
  // going unheard.
  setting.catch(() => {});
  return setting;
}
