import type postgres from 'postgres';

/** A transaction, as packages/database makes it. */
export interface Tx extends postgres.TransactionSql {
  /** The pool it runs on. */
  readonly pool: object;
  /** Calls `hook` once the transaction has committed, never after a rollback. */
  onCommit(hook: () => void): void;
}

/** Connections that only run statements. */
export type Sql = postgres.Sql;

/** A pool, as packages/database makes it. */
export type Pool = { begin<T>(work: (tx: Tx) => T | Promise<T>): Promise<T> } & Sql;

/** The part of a pino logger used here. */
export interface Log {
  info(fields: object, message?: string): void;
  warn(fields: object, message?: string): void;
  error(fields: object, message?: string): void;
}
