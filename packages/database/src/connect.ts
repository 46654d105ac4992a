import postgres from 'postgres';

export type Sql = postgres.Sql;
export type Tx = postgres.TransactionSql;

/** A pool of connections under one database role. */
export interface Database {
  sql: Sql;
  /** One round trip; throws when the server cannot be reached. */
  ping(): Promise<void>;
  /** Commits for real, and leaves nothing behind. @throws with code `read_only` when the server only reads. */
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
  onnotice?: (notice: postgres.Notice) => void;
}

/**
 * Opens a pool (lazily: nothing is dialled until the first query). Reconnects by itself with pauses of at
 * most 1 s, so that a restarted server is used again quickly.
 */
export function connect({ url, name, max = 10, onnotice = () => {} }: ConnectOptions): Database {
  const sql = postgres(url, {
    max,
    onnotice,
    connect_timeout: 5, // seconds
    backoff: (retries: number) => Math.min(0.05 * 2 ** retries, 1), // seconds
    connection: { application_name: name, TimeZone: 'UTC' },
  });
  return {
    sql,
    ping: async () => {
      await sql`select 1`;
    },
    async checkWrite() {
      // A message in the write-ahead log: no table, no rubbish, and the commit waits for the disk.
      const [row] = await sql<{ written: string | null }[]>`
        select case when pg_is_in_recovery() or current_setting('transaction_read_only')::boolean then null
                    else pg_logical_emit_message(true, 'recado.health', '')::text end as written`;
      if (!row?.written) throw Object.assign(new Error('The database only reads'), { code: 'read_only' });
    },
    close: () => sql.end({ timeout: 5 }),
  };
}
