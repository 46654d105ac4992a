import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The header that Meta signs a webhook's bytes in. */
export const SIGNATURE_HEADER = 'x-hub-signature-256';

const PREFIX = 'sha256=';
const DIGEST_BYTES = 32;

/** An app secret, ready for many HMACs. */
export function signingKey(secret: string): KeyObject {
  return createSecretKey(secret, 'utf8');
}

/** Whether a header may be a signature at all; without one nothing has to be looked up. */
export function hasSignatureForm(header: string | null): header is string {
  return header !== null && header.length === PREFIX.length + DIGEST_BYTES * 2 && header.startsWith(PREFIX);
}

/**
 * Whether the header signs exactly these bytes with the app secret, in constant time.
 * A missing or misshapen header is wrong.
 */
export function verifySignature(key: KeyObject, body: Uint8Array, header: string | null): boolean {
  if (!hasSignatureForm(header)) return false;
  const given = Buffer.from(header.slice(PREFIX.length), 'hex');
  if (given.length !== DIGEST_BYTES) return false; // not hexadecimal: decoding stopped early
  return timingSafeEqual(given, createHmac('sha256', key).update(body).digest());
}
