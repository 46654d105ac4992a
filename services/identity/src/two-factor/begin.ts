import { type AuditOrigin, buildAudit, type identityApi, identityAudit, type RouteOutput } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict, Unauthorized } from '@recado/service-kit';
import { generateSecret, generateURI } from 'otplib';
import qrcode from 'qrcode';
import type { Deps } from '../deps.ts';
import { hashBackupCode, newBackupCodes } from './codes.ts';
import { lockAccount, putBackupCodes, putFactor } from './store.ts';

/** What authenticator apps show above the code. */
const ISSUER = 'Recado';

/**
 * Makes a secret and backup codes, shown this once. Nothing asks for them before verifyTwoFactor();
 * beginning again replaces them.
 * @throws Conflict `two_factor` when the second factor is on
 */
export async function beginTwoFactor(
  deps: Deps,
  tenantId: string,
  userId: string,
  origin: AuditOrigin,
): Promise<RouteOutput<typeof identityApi.enableTwoFactor>> {
  const secret = generateSecret();
  const backupCodes = newBackupCodes();
  const hashes = backupCodes.map((code) => hashBackupCode(userId, code));
  const email = await withTenant(deps.db, tenantId, async (tx) => {
    const account = await lockAccount(tx, tenantId, userId);
    if (!account) throw new Unauthorized();
    if (account.twoFactor) throw new Conflict('The second factor is on already', 'two_factor');
    // Bound to the user: a secret does not open under another user's id.
    await putFactor(tx, tenantId, userId, deps.sealer.seal(secret, userId));
    await putBackupCodes(tx, tenantId, userId, hashes);
    const what = { action: 'two_factor.begin', entityType: 'user', entityId: userId };
    await enqueue(tx, buildAudit(identityAudit, origin, what));
    return account.email;
  });
  const otpauthUrl = generateURI({ issuer: ISSUER, label: email, secret });
  return { secret, otpauthUrl, qrCode: await qrcode.toDataURL(otpauthUrl), backupCodes };
}
