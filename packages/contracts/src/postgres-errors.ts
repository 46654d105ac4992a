/**
 * The one table of Postgres errors: SQLSTATEs, and codes of the driver, by what they mean for the
 * caller. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export const POSTGRES_ERRORS = {
  /** The server cannot be reached, goes down, comes up, or refuses the login. */
  outage: [
    ...['CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT'],
    ...['08000', '08001', '08003', '08004', '08006', '08007', '08P01'],
    ...['57P01', '57P02', '57P03', '57P04', '57P05'],
    // too many connections; the login or the database is missing; the disk fails
    ...['53300', '28000', '28P01', '3D000', '58000', '58030'],
  ],
  /** A standby after a switch-over: another connection may reach the new primary. */
  'read-only': ['25006'],
  /** No disk or memory left. */
  full: ['53000', '53100', '53200'],
  /** The transaction lost against others: serialization, deadlock, lock not available. */
  contention: ['40001', '40P01', '55P03'],
  /** A statement or a transaction took too long, or too much temporary space. */
  timeout: ['57014', '25P03', '25P04', '53400'],
  /** No connection came free: the tenant has its share of the pool, or the pool has none. */
  'tenant-busy': ['RECADO_TENANT_BUSY'],
  'pool-busy': ['RECADO_POOL_BUSY'],
  unique: ['23505'],
  /** Every other SQLSTATE. */
  bug: [],
} as const satisfies Record<string, readonly string[]>;

export type PostgresErrorClass = keyof typeof POSTGRES_ERRORS;

/** What a part does about an error of Postgres. */
export interface PostgresErrorRule {
  /** The answer to a request that no use case gave itself. */
  status: 429 | 500 | 503;
  /**
   * What a consumer does. `wait`: try until it passes. `retry`: try a few times at once; what fails
   * still is counted. `count`: it is a failed try of the event, and the last one parks it.
   */
  event: 'wait' | 'retry' | 'count';
}

export const POSTGRES_ERROR_RULES: Record<PostgresErrorClass, PostgresErrorRule> = {
  outage: { status: 503, event: 'wait' },
  'read-only': { status: 503, event: 'wait' },
  full: { status: 503, event: 'wait' },
  contention: { status: 503, event: 'retry' },
  timeout: { status: 503, event: 'retry' },
  'tenant-busy': { status: 429, event: 'wait' },
  'pool-busy': { status: 503, event: 'wait' },
  unique: { status: 500, event: 'count' },
  bug: { status: 500, event: 'count' },
};

const BY_CODE = new Map<string, PostgresErrorClass>(
  Object.entries(POSTGRES_ERRORS).flatMap(([name, codes]) =>
    codes.map((code): [string, PostgresErrorClass] => [code, name as PostgresErrorClass]),
  ),
);
/** Codes of sockets start with an E, which no class of SQLSTATEs does. */
const SQLSTATE = /^[0-9FHPX][0-9A-Z]{4}$/;

/** The class of a code. Null when it is neither an SQLSTATE nor one of the driver. */
export function postgresErrorClass(code: string): PostgresErrorClass | null {
  return BY_CODE.get(code) ?? (SQLSTATE.test(code) ? 'bug' : null);
}

/** Codes of Node when a server cannot be reached. They do not tell which server. */
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * Whether an error says that a socket could not reach its server, or lost it. A missing file is
 * none.
 */
export function isSocketError(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return typeof code === 'string' && (SOCKET_CODES.has(code) || (code === 'ENOENT' && syscall === 'connect'));
}

/**
 * What a failed statement or transaction was, looking through `cause`. Null when it was no error of
 * Postgres.
 */
export function findPostgresErrorClass(error: unknown): PostgresErrorClass | null {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (!('code' in e) || typeof e.code !== 'string') continue;
    return isSocketError(e) ? 'outage' : postgresErrorClass(e.code);
  }
  return null;
}

/**
 * What to do about a failed transaction. An error that is not of Postgres is a bug like any other.
 */
export const postgresErrorRule = (error: unknown): PostgresErrorRule =>
  POSTGRES_ERROR_RULES[findPostgresErrorClass(error) ?? 'bug'];
