import type { Envelope } from '@recado/contracts';
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
export type WorkerSql = { begin<T>(work: (tx: Tx) => T | Promise<T>): Promise<T> } & Sql;

/** The part of a pino logger used here. */
export interface Log {
  debug(fields: object, message?: string): void;
  debug(message: string): void;
  info(fields: object, message?: string): void;
  info(message: string): void;
  warn(fields: object, message?: string): void;
  warn(message: string): void;
  error(fields: object, message?: string): void;
  error(message: string): void;
}

/** An event as a handler gets it. */
export interface Delivered<T = unknown> {
  envelope: Envelope<T>;
  data: T;
  tenantId: string;
  /** The event's id. */
  id: string;
  /**
   * Sequence of its message in the stream; 0 for one that failed before and is handed over again.
   */
  seq: number;
  /** It may have been seen before: published again after the stream was lost, or failed before. */
  replay: boolean;
}
