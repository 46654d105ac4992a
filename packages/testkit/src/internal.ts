import { createHash, createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { SERVICES } from '@recado/contracts';
import {
  type Caller,
  createInternalTokens,
  createLogger,
  type InternalKeyConfig,
  type InternalTokens,
  publicKeyText,
} from '@recado/service-kit';

/** Every calling service. */
export const TEST_CALLERS = [...SERVICES, 'operator', 'tester'] as const;

// PKCS8 of an Ed25519 key, up to its 32 bytes. Made of the name, so that every process of a test
// has the same keys.
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

function keyOf(name: string): KeyObject {
  const seed = createHash('sha256').update(`recado test ${name}`).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
}

const PUBLIC_KEYS = JSON.stringify(Object.fromEntries(TEST_CALLERS.map((one) => [one, publicKeyText(keyOf(one))])));

/** The keys of internal tokens in tests: spread it into the environment of the app under test. */
export function internalEnv(service: string): InternalKeyConfig & Record<string, string> {
  return {
    RECADO_INTERNAL_KEY: keyOf(service).export({ type: 'pkcs8', format: 'pem' }).toString(),
    RECADO_INTERNAL_PUBLIC_KEYS: PUBLIC_KEYS,
  };
}

/**
 * The same for buildHttp and createClient. `audiences`: the services it plays, when they are
 * several.
 */
export const internalTokens = (service: string, audiences?: string[]): InternalTokens =>
  createInternalTokens(service, internalEnv(service), audiences);

/** The caller in a test: by default an admin of a new tenant. */
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

/**
 * The internal token that caller holds: the `authorization` header is `Bearer <token>`. Signed by
 * the caller's service, and good at every service unless `audience` names one.
 */
export function internalToken(caller: Partial<Caller> = {}, audience: string | string[] = [...TEST_CALLERS]): string {
  const whole = internalCaller(caller);
  return internalTokens(whole.service).sign(whole, audience);
}

/** A logger that is quiet unless LOG_LEVEL says otherwise. */
export function testLogger(name = 'test') {
  return createLogger({ name, level: process.env.LOG_LEVEL ?? 'silent', format: 'pretty' });
}
