import { createHash, randomBytes } from 'node:crypto';
import { uuidOf } from '../tokens/opaque-token.ts';

/** Tells people, and scanners of leaked secrets, what it is. */
const MARK = 'rcd_';
const SECRET_BYTES = 32;
const TENANT_BYTES = 16;
const LENGTH = MARK.length + 64; // base64url of 48 bytes, unpadded
/** Characters that lists show: the mark and 48 of the 256 random bits. */
const PREFIX = MARK.length + 8;

export interface NewKey {
  key: string;
  hash: Buffer;
  prefix: string;
}

/**
 * A new API key: 256 random bits, then the tenant's id, by which it is looked up under row level
 * security. The random part stands first, so that keys of one tenant differ where people look.
 */
export function newKey(tenantId: string): NewKey {
  const tenant = Buffer.from(tenantId.replaceAll('-', ''), 'hex');
  const key = MARK + Buffer.concat([randomBytes(SECRET_BYTES), tenant]).toString('base64url');
  return { key, hash: hashOf(key), prefix: key.slice(0, PREFIX) };
}

/** The tenant of a key and its stored hash; null for an invalid key. */
export function readKey(key: string): { tenantId: string; hash: Buffer } | null {
  if (key.length !== LENGTH || !/^rcd_[\w-]+$/.test(key)) return null;
  const bytes = Buffer.from(key.slice(MARK.length), 'base64url');
  const tenantId = uuidOf(bytes.toString('hex', SECRET_BYTES, SECRET_BYTES + TENANT_BYTES));
  return { tenantId, hash: hashOf(key) };
}

/** It is random and long, so that a fast hash is enough. */
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();
