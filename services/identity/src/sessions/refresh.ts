import { setTimeout as pause } from 'node:timers/promises';
import type { identityApi, RouteInput, Session } from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { selectTenant, type TenantRow } from '../tenants/store.ts';
import { REFRESH_SECONDS } from '../tokens/lifetimes.ts';
import { hashRefreshToken, newRefreshToken, readRefreshToken } from '../tokens/refresh-token.ts';
import { selectUser, type UserRow } from '../users/store.ts';
import { requireActive } from './login.ts';
import { type OpenedSession, sessionAnswer } from './open.ts';
import { endSession } from './revoke.ts';
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
type Outcome =
  | { verdict: 'fresh'; tenant: TenantRow; user: UserRow; session: OpenedSession }
  | { verdict: Exclude<Presented, 'fresh'>; sessionId?: string };

/**
 * Rotates a refresh token: the one given is used up, the answer holds its only successor. A used token that comes
 * again revokes the whole family; of requests that came in parallel one wins and the others are refused, no more.
 *
 * The winner is answered PARALLEL_MS after its commit. Nobody can hold the successor before, so a request that
 * arrives until then was sent in parallel (two tabs, a double click), and one that arrives later is a replay.
 * @throws Unauthorized `refresh_reused`, `token_expired` or `unauthorized`; Forbidden when user or tenant are not active
 */
export async function refresh(deps: Deps, input: Input, traceparent?: string): Promise<Session> {
  const arrived = performance.now();
  const token = readRefreshToken(input.refreshToken);
  if (!token) throw refusal('unknown');
  const { tenantId, hash } = token;

  const outcome = await withTenant(deps.db, tenantId, async (tx): Promise<Outcome> => {
    const found = await lockRefreshToken(tx, tenantId, hash);
    const verdict = presented(found, input.edition, performance.now() - arrived);
    if (verdict === 'fresh') return rotate(tx, tenantId, hash, found!, input);
    if (verdict === 'replayed') await endSession(tx, tenantId, found!.sessionId, 'refresh_reused', traceparent);
    return { verdict, sessionId: found?.sessionId };
  });

  if (outcome.verdict === 'fresh') {
    await pause(PARALLEL_MS);
    return sessionAnswer(deps, outcome);
  }
  if (outcome.verdict === 'replayed') {
    deps.log.warn({ tenantId, sessionId: outcome.sessionId }, 'a used refresh token came again: its family is revoked');
    deps.kickRelay();
    await deps.revocations.remember(outcome.sessionId!);
  }
  throw refusal(outcome.verdict);
}

/** Role and status are read anew: what changed since the log-in holds from here on. */
async function rotate(tx: Tx, tenantId: string, hash: Buffer, token: PresentedToken, input: Input): Promise<Outcome> {
  const { sessionId, userId, edition } = token;
  const [[user], [tenant]] = await Promise.all([selectUser(tx, tenantId, userId), selectTenant(tx, tenantId)]);
  if (!user || !tenant) return { verdict: 'unknown' };
  requireActive(user.status, tenant.status);
  const refreshToken = newRefreshToken(tenantId);
  await Promise.all([
    markTokenUsed(tx, tenantId, hash),
    insertRefreshToken(tx, tenantId, sessionId, hashRefreshToken(refreshToken), REFRESH_SECONDS),
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
