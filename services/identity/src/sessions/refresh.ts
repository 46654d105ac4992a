import { type AuditOrigin, buildAudit, type identityApi, identityAudit, type RouteInput } from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { originOfGuest } from '../logins/audit.ts';
import { selectTenant } from '../tenants/store.ts';
import { REFRESH_SECONDS } from '../tokens/lifetimes.ts';
import { hashOpaqueToken, newSalt, readOpaqueToken, successorOf } from '../tokens/opaque-token.ts';
import { selectUser } from '../users/store.ts';
import { announceEnded, endSession } from './end.ts';
import { requireActive } from './login.ts';
import type { Opened } from './open.ts';
import { type Presented, presented } from './rules.ts';
import {
  extendSession,
  insertRefreshToken,
  lockRefreshToken,
  markTokenUsed,
  type PresentedToken,
  pruneRefreshTokens,
} from './store.ts';

type Input = RouteInput<typeof identityApi.refresh>['body'];
type Outcome = { opened: Opened } | { refused: Refused; sessionId?: string };
type Refused = Exclude<Presented, 'fresh' | 'repeated'>;

/**
 * Rotates a refresh token. Within the grace period a used one gets the same successor again: its
 * answer may be lost, or several tabs sent it. Later it is a replay and ends the family.
 * @throws Unauthorized `refresh_reused`, `token_expired` or `unauthorized`
 * @throws Forbidden when user or tenant are not active
 */
export async function refresh(deps: Deps, input: Input, origin: AuditOrigin): Promise<Opened> {
  const arrived = performance.now();
  const token = readOpaqueToken(input.refreshToken);
  if (!token) throw refusal('unknown');
  const { tenantId, hash } = token;
  const graceMs = deps.config.RECADO_REFRESH_GRACE * 1000;

  const outcome = await withTenant(deps.db, tenantId, async (tx): Promise<Outcome> => {
    const found = await lockRefreshToken(tx, tenantId, hash);
    const verdict = presented(found, input.edition, performance.now() - arrived, graceMs);
    if (verdict === 'fresh') return rotate(tx, tenantId, hash, found!, input);
    if (verdict === 'repeated') return repeat(tx, tenantId, found!, input.refreshToken);
    if (verdict === 'replayed') await endFamily(tx, tenantId, found!.sessionId, originOfGuest(origin, input));
    return { refused: verdict, sessionId: found?.sessionId };
  });

  if ('opened' in outcome) return outcome.opened;
  const { refused, sessionId } = outcome;
  if (refused === 'replayed') {
    deps.log.warn({ tenantId, sessionId }, 'a used refresh token came again: its family is revoked');
    await announceEnded(deps, sessionId!);
  }
  throw refusal(refused);
}

/**
 * A replay may come from the thief or from the owner, so the audit log names no actor and keeps
 * each replay.
 */
async function endFamily(tx: Tx, tenantId: string, sessionId: string, guest: AuditOrigin): Promise<void> {
  await endSession(tx, tenantId, sessionId, 'refresh_reused', guest.traceparent);
  const what = { action: 'session.revoke', entityType: 'session', entityId: sessionId };
  const audit = buildAudit(
    identityAudit,
    { ...guest, tenantId },
    { ...what, success: false, reason: 'refresh_reused' },
  );
  await enqueue(tx, audit);
}

/** Uses the token up. */
async function rotate(tx: Tx, tenantId: string, hash: Buffer, token: PresentedToken, input: Input): Promise<Outcome> {
  const { sessionId } = token;
  const salt = newSalt();
  const refreshToken = successorOf(tenantId, input.refreshToken, salt);
  const outcome = await answerOf(tx, tenantId, token, refreshToken);
  if ('refused' in outcome) return outcome;
  const successor = hashOpaqueToken(refreshToken);
  await Promise.all([
    markTokenUsed(tx, tenantId, hash, { salt, hash: successor }),
    insertRefreshToken(tx, tenantId, sessionId, successor, REFRESH_SECONDS),
    extendSession(tx, tenantId, sessionId, REFRESH_SECONDS, input),
    pruneRefreshTokens(tx, tenantId, sessionId),
  ]);
  return outcome;
}

/**
 * The successor that the token has already. One that was rotated by a version without salts has
 * none to give again.
 */
async function repeat(tx: Tx, tenantId: string, token: PresentedToken, given: string): Promise<Outcome> {
  if (!token.successorSalt) return { refused: 'unknown' };
  return answerOf(tx, tenantId, token, successorOf(tenantId, given, token.successorSalt));
}

/** Role and status are read again: changes since the log-in count from now on. */
async function answerOf(tx: Tx, tenantId: string, token: PresentedToken, refreshToken: string): Promise<Outcome> {
  const { sessionId, userId, edition } = token;
  const [[user], [tenant]] = await Promise.all([selectUser(tx, tenantId, userId), selectTenant(tx, tenantId)]);
  if (!user || !tenant) return { refused: 'unknown' };
  requireActive(user.status, tenant.status);
  return { opened: { tenant, user, session: { id: sessionId, edition, refreshToken } } };
}

function refusal(verdict: Refused): Unauthorized {
  switch (verdict) {
    case 'replayed':
      return new Unauthorized('This refresh token was used already', 'refresh_reused');
    case 'expired':
      return new Unauthorized('This refresh token has expired', 'token_expired');
    case 'unknown':
      return new Unauthorized('Unknown refresh token');
  }
}
