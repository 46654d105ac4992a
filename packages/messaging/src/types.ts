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
  /** Sequence in its stream; 0 for a replayed dead letter. */
  seq: number;
  /** Published again after the stream was lost: it may have been seen long ago. */
  replay: boolean;
}

export type { ServiceName };
