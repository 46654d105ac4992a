import { createHash, createHmac, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const TENANT_BYTES = 16;
const LENGTH = 64; // base64url of 48 bytes, unpadded

/**
 * A new refresh or challenge token: 256 random bits after the tenant's id. The id allows a look-up
 * within the tenant, under row level security. A forged one finds nothing there.
 */
export function newOpaqueToken(tenantId: string): string {
  return tokenOf(tenantId, randomBytes(SECRET_BYTES));
}

/** A salt for `successorOf`. */
export const newSalt = (): Buffer => randomBytes(SECRET_BYTES);

/**
 * A token's successor: its HMAC over a random salt. It needs both the token and the database's
 * salt. The same token always gives the same one.
 */
export function successorOf(tenantId: string, token: string, salt: Buffer): string {
  return tokenOf(tenantId, createHmac('sha256', token).update(salt).digest());
}

function tokenOf(tenantId: string, secret: Buffer): string {
  const tenant = Buffer.from(tenantId.replaceAll('-', ''), 'hex');
  return Buffer.concat([tenant, secret]).toString('base64url');
}

/** The tenant of a token and its stored hash; null for an invalid token. */
export function readOpaqueToken(token: string): { tenantId: string; hash: Buffer } | null {
  if (token.length !== LENGTH || !/^[\w-]+$/.test(token)) return null;
  const hex = Buffer.from(token, 'base64url').toString('hex', 0, TENANT_BYTES);
  return { tenantId: uuidOf(hex), hash: hashOpaqueToken(token) };
}

/** What is stored of a token. It is random and long, so that a fast hash is enough. */
export function hashOpaqueToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** A UUID of its 32 hexadecimal digits. */
export const uuidOf = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
