import type { Envelope, ServiceName } from '@recado/contracts';
import type postgres from 'postgres';

/** The pool of a service's worker role. */
export type WorkerSql = postgres.Sql;
export type Tx = postgres.TransactionSql;

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
  /** Sequence of its message in the stream; 0 for one that failed before and is handed over again. */
  seq: number;
  /** It may have been seen before: published again after the stream was lost, or failed before. */
  replay: boolean;
}

export type { ServiceName };
