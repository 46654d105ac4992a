import type { Edition } from '@recado/contracts';
import { columns, type Database, type Tx } from '@recado/database';
import { refreshTokens, sessions } from '../schema.ts';
import { accessSeconds } from '../tokens/lifetimes.ts';

/** Where a session is used from, as the edge saw it. */
export interface ClientInfo {
  ip?: string | undefined;
  userAgent?: string | undefined;
}

/** Sessions and their tokens are kept this long after their end, for later questions. */
const KEEP_DEAD = '7 days';

export async function insertSession(
  tx: Tx,
  tenantId: string,
  session: { id: string; userId: string; edition: Edition; seconds: number } & ClientInfo,
): Promise<Date> {
  const { id, userId, edition, seconds, ip = null, userAgent = null } = session;
  const [row] = await tx<{ createdAt: Date }[]>`
    insert into sessions (tenant_id, id, user_id, edition, ip, user_agent, expires_at)
    values (${tenantId}, ${id}, ${userId}, ${edition}, ${ip}, ${userAgent}, now() + ${seconds} * interval '1 second')
    returning created_at as "createdAt"`;
  return row!.createdAt;
}

export const insertRefreshToken = (tx: Tx, tenantId: string, sessionId: string, hash: Buffer, seconds: number) => tx`
  insert into refresh_tokens (tenant_id, token_hash, session_id, expires_at)
  values (${tenantId}, ${hash}, ${sessionId}, now() + ${seconds} * interval '1 second')`;

/** Notes the log-in on the user. */
export const touchLogin = (tx: Tx, tenantId: string, userId: string, at: Date) =>
  tx`update users set last_login_at = ${at} where tenant_id = ${tenantId} and id = ${userId}`;

/**
 * Removes the user's sessions that ended long ago; a log-in is the moment, so no clock loop is
 * needed.
 */
export const pruneSessions = (tx: Tx, tenantId: string, userId: string) => tx`
  delete from sessions
  where tenant_id = ${tenantId} and user_id = ${userId} and expires_at < now() - ${KEEP_DEAD}::interval`;

const tokenColumns = columns(refreshTokens, { alias: 'r', only: ['sessionId', 'successorSalt'] });
const ownerColumns = columns(sessions, { alias: 's', only: ['userId', 'edition'] });

/** Its salt gives the successor again; null when the token is fresh. */
export type PresentedToken = typeof tokenColumns.$row &
  typeof ownerColumns.$row & {
    /** Milliseconds since the token was rotated away; null when it is fresh. */
    usedMsAgo: number | null;
    /** The successor of its successor was used. */
    familyMovedOn: boolean;
    expired: boolean;
    revoked: boolean;
  };

/**
 * The token and its session, both locked until the transaction ends: refreshes of one family take
 * turns. Null when the tenant has no such token.
 */
export async function lockRefreshToken(tx: Tx, tenantId: string, hash: Buffer): Promise<PresentedToken | null> {
  const [row] = await tx<PresentedToken[]>`
    select ${tokenColumns(tx)}, ${ownerColumns(tx)},
           (extract(epoch from clock_timestamp() - r.used_at) * 1000)::float8 as "usedMsAgo",
           exists (
             select 1 from refresh_tokens first
             join refresh_tokens second on second.tenant_id = first.tenant_id and second.token_hash = first.successor_hash
             where first.tenant_id = r.tenant_id and first.token_hash = r.successor_hash and second.used_at is not null
           ) as "familyMovedOn",
           r.expires_at <= now() as expired, s.revoked_at is not null as revoked
    from refresh_tokens r join sessions s on s.tenant_id = r.tenant_id and s.id = r.session_id
    where r.tenant_id = ${tenantId} and r.token_hash = ${hash}
    for no key update of r, s`;
  return row ?? null;
}

export const markTokenUsed = (tx: Tx, tenantId: string, hash: Buffer, successor: { salt: Buffer; hash: Buffer }) => tx`
  update refresh_tokens
  set used_at = clock_timestamp(), successor_salt = ${successor.salt}, successor_hash = ${successor.hash}
  where tenant_id = ${tenantId} and token_hash = ${hash}`;

/**
 * Tokens of the family that expired by themselves; used ones stay until then, so that a replay is
 * recognised.
 */
