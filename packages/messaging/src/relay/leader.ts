import postgres from 'postgres';
import type { WorkerSql } from '../types.ts';

/**
 * The session that holds a lock. Everything only the leader may do runs on it, so nothing of it
 * outlives the lock.
 */
export interface Leadership {
  sql: postgres.Sql;
  /** False from the moment the connection is lost: another process may hold the lock then. */
  held(): boolean;
  /** Called once, when the connection dies. */
  onLost(listener: () => void): void;
  /** Gives up at once because something on the connection went wrong; tells the listeners. */
  abandon(): void;
  /** Closes the connection, which gives the lock back. */
  resign(): Promise<void>;
}

/**
 * Tries to become leader on its own connection. A lost session makes `held()` false before the
 * driver's new one, which holds no lock, sends a query. Null when another process leads.
 * @throws when the database cannot be reached or only reads
 */
export async function tryLead(db: WorkerSql, name: string): Promise<Leadership | null> {
  let open = false;
  let lost = false;
  const listeners: (() => void)[] = [];
  const lose = () => {
    if (lost) return;
    lost = true;
    for (const listener of listeners) listener();
  };
  const sql = postgres({
    ...db.options,
    max: 1,
    idle_timeout: null,
    max_lifetime: null,
    shared: { retries: 0, typeArrayMap: {} },
    onclose: () => {
      if (open) lose();
    },
  } as unknown as postgres.Options<Record<string, never>>);
  try {
    const [row] = await sql<{ locked: boolean | null }[]>`
      select case when not (pg_is_in_recovery() or current_setting('transaction_read_only')::boolean)
                  then pg_try_advisory_lock(hashtextextended(${`recado.lead.${name}`}, 0)) end as locked`;
    open = true;
    // A standby grants locks too, and its leader could mark nothing.
    if (row?.locked === null) throw new Error('The database only reads');
    if (!row?.locked) {
      await sql.end({ timeout: 1 });
      return null;
    }
  } catch (error) {
    await sql.end({ timeout: 0 });
    throw error;
  }
  return {
    // Between two awaits of the leader the driver may have dialled again: that session leads
    // nothing.
    sql: new Proxy(sql, {
      apply(target, self, args) {
        if (lost) throw new Error(`no longer leading ${name}`);
        return Reflect.apply(target as unknown as (...args: unknown[]) => unknown, self, args);
      },
    }),
    held: () => !lost,
    onLost: (listener) => listeners.push(listener),
    abandon: lose,
    async resign() {
      lost = true;
      await sql.end({ timeout: 1 });
    },
  };
}
