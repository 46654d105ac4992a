import { postgresErrorRule } from '@recado/contracts';

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
