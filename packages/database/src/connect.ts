import { findPostgresErrorClass } from '@recado/contracts';
import postgres from 'postgres';
import { createPlaces, type Places } from './places.ts';

/** A transaction under way. */
export interface Tx extends postgres.TransactionSql {
  /** The pool it runs on. */
  readonly pool: object;
  /**
   * Calls `hook` once the transaction has committed, never after a rollback. A throw becomes a
   * process warning.
   */
  onCommit(hook: () => void): void;
}

export type Sql = postgres.Sql;

/** A pool made by connect(). Each of its transactions is a Tx. */
export type Pool = {
  begin<T>(work: (tx: Tx) => T | Promise<T>): Promise<T>;
  begin<T>(options: string, work: (tx: Tx) => T | Promise<T>): Promise<T>;
} & Sql;

/** A pool of connections under one database role. */
export interface Database {
  sql: Pool;
  /** Its connections, shared by tenants: withTenant and readTenant take one of them. */
  places: Places;
  /** One round trip; throws when the server cannot be reached. */
  ping(): Promise<void>;
  /**
   * Commits for real, and leaves nothing behind. @throws with code `read_only` when the server only
   * reads.
   */
  checkWrite(): Promise<void>;
  /** Lets running queries end (5 s at most), then closes every connection. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Connections at most; 10 by default. */
  max?: number;
  /**
   * Milliseconds of a statement at most, its wait for locks included; by default those of a pool
   * that answers requests.
   */
  statementMs?: number;
  onnotice?: (notice: postgres.Notice) => void;
}

/** The caller of a request has given up before. */
const REQUEST_STATEMENT_MS = 10_000;
/**
 * For the pools of consumers, relays and housekeeping: a batch takes a second at most, a report
 * some.
 */
export const WORK_STATEMENT_MS = 60_000;
/** A transaction that stays idle this long is ended: it holds locks and a connection. */
const IDLE_IN_TRANSACTION_MS = 60_000;
/** Connections are dialled anew this often at most while every server only reads. */
const REDIAL_MS = 1000;

/**
 * Opens a pool (lazily: nothing is dialled until the first query). Reconnects by itself with pauses
 * of at most 1 s, so that a restarted server is used again quickly.
 */
export function connect(options: ConnectOptions): Database {
  const { url, name, max = 10, statementMs = REQUEST_STATEMENT_MS, onnotice = () => {} } = options;
  const driver = postgres(url, {
    max,
    onnotice,
    connect_timeout: 5, // seconds
    backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 1), // seconds
    connection: {
      application_name: name,
      TimeZone: 'UTC',
      statement_timeout: statementMs,
      // One processor for a statement: more would be those of other tenants. As a text: the driver
      // leaves a 0 out.
      max_parallel_workers_per_gather: '0',
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    },
  });
  const leaveServer = createLeave(driver);
  const sql = withHooks(driver, leaveServer);
  return {
    sql,
    places: createPlaces(max),
    ping: async () => {
      await sql`select 1`;
    },
    async checkWrite() {
      // A message in the write-ahead log: no table, no rubbish, and the commit waits for the disk.
      const [row] = await sql<{ written: string | null }[]>`
        select case when pg_is_in_recovery() or current_setting('transaction_read_only')::boolean then null
                    else pg_logical_emit_message(true, 'recado.health', '')::text end as written`;
      if (row?.written) return;
      // A service that is not ready gets no requests, so only this check would notice the new
      // primary.
      leaveServer();
      throw Object.assign(new Error('The database only reads'), { code: 'read_only' });
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

/**
 * Adds `pool` and `onCommit` to each transaction of a pool, and leaves a server that only reads.
 */
function withHooks(driver: Sql, leaveServer: () => void): Pool {
  const begin = driver.begin.bind(driver) as (...args: unknown[]) => Promise<unknown>;
  const see = (error: unknown) => {
    if (findPostgresErrorClass(error) === 'read-only') leaveServer();
  };
  const pool = new Proxy(driver, {
    apply(target, self, args) {
      const made: unknown = Reflect.apply(target as (...args: unknown[]) => unknown, self, args);
      if (made instanceof Promise) watchStatement(made as unknown as Statement, see);
      return made;
    },
  });
  return Object.assign(pool, {
    async begin(...args: [string, Work] | [Work]) {
      const hooks: (() => void)[] = [];
      const extras = { pool, onCommit: (hook: () => void) => void hooks.push(hook) };
      const isReadOnly = typeof args[0] === 'string' && args[0].includes('read only');
      const work = args.pop() as Work;
      let value: unknown;
      try {
        value = await begin(...args, (tx: postgres.TransactionSql) => work(Object.assign(tx, extras)));
      } catch (error) {
        // A transaction that is read-only itself says nothing of its server.
        if (!isReadOnly) see(error);
        throw error;
      }
      for (const hook of hooks) run(hook);
      return value;
    },
  }) as Pool;
}

/** The driver's statement: it calls `reject` when the server refuses. */
interface Statement {
  reject(error: unknown): void;
}

function watchStatement(statement: Statement, see: (error: unknown) => void): void {
  const { reject } = statement;
  statement.reject = (error) => {
    see(error);
    reject(error);
  };
}

/**
 * After a switch-over the old sessions stay on a server that only reads. Returns what ends each
 * connection after its transaction; the next statement dials anew.
 */
function createLeave(driver: Sql): () => void {
  let leftAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - leftAt < REDIAL_MS) return;
    leftAt = performance.now();
    // Ends connections and not the pool, as the driver does after `max_lifetime`. The driver's
    // types lack it.
    (driver as unknown as { close(): Promise<void> }).close().catch(() => {});
  };
}

type Work = (tx: Tx) => unknown;

/** The transaction has committed: a hook that fails must not make its caller believe otherwise. */
function run(hook: () => void): void {
  try {
    hook();
  } catch (error) {
    process.emitWarning(error as Error);
  }
}
