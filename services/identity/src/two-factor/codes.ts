import { createHash, randomInt } from 'node:crypto';
import { verifySync } from 'otplib';

/** Seconds of a time step (RFC 6238), and how far a clock may be off: one step to either side. */
export const STEP_SECONDS = 30;
const LENGTH = 12;
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'; // without what is mistaken for something else

/** Whether a code is one of the authenticator's; others can only be backup codes. */
export const isTimeCode = (code: string): boolean => /^\d{6}$/.test(code);

/** The time step a code belongs to, the present one or a neighbour; null when the code is wrong. */
export function stepOf(secret: string, code: string, now: number = Date.now()): number | null {
  if (!isTimeCode(code)) return null;
  const epoch = Math.floor(now / 1000);
  const result = verifySync({ secret, token: code, epoch, epochTolerance: STEP_SECONDS });
  // otplib's result may be HOTP's too, which has no step.
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

/** Ten backup codes: `k7mp-x2qd-9rta`, 59 random bits each. */
export function newBackupCodes(): string[] {
  return Array.from({ length: 10 }, () => {
    const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    return letters.replace(/(.{4})(?=.)/g, '$1-');
  });
}

/**
 * What is stored of a backup code, the same however it was typed. Bound to the user, so that one
 * guess is tried on one code alone; random enough that a fast hash will do.
 */
export function hashBackupCode(userId: string, code: string): Buffer {
  const plain = code.toLowerCase().replace(/[^a-z0-9]/g, '');
  return createHash('sha256').update(`${userId}\n${plain}`).digest();
}
