import type { KeyObject } from 'node:crypto';
import { permissionsOf, type Role, uuidv7 } from '@recado/contracts';
import { createSigner } from 'fast-jwt';
import { tenant, user } from './samples.ts';

export interface TokenChanges {
  aud?: string;
  iss?: string;
  tid?: string;
  sub?: string;
  role?: Role;
  perms?: string[];
  /** Seconds from now. */
  expiresIn?: number;
  sid?: string;
  kid?: string;
  typ?: string;
  privateKey?: KeyObject;
  unproved?: true;
}

/** An access token as identity signs it, with what a test changes. */
export function accessToken(it: { key: { kid: string; privateKey: KeyObject } }, changes: TokenChanges = {}): string {
  const { role = 'admin', expiresIn = 3600, sid = uuidv7() } = changes;
  const iat = Math.floor(Date.now() / 1000);
  const sign = createSigner({
    algorithm: 'EdDSA',
    key: (changes.privateKey ?? it.key.privateKey).export({ type: 'pkcs8', format: 'pem' }),
    kid: changes.kid ?? it.key.kid,
    header: { alg: 'EdDSA', typ: changes.typ ?? 'at+jwt' },
  });
  return sign({
    iss: changes.iss ?? 'recado',
    aud: changes.aud ?? 'crm',
    sub: changes.sub ?? user.id,
    tid: changes.tid ?? tenant.id,
    sid,
    role,
    perms: changes.perms ?? permissionsOf(role),
    ...(changes.unproved ? { unproved: true } : {}),
    iat,
    exp: iat + expiresIn,
  });
}
