import type { Tx } from '@recado/database';
import type { Deps } from '../deps.ts';
import { hashBackupCode, isTimeCode, stepOf } from './codes.ts';
import { type Factor, findFactor, markStep, noteWrongCode, useBackupCode } from './store.ts';

/** What a code turned out to be. A locked factor takes none, right or wrong. */
export type Checked = { verdict: 'right' } | { verdict: 'wrong' } | { verdict: 'locked'; seconds: number };

/**
 * Uses a code up. The fifth wrong one in 15 minutes locks the factor for 15, over all sessions. The
 * caller holds the user's row and must commit every verdict, or nothing counts.
 */
export async function checkCode(
  { sealer, log }: Pick<Deps, 'sealer' | 'log'>,
  tx: Tx,
  tenantId: string,
  userId: string,
  code: string,
): Promise<Checked> {
  const factor = await findFactor(tx, tenantId, userId);
  if (!factor) return { verdict: 'wrong' };
  if (factor.lockedSeconds > 0) return { verdict: 'locked', seconds: factor.lockedSeconds };
  if (!isTimeCode(code)) {
    if (await useBackupCode(tx, tenantId, userId, hashBackupCode(userId, code))) return { verdict: 'right' };
    return wrong(tx, tenantId, userId);
  }
  const secret = openSecret({ sealer, log }, userId, factor);
  if (secret === null) return { verdict: 'wrong' };
  const step = stepOf(secret, code);
  if (step === null) return wrong(tx, tenantId, userId);
  // Sent twice, or seen by an attacker: refused like any other, but it was no guess.
  if (step <= factor.lastStep) return { verdict: 'wrong' };
  // A log-in is the moment at which a secret moves to a new key of the ring.
  const sealed = sealer.rotate(factor.sealedSecret, userId) ?? factor.sealedSecret;
  await markStep(tx, tenantId, userId, step, sealed);
  return { verdict: 'right' };
}

/** Notes a wrong code; says what that makes of the factor. */
export async function wrong(tx: Tx, tenantId: string, userId: string): Promise<Checked> {
  const seconds = await noteWrongCode(tx, tenantId, userId);
  return seconds > 0 ? { verdict: 'locked', seconds } : { verdict: 'wrong' };
}

/**
 * Null when the key ring lost the key: backup codes still open, and the log says why the others
 * don't.
 */
export function openSecret(
  { sealer, log }: Pick<Deps, 'sealer' | 'log'>,
  userId: string,
  factor: Factor,
): string | null {
  try {
    return sealer.open(factor.sealedSecret, userId);
  } catch (err) {
    log.warn({ err, userId }, 'the secret of a second factor could not be opened');
    return null;
  }
}
