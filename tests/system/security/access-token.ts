import { createPrivateKey, sign } from 'node:crypto';
import type { AccessClaims } from '@recado/contracts';
import { readAccessKey } from '../../../services/identity/src/tokens/access.ts';

/** An access token under the mesh's own key, made without the library that checks it. */
export function signAccessToken(
  jwtPrivateKey: string,
  claims: Omit<AccessClaims, 'iss' | 'iat' | 'exp'>,
  seconds: number,
): string {
  const { kid } = readAccessKey(jwtPrivateKey).jwk;
  const iat = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: 'EdDSA', typ: 'at+jwt', kid },
    { iss: 'recado', ...claims, iat, exp: iat + seconds },
  ];
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign(null, Buffer.from(text), createPrivateKey(jwtPrivateKey)).toString('base64url')}`;
}
