import { createHmac, timingSafeEqual } from 'node:crypto';

const DIGITS = 8;

/**
 * The code that a person types in the place of a token: eight digits of its HMAC. One secret gives
 * both.
 */
export function codeOf(token: string): string {
  const number = createHmac('sha256', token).update('code').digest().readBigUInt64BE() % 10n ** BigInt(DIGITS);
  return String(number).padStart(DIGITS, '0');
}

export const isCode = (token: string, code: string): boolean =>
  code.length === DIGITS && timingSafeEqual(Buffer.from(codeOf(token)), Buffer.from(code));
