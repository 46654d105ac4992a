const OUTAGE = new Set([
  // the driver lost its connection, or cannot get one
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  // the server shuts down, crashed, starts, has no connection, memory or disk left, or is read-only after a switch-over
  '57P01',
  '57P02',
  '57P03',
  '53000',
  '53100',
  '53200',
  '53300',
  '25006',
]);

/** This transaction lost against others: serialization, deadlock, lock not available, or its time was up. */
const CONTENTION = new Set(['40001', '40P01', '55P03', '57014', '25P03']);

/**
 * Why a transaction failed through no fault of the events in it, or null when it may well be theirs. Such a failure is no
 * try: an outage of the database must not park what was waiting for it. `contention` passes within a few attempts or is
 * not what it seems.
 */
export function passingReason(error: unknown): 'outage' | 'contention' | null {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (!('code' in e) || typeof e.code !== 'string') continue;
    if (CONTENTION.has(e.code)) return 'contention';
    return OUTAGE.has(e.code) || e.code.startsWith('08') ? 'outage' : null;
  }
  return null;
}
