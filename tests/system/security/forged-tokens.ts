import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { type AccessClaims, permissionsOf, uuidv7 } from '@recado/contracts';
import { readAccessKey } from '../../../services/identity/src/tokens/access.ts';

type Json = Record<string, unknown>;
const b64 = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Whom the forged tokens would speak for. */
export interface Victim {
  tenantId: string;
  userId: string;
}

export interface Forgery {
  name: string;
  /** The whole Authorization header; null: none. */
  authorization: string | null;
  /** What the edition says of it. */
  code: 'unauthorized' | 'token_expired';
}

/**
 * Tokens that must not count, each wrong in one thing alone; signed by the mesh's own key where the
 * signature is not what is wrong. Beside them one that is right, to show that it is the one thing.
 */
export function forgeries(jwtPrivateKey: string, { tenantId, userId }: Victim): { good: string; bad: Forgery[] } {
  const key = createPrivateKey(jwtPrivateKey);
  const { jwk } = readAccessKey(jwtPrivateKey);
  const { kid, x } = jwk;
  const now = Math.floor(Date.now() / 1000);
  const claims: AccessClaims = {
    iss: 'recado',
    aud: 'saas',
    sub: userId,
    tid: tenantId,
    sid: uuidv7(),
    role: 'admin',
    perms: permissionsOf('admin'),
    iat: now,
    exp: now + 600,
  };
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid };
  const eddsa = (head: Json, payload: Json, by: KeyObject = key) => {
    const text = `${b64(head)}.${b64(payload)}`;
    return `${text}.${sign(null, Buffer.from(text), by).toString('base64url')}`;
  };
  const hmac = (secret: string | Buffer, head: Json = {}, hash = 'sha256') => {
    const text = `${b64({ ...header, alg: 'HS256', ...head })}.${b64(claims)}`;
    return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
  };
  const without = (name: keyof AccessClaims) =>
    Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name));
  const stranger = generateKeyPairSync('ed25519');
  const strangerJwk = stranger.publicKey.export({ format: 'jwk' }) as Json;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const rs256 = () => {
    const text = `${b64({ ...header, alg: 'RS256' })}.${b64(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), rsa).toString('base64url')}`;
  };
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const es256 = () => {
    const text = `${b64({ ...header, alg: 'ES256' })}.${b64(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), { key: ec, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const publicKey = createPublicKey(key);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const good = eddsa(header, claims);
  const [head, payload, signature] = good.split('.') as [string, string, string];
  const flipped = `${signature.slice(0, 10)}${signature[10] === 'A' ? 'B' : 'A'}${signature.slice(11)}`;

  const bearers: [name: string, token: string, code?: Forgery['code']][] = [
    ['nonsense', 'garbage'],
    ['three empty parts', '..'],
    ['three parts of nonsense', 'a.b.c'],
    ['no signature', `${head}.${payload}.`],
    ['two parts', `${head}.${payload}`],
    ['a changed signature', `${head}.${payload}.${flipped}`],
    ['another tenant under the same signature', `${head}.${b64({ ...claims, tid: uuidv7() })}.${signature}`],
    [
      'another role under the same signature',
      `${head}.${b64({ ...claims, role: 'agent', perms: ['x'] })}.${signature}`,
    ],
    ['alg none', `${b64({ ...header, alg: 'none' })}.${payload}.`],
    ['alg None', `${b64({ ...header, alg: 'None' })}.${payload}.`],
    ['alg none with the signature', `${b64({ ...header, alg: 'none' })}.${payload}.${signature}`],
    ['no alg', `${b64({ typ: 'at+jwt', kid })}.${payload}.${signature}`],
    ['HS256 by the public key’s PEM', hmac(pem)],
    ['HS256 by the public key’s PEM without its last line break', hmac(pem.trim())],
    ['HS256 by the public key’s DER', hmac(publicKey.export({ type: 'spki', format: 'der' }))],
    ['HS256 by the JWK’s x', hmac(Buffer.from(x, 'base64url'))],
    ['HS256 by the JWK’s text', hmac(JSON.stringify(jwk))],
    ['HS256 by the kid', hmac(kid)],
    ['HS256 by nothing', hmac('')],
    ['HS512 by the public key’s PEM', hmac(pem, { alg: 'HS512' }, 'sha512')],
    ['RS256', rs256()],
    ['ES256', es256()],
    ['typ JWT', eddsa({ ...header, typ: 'JWT' }, claims)],
    ['no typ', eddsa({ alg: 'EdDSA', kid }, claims)],
    ['a kid nobody published', eddsa({ ...header, kid: 'foreign' }, claims)],
    ['no kid', eddsa({ alg: 'EdDSA', typ: 'at+jwt' }, claims)],
    ['a kid that is a path', eddsa({ ...header, kid: '../../../../dev/null' }, claims)],
    ['a kid that is SQL', eddsa({ ...header, kid: "' or '1'='1" }, claims)],
    ['a kid that is an object', eddsa({ ...header, kid: { kid } }, claims)],
    ['another key under our kid', eddsa(header, claims, stranger.privateKey)],
    ['another key in jwk', eddsa({ ...header, jwk: strangerJwk }, claims, stranger.privateKey)],
    [
      'another key in jwk under its thumbprint',
      eddsa({ ...header, jwk: strangerJwk, kid: thumbprint(String(strangerJwk.x)) }, claims, stranger.privateKey),
    ],
    ['another key by jku', eddsa({ ...header, jku: 'http://127.0.0.1:1/jwks.json' }, claims, stranger.privateKey)],
    ['another key by x5u', eddsa({ ...header, x5u: 'http://127.0.0.1:1/cert.pem' }, claims, stranger.privateKey)],
    ['another audience', eddsa(header, { ...claims, aud: 'recado-internal' })],
    ['no audience', eddsa(header, without('aud'))],
    ['another issuer', eddsa(header, { ...claims, iss: 'elsewhere' })],
    ['no issuer', eddsa(header, without('iss'))],
    ['no tenant', eddsa(header, without('tid'))],
    ['a tenant that is no id', eddsa(header, { ...claims, tid: "' or true --" })],
    ['no session', eddsa(header, without('sid'))],
    ['the role of a service', eddsa(header, { ...claims, role: 'service' })],
    ['permissions that are no list', eddsa(header, { ...claims, perms: '*' })],
    ['no expiry', eddsa(header, without('exp'))],
    ['expired', eddsa(header, { ...claims, iat: now - 700, exp: now - 60 }), 'token_expired'],
    ['far too long', `${good}${'A'.repeat(5000)}`],
    ['an API key nobody has', `rcd_${'x'.repeat(43)}`],
    ['an API key too short to be one', 'rcd_x'],
  ];
  return {
    good,
    bad: [
      { name: 'none', authorization: null, code: 'unauthorized' },
      { name: 'an empty header', authorization: '', code: 'unauthorized' },
      { name: 'the scheme alone', authorization: 'Bearer ', code: 'unauthorized' },
      { name: 'no scheme', authorization: good, code: 'unauthorized' },
      { name: 'another scheme', authorization: `Basic ${good}`, code: 'unauthorized' },
      ...bearers.map(
        ([name, token, code = 'unauthorized']): Forgery => ({ name, authorization: `Bearer ${token}`, code }),
      ),
    ],
  };
}

/** RFC 7638. */
function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}