export const pruneRefreshTokens = (tx: Tx, tenantId: string, sessionId: string) => tx`
  delete from refresh_tokens where tenant_id = ${tenantId} and session_id = ${sessionId} and expires_at < now()`;

/** The session lives for at least `seconds` from now. */
export const extendSession = (tx: Tx, tenantId: string, id: string, seconds: number, client: ClientInfo) => tx`
  update sessions
  set last_used_at = now(), expires_at = greatest(expires_at, now() + ${seconds} * interval '1 second'),
      ip = coalesce(${client.ip ?? null}, ip), user_agent = coalesce(${client.userAgent ?? null}, user_agent)
  where tenant_id = ${tenantId} and id = ${id}`;

/** Ends a session. Returns its user, or null when it was over already or never was. */
export async function revokeSession(tx: Tx, tenantId: string, id: string, reason: string): Promise<string | null> {
  const [row] = await tx<{ userId: string }[]>`
    update sessions set revoked_at = now(), revoke_reason = ${reason}
    where tenant_id = ${tenantId} and id = ${id} and revoked_at is null
    returning user_id as "userId"`;
  return row?.userId ?? null;
}

const ofUsers = (tx: Tx, column: 'id' | 'user_id', users: readonly string[] | 'everyone') =>
  users === 'everyone' ? tx`` : tx`and ${tx(column)} = any(${users as string[]}::uuid[])`;

/** Locks users' rows in one common order: their log-ins wait until the transaction ends. */
export const lockUsers = (tx: Tx, tenantId: string, users: readonly string[] | 'everyone') => tx`
  select id from users where tenant_id = ${tenantId} ${ofUsers(tx, 'id', users)} order by id for no key update`;

const endedColumns = columns(sessions, { only: ['id', 'userId'] });

/** Ends what sessions of the users are still alive, and gives those. */
export const revokeSessionsOf = (tx: Tx, tenantId: string, users: readonly string[] | 'everyone', reason: string) =>
  tx<(typeof endedColumns.$row)[]>`
    update sessions set revoked_at = now(), revoke_reason = ${reason}
    where tenant_id = ${tenantId} ${ofUsers(tx, 'user_id', users)} and revoked_at is null and expires_at > now()
    returning ${endedColumns(tx)}`;

/** Log-ins of the users that wait for a second factor go no further. */
export const dropChallenges = (tx: Tx, tenantId: string, users: readonly string[] | 'everyone') => tx`
  delete from login_challenges where tenant_id = ${tenantId} ${ofUsers(tx, 'user_id', users)}`;

/** One row when the session is neither revoked nor over. */
export const findLiveSession = (tx: Tx, tenantId: string, id: string | null) => tx`
  select id from sessions where tenant_id = ${tenantId} and id = ${id} and revoked_at is null and expires_at > now()`;

/** One row when the session lives and may act: its user and tenant are active. */
export const findLivePerson = (tx: Tx, tenantId: string, userId: string | null, id: string | null) => tx`
  select s.id from sessions s
  join users u on u.tenant_id = s.tenant_id and u.id = s.user_id
  join tenants t on t.tenant_id = s.tenant_id
  where s.tenant_id = ${tenantId} and s.id = ${id} and s.user_id = ${userId} and s.revoked_at is null and s.expires_at > now()
    and u.status = 'active' and u.deleted_at is null and t.status = 'active'`;

/**
 * The edition of a live session of the user, locked until the transaction ends; null when it is
 * over.
 */
export async function lockLiveSession(tx: Tx, tenantId: string, userId: string, id: string): Promise<Edition | null> {
  const [row] = await tx<{ edition: Edition }[]>`
    select edition from sessions
    where tenant_id = ${tenantId} and id = ${id} and user_id = ${userId} and revoked_at is null and expires_at > now()
    for no key update`;
  return row?.edition ?? null;
}

/**
 * Every tenant's sessions that were revoked so lately that an access token of theirs may still be
 * alive. Worker role.
 */
export async function listRevokedSessions(workerDb: Database, editions: readonly Edition[]): Promise<string[]> {
  const seconds = editions.map((edition) => accessSeconds(edition, 'development'));
  const rows = await workerDb.sql<{ id: string }[]>`
    select s.id from sessions s
    join unnest(${[...editions]}::text[], ${seconds}::int[]) as life (edition, seconds) on life.edition = s.edition
    where s.revoked_at > now() - life.seconds * interval '1 second'`;
  return rows.map((row) => row.id);
}
