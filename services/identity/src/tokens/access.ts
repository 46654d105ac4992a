import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { AccessClaims } from '@recado/contracts';
import { createSigner } from 'fast-jwt';

/** A public key as the JWKS shows it. */
export interface PublicJwk extends Record<string, unknown> {
  kty: 'OKP';
  crv: 'Ed25519';
  x: string;
  kid: string;
  use: 'sig';
  alg: 'EdDSA';
}

export interface AccessTokens {
  jwk: PublicJwk;
  /** Signs an access token (JWT, EdDSA, `typ: at+jwt`) that lives `seconds` from now. */
  sign(claims: Omit<AccessClaims, 'iss' | 'iat' | 'exp'>, seconds: number): string;
}

/**
 * Access tokens under one Ed25519 key (PKCS8 PEM). The key's id is `keyId`, or its RFC 7638
 * thumbprint.
 * @throws when the PEM is not an Ed25519 private key
 */
export function createAccessTokens(privateKeyPem: string, keyId?: string): AccessTokens {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('RECADO_JWT_PRIVATE_KEY is not an Ed25519 key');
  const { x } = createPublicKey(key).export({ format: 'jwk' }) as { x: string };
  const kid = keyId ?? thumbprint(x);
  const sign = createSigner({
    algorithm: 'EdDSA',
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    kid,
    // RFC 9068: a verifier that demands it never takes another kind of JWT of ours for an access
    // token.
    header: { alg: 'EdDSA', typ: 'at+jwt' },
  });
  return {
    jwk: { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' },
    sign(claims, seconds) {
      const iat = Math.floor(Date.now() / 1000);
      return sign({ iss: 'recado', ...claims, iat, exp: iat + seconds });
    },
  };
}

/** RFC 7638: SHA-256 over the required members in lexical order. */
function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}
