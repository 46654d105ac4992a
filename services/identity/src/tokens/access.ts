import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { FastifyJWTOptions, JWT } from '@fastify/jwt';
import type { AccessClaims } from '@recado/contracts';

/** A public key as the JWKS shows it. */
export interface PublicJwk extends Record<string, unknown> {
  kty: 'OKP';
  crv: 'Ed25519';
  x: string;
  kid: string;
  use: 'sig';
  alg: 'EdDSA';
}

export interface AccessKey {
  jwk: PublicJwk;
  private: string;
  public: string;
}

/**
 * The Ed25519 key (PKCS8 PEM) of access tokens. Its id is `keyId`, or its RFC 7638 thumbprint.
 * @throws when the PEM is not an Ed25519 private key
 */
export function readAccessKey(privateKeyPem: string, keyId?: string): AccessKey {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('RECADO_JWT_PRIVATE_KEY is not an Ed25519 key');
  const publicKey = createPublicKey(key);
  const { x } = publicKey.export({ format: 'jwk' }) as { x: string };
  return {
    jwk: { kty: 'OKP', crv: 'Ed25519', x, kid: keyId ?? thumbprint(x), use: 'sig', alg: 'EdDSA' },
    private: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    public: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** Options of @fastify/jwt. By RFC 9068's `typ` no other JWT counts as an access token. */
export const jwtOptions = ({ jwk, ...secret }: AccessKey): FastifyJWTOptions => ({
  secret,
  sign: { algorithm: 'EdDSA', kid: jwk.kid, header: { alg: 'EdDSA', typ: 'at+jwt' } },
});

/** Signs an access token that lives `seconds` from now. */
export function signAccess(
  jwt: Pick<JWT, 'sign'>,
  claims: Omit<AccessClaims, 'iss' | 'iat' | 'exp'>,
  seconds: number,
): string {
  const iat = Math.floor(Date.now() / 1000);
  return jwt.sign({ iss: 'recado', ...claims, iat, exp: iat + seconds });
}

/** RFC 7638: SHA-256 over the required members in lexical order. */
function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}
