import { type Edition, type Session, uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { type DeviceClient, rememberDevice } from '../logins/devices.ts';
import { selectTenant, type TenantRow, tenantView } from '../tenants/store.ts';
import { signAccess } from '../tokens/access.ts';
import { accessSeconds, hasRefreshTokens, REFRESH_SECONDS } from '../tokens/lifetimes.ts';
import { hashOpaqueToken, newOpaqueToken } from '../tokens/opaque-token.ts';
import { selectUser, type UserRow, userView } from '../users/store.ts';
import { type ClientInfo, insertRefreshToken, insertSession, pruneSessions, touchLogin } from './store.ts';

export interface OpenedSession {
  id: string;
  edition: Edition;
  refreshToken: string | null;
}

/** A session just opened, with its user and tenant. */
export interface Opened {
  tenant: TenantRow;
  user: UserRow;
  session: OpenedSession;
}

/**
 * Opens a session, remembers the device, and reads user and tenant afterwards. Null when one of
 * them does not exist.
 */
export async function openFor(
  tx: Tx,
  env: Deps['config']['RECADO_ENV'],
  tenantId: string,
  userId: string,
  given: { edition: Edition } & ClientInfo & DeviceClient,
): Promise<Opened | null> {
  const session = await openSession(tx, env, tenantId, userId, given);
  await rememberDevice(tx, tenantId, userId, given);
  const [[user], [tenant]] = await Promise.all([selectUser(tx, tenantId, userId), selectTenant(tx, tenantId)]);
  return user && tenant ? { user, tenant, session } : null;
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
  const refreshToken = hasRefreshTokens(edition) ? newOpaqueToken(tenantId) : null;
  await Promise.all([
    refreshToken && insertRefreshToken(tx, tenantId, id, hashOpaqueToken(refreshToken), REFRESH_SECONDS),
    touchLogin(tx, tenantId, userId, at),
    pruneSessions(tx, tenantId, userId),
  ]);
  return { id, edition, refreshToken, at };
}

/** The answer to a log-in, registration, refresh or renewal: signs the access token. */
export function sessionAnswer(
  { jwt }: Pick<FastifyInstance, 'jwt'>,
  { config }: Pick<Deps, 'config'>,
  { tenant, user, session }: Opened,
): Session {
  const { edition, refreshToken } = session;
  const expiresIn = accessSeconds(edition, config.RECADO_ENV);
  const shown = userView(user);
  const { id: sub, role, permissions: perms } = shown;
  const claims = {
    aud: edition,
    sub,
    tid: tenant.tenantId,
    sid: session.id,
    role,
    perms,
    ...(tenant.unprovedUntil ? { unproved: true as const } : {}),
  };
  return {
    accessToken: signAccess(jwt, claims, expiresIn),
    refreshToken,
    expiresIn,
    user: shown,
    tenant: tenantView(tenant),
  };
}
