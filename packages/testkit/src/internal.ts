import { randomUUID } from 'node:crypto';
import { type Caller, createLogger, signInternalToken } from '@recado/service-kit';

/** The key of internal tokens in tests; give it to the apps under test as RECADO_INTERNAL_SECRET. */
export const TEST_INTERNAL_SECRET = 'a secret of tests alone, long enough to be taken';

/** Who calls, in a test: an admin of a tenant of its own unless told otherwise. */
export function internalCaller(given: Partial<Caller> = {}): Caller {
  return {
    tenantId: randomUUID(),
    userId: randomUUID(),
    role: 'admin',
    permissions: [],
    edition: null,
    service: 'gateway',
    ...given,
  };
}

/** The internal token that caller holds: the `authorization` header is `Bearer <token>`. */
export function internalToken(caller: Partial<Caller> = {}, secret = TEST_INTERNAL_SECRET): string {
  return signInternalToken(secret, internalCaller(caller));
}

/** A logger that is quiet unless LOG_LEVEL says otherwise. */
export function testLogger(name = 'test') {
  return createLogger({ name, level: process.env.LOG_LEVEL ?? 'silent', format: 'pretty' });
}
