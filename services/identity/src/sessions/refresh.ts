import { setTimeout as pause } from 'node:timers/promises';
import {
  type AuditOrigin,
  buildAudit,
  type identityApi,
  identityAudit,
  type RouteInput,
  type Session,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { originOfGuest } from '../logins/audit.ts';
import { selectTenant } from '../tenants/store.ts';
import { REFRESH_SECONDS } from '../tokens/lifetimes.ts';
import { hashOpaqueToken, newOpaqueToken, readOpaqueToken } from '../tokens/opaque-token.ts';
import { selectUser } from '../users/store.ts';
import { announceEnded, endSession } from './end.ts';
import { requireActive } from './login.ts';
import { type Opened, sessionAnswer } from './open.ts';
import { PARALLEL_MS, type Presented, presented } from './rules.ts';
import {
  extendSession,
  insertRefreshToken,
  lockRefreshToken,
  markTokenUsed,
  type PresentedToken,
  pruneRefreshTokens,
} from './store.ts';

type Input = RouteInput<typeof identityApi.refresh>['body'];
type Outcome = ({ verdict: 'fresh' } & Opened) | { verdict: Exclude<Presented, 'fresh'>; sessionId?: string };

/**
 * Rotates a refresh token: the one given is used up, the answer holds its only successor. A used token that comes
 * again revokes the whole family; of requests that came in parallel one wins and the others are refused, no more.
 *
 * The winner is answered PARALLEL_MS after its commit. Nobody can hold the successor before, so a request that
 * arrives until then was sent in parallel (two tabs, a double click), and one that arrives later is a replay.
 * @throws Unauthorized `refresh_reused`, `token_expired` or `unauthorized`; Forbidden when user or tenant are not active
 */
export async function refresh(deps: Deps, input: Input, origin: AuditOrigin): Promise<Session> {
  const arrived = performance.now();
  const token = readOpaqueToken(input.refreshToken);
  if (!token) throw refusal('unknown');
  const { tenantId, hash } = token;

  const outcome = await withTenant(deps.db, tenantId, async (tx): Promise<Outcome> => {
    const found = await lockRefreshToken(tx, tenantId, hash);
    const verdict = presented(found, input.edition, performance.now() - arrived);
    if (verdict === 'fresh') return rotate(tx, tenantId, hash, found!, input);
    if (verdict === 'replayed') await endFamily(tx, tenantId, found!.sessionId, originOfGuest(origin, input));
    return { verdict, sessionId: found?.sessionId };
  });

  if (outcome.verdict === 'fresh') {
    await pause(PARALLEL_MS);
    return sessionAnswer(deps, outcome);
  }
  if (outcome.verdict === 'replayed') {
    deps.log.warn({ tenantId, sessionId: outcome.sessionId }, 'a used refresh token came again: its family is revoked');
    await announceEnded(deps, outcome.sessionId!);
  }
  throw refusal(outcome.verdict);
}

/** Whoever replays may be the thief or the robbed: the audit log names nobody, and keeps every replay. */
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

/** Role and status are read anew: what changed since the log-in holds from here on. */
async function rotate(tx: Tx, tenantId: string, hash: Buffer, token: PresentedToken, input: Input): Promise<Outcome> {
  const { sessionId, userId, edition } = token;
  const [[user], [tenant]] = await Promise.all([selectUser(tx, tenantId, userId), selectTenant(tx, tenantId)]);
  if (!user || !tenant) return { verdict: 'unknown' };
  requireActive(user.status, tenant.status);
  const refreshToken = newOpaqueToken(tenantId);
  await Promise.all([
    markTokenUsed(tx, tenantId, hash),
    insertRefreshToken(tx, tenantId, sessionId, hashOpaqueToken(refreshToken), REFRESH_SECONDS),
    extendSession(tx, tenantId, sessionId, REFRESH_SECONDS, input),
    pruneRefreshTokens(tx, tenantId, sessionId),
  ]);
  return { verdict: 'fresh', tenant, user, session: { id: sessionId, edition, refreshToken } };
}

function refusal(verdict: Exclude<Presented, 'fresh'>): Unauthorized {
  switch (verdict) {
    case 'parallel':
    case 'replayed':
      return new Unauthorized('This refresh token was used already', 'refresh_reused');
    case 'expired':
      return new Unauthorized('This refresh token has expired', 'token_expired');
    case 'unknown':
      return new Unauthorized('Unknown refresh token');
  }
}
