import { type Edition, permissionsOf, type Session, uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Deps } from '../deps.ts';
import { type TenantRow, tenantView } from '../tenants/store.ts';
import { accessSeconds, hasRefreshTokens, REFRESH_SECONDS } from '../tokens/lifetimes.ts';
import { hashRefreshToken, newRefreshToken } from '../tokens/refresh-token.ts';
import { type UserRow, userView } from '../users/store.ts';
import { type ClientInfo, insertRefreshToken, insertSession, pruneSessions, touchLogin } from './store.ts';

export interface OpenedSession {
  id: string;
  edition: Edition;
  refreshToken: string | null;
}

/** Opens a session for a user whose credentials were checked, and notes the log-in. */
export async function openSession(
  tx: Tx,
  env: Deps['config']['RECADO_ENV'],
  tenantId: string,
  userId: string,
  given: { edition: Edition } & ClientInfo,
): Promise<OpenedSession & { at: Date }> {
  const { edition } = given;
  const id = uuidv7();
  const seconds = hasRefreshTokens(edition) ? REFRESH_SECONDS : accessSeconds(edition, env);
  const at = await insertSession(tx, tenantId, { ...given, id, userId, seconds });
  const refreshToken = hasRefreshTokens(edition) ? newRefreshToken(tenantId) : null;
  await Promise.all([
    refreshToken && insertRefreshToken(tx, tenantId, id, hashRefreshToken(refreshToken), REFRESH_SECONDS),
    touchLogin(tx, tenantId, userId, at),
    pruneSessions(tx, tenantId, userId),
  ]);
  return { id, edition, refreshToken, at };
}

/** The answer to a log-in, registration or refresh: signs the access token. */
export function sessionAnswer(
  { tokens, config }: Pick<Deps, 'tokens' | 'config'>,
  { tenant, user, session }: { tenant: TenantRow; user: UserRow; session: OpenedSession },
): Session {
  const { edition, refreshToken } = session;
  const expiresIn = accessSeconds(edition, config.RECADO_ENV);
  const { role } = user;
  const claims = {
    aud: edition,
    sub: user.id,
    tid: tenant.tenantId,
    sid: session.id,
    role,
    perms: permissionsOf(role),
  };
  return {
    accessToken: tokens.sign(claims, expiresIn),
    refreshToken,
    expiresIn,
    user: userView(user),
    tenant: tenantView(tenant),
  };
}
