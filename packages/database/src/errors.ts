/** The SQLSTATE or driver code of an error of Postgres, looking through `cause`; null for any other error. */
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

const CONNECTION_CODES = new Set([
  // postgres.js
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  // sockets
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  // the server shuts down, crashed, starts, only reads, or has no disk or connection left
  '25006',
  '53100',
  '57P01',
  '57P02',
  '57P03',
  '53300',
]);

/** Whether the database could not be reached or went away: the caller may answer 503 and the same call may pass later. */
export function isConnectionError(error: unknown): boolean {
  const code = errorCode(error);
  return code !== null && (CONNECTION_CODES.has(code) || code.startsWith('08'));
}
