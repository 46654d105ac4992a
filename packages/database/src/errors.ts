import { postgresErrorRule } from '@recado/contracts';

/**
 * No connection came free in time: `tenant` has its share of them, or the `pool` has none left. By
 * its code it stands in the table of Postgres errors.
 */
export class PoolBusy extends Error {
  override readonly name = 'PoolBusy';
  readonly code: 'RECADO_TENANT_BUSY' | 'RECADO_POOL_BUSY';
  constructor(scope: 'tenant' | 'pool') {
    super(`Too many transactions of this ${scope} are under way`);
    this.code = scope === 'tenant' ? 'RECADO_TENANT_BUSY' : 'RECADO_POOL_BUSY';
  }
}

/**
 * The SQLSTATE or driver code of an error of Postgres, looking through `cause`; null for any other
 * error.
 */
export function errorCode(error: unknown): string | null {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string') return e.code;
  }
  return null;
}

/** Whether a unique index refused the row; with `constraint`, whether that very one did. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && e.code === '23505') {
      return constraint === undefined || ('constraint_name' in e && e.constraint_name === constraint);
    }
  }
  return false;
}

/**
 * Whether the server is away, only reads or is full: the caller may answer 503, and the same call
 * may pass later.
 */
export function isConnectionError(error: unknown): boolean {
  return postgresErrorRule(error).event === 'wait';
}
