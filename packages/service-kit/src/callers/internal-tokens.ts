import { createDecoder, createSigner, createVerifier } from 'fast-jwt';
import { createCache } from '../cache.ts';
import { Unauthorized } from '../http/errors.ts';
import { type Caller, callerSchema } from './caller.ts';
import { type InternalKeyConfig, keyId, publicKeyText, readPrivateKey, readPublicKeys } from './internal-keys.ts';

/** The tokens between services: signed with the caller's own key, for one called service. */
export interface InternalTokens {
  /** Whose they are. */
  service: string;
  /**
   * The caller's token for one service. The same caller gets the same token for half its life: few
   * requests cost a signature.
   */
  sign(caller: Caller, audience: string | string[], ttlSeconds?: number): string;
  /**
   * The caller of a token, frozen and shared between requests.
   * @throws Unauthorized when forged, expired, for another service, or beyond its signer's rights
   */
  verify(token: string): Caller;
}

interface Known {
  caller: Caller;
  expires: number;
}

const TTL_SECONDS = 60;
// Tokens live a minute, so both caches stay small; the caps bound a flood of distinct callers.
const CACHED = 5000;
const made = new Map<string, InternalTokens>();
const decode = createDecoder({ complete: true });

/**
 * Signs and verifies as one service.
 * @throws Error when the keys cannot be used, or the public keys do not know the own one
 */
export function createInternalTokens(
  service: string,
  { RECADO_INTERNAL_KEY: pem, RECADO_INTERNAL_PUBLIC_KEYS: publicKeys }: InternalKeyConfig,
  audiences: string[] = [service],
): InternalTokens {
  const id = JSON.stringify([service, pem, publicKeys, audiences]);
  const known = made.get(id);
  if (known) return known;
  const tokens = { service, sign: signerOf(service, pem, publicKeys), verify: verifierOf(publicKeys, audiences) };
  made.set(id, tokens);
  return tokens;
}

function signerOf(service: string, pem: string, publicKeys: string): InternalTokens['sign'] {
  const kid = keyId(publicKeyText(readPrivateKey(pem)));
  if (!readPublicKeys(publicKeys).some((key) => key.id === kid && key.service === service))
    throw new Error(`RECADO_INTERNAL_PUBLIC_KEYS does not hold the key of ${service}`);
  const signers = new Map<string, (claims: object) => string>();
  const signerFor = (aud: string | string[], ttlSeconds: number) => {
    const key = `${ttlSeconds} ${aud}`;
    let sign = signers.get(key);
    if (!sign) {
      sign = createSigner({ key: pem, algorithm: 'EdDSA', kid, aud, expiresIn: ttlSeconds * 1000 });
      signers.set(key, sign);
    }
    return sign;
  };
  const signed = createCache<string, { token: string; until: number }>({ max: CACHED });
  return (caller, audience, ttlSeconds = TTL_SECONDS) => {
    const now = Date.now();
    const key = `${ttlSeconds}\n${audience}\n${caller.tenantId}\n${caller.userId}\n${caller.role}\n${caller.edition}\n${caller.sessionId}\n${caller.apiKeyId}\n${caller.unproved}\n${caller.permissions.join()}`;
    const cached = signed.get(key);
    if (cached && cached.until > now) return cached.token;
    const { tenantId, userId, role, permissions, edition, sessionId, apiKeyId, unproved } = caller;
    const claims = { tenantId, userId, role, permissions, edition, service, sessionId, apiKeyId, unproved };
    const token = signerFor(audience, ttlSeconds)(claims);
    signed.set(key, { token, until: now + ttlSeconds * 500 });
    return token;
  };
}

function verifierOf(publicKeys: string, audiences: string[]): InternalTokens['verify'] {
  const signers = new Map(
    readPublicKeys(publicKeys).map(({ id, service, pem }) => {
      const verify = createVerifier({
        key: pem,
        algorithms: ['EdDSA'],
        allowedAud: audiences,
        requiredClaims: ['exp', 'aud'],
      });
      return [id, { service, verify }];
    }),
  );
  const known = createCache<string, Known>({ max: CACHED });

  function check(token: string): Known {
    try {
      // Which key it names is looked up before anything in it is believed.
      const signer = signers.get(String(decode(token).header.kid));
      if (!signer) throw new Error('signed with a key of no service');
      const claims = signer.verify(token);
      const caller = callerSchema.parse(claims);
      assertMayClaim(caller, signer.service);
      Object.freeze(caller.permissions);
      return { caller: Object.freeze(caller), expires: Number(claims.exp) * 1000 };
    } catch (cause) {
      // Which check failed is for the log alone.
      throw Object.assign(new Unauthorized('A valid internal token is required'), { cause });
    }
  }

  return (token) => {
    const cached = known.get(token);
    if (cached) {
      if (cached.expires > Date.now()) return cached.caller;
      known.delete(token);
      throw new Unauthorized('The internal token has expired');
    }
    const result = check(token);
    known.set(token, result);
    return result.caller;
  };
}

/**
 * A key speaks for its own service. Only the gateway has checked who a person is: all others act as
 * themselves.
 */
function assertMayClaim(caller: Caller, signer: string): void {
  if (caller.service !== signer) throw new Error(`signed by ${signer} as ${caller.service}`);
  if (signer === 'gateway') return;
  const { role, userId, sessionId, apiKeyId, permissions, edition } = caller;
  if (role !== 'service' || userId || sessionId || apiKeyId || edition || permissions.length > 0)
    throw new Error(`${signer} claims to act for a person`);
}
