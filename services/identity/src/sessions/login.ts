import {
  type AuditOrigin,
  buildAudit,
  type identityApi,
  identityAudit,
  type RouteInput,
  type Tenant,
  type User,
} from '@recado/contracts';
import { type Database, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { AppError, Forbidden, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { auditFailure, originOfGuest, originOfUser } from '../logins/audit.ts';
import { deviceMarks, knownDevice } from '../logins/devices.ts';
import { type Checked, checkCode } from '../two-factor/check.ts';
import { reasonOf, refuseLogin } from '../two-factor/refusals.ts';
import { type Account, lockAccount } from '../two-factor/store.ts';
import { openChallenge } from './challenges.ts';
import { type Opened, openFor } from './open.ts';

type Input = RouteInput<typeof identityApi.login>['body'];

/** The next step of a log-in with the right password. Each of them commits. */
type Outcome =
  | { step: 'open'; opened: Opened }
  | { step: 'challenge'; challengeToken: string }
  | { step: 'refused'; checked: Checked };

/**
 * Opens a session for e-mail, password and, where needed, a second-factor code. An unknown e-mail
 * costs the same hash and gets the same answer.
 * @throws Unauthorized `invalid_credentials`, or `two_factor_required` with a challenge token.
 * @throws Forbidden when user or tenant are not active (only after the right password).
 * @throws TooManyRequests after too many failures, or when too many log-ins wait
 */
export async function login(deps: Deps, input: Input, origin: AuditOrigin): Promise<Opened> {
  const guest = originOfGuest(origin, input);
  const found = await checkPassword(deps, input, guest);
  const { tenantId, userId, passwordHash } = found;
  const outcome = await withTenant(deps.db, tenantId, async (tx): Promise<Outcome> => {
    const account = await lockAccount(tx, tenantId, userId);
    // Removed, or another password, since the look-up: as if it had been so before.
    if (account?.passwordHash !== passwordHash) throw wrongPassword();
    requireActive(account.status, found.tenantStatus);
    return continueLogin(deps, tx, found, account, input, guest);
  });
  switch (outcome.step) {
    case 'open':
      return outcome.opened;
    case 'challenge': {
      const { challengeToken } = outcome;
      throw new AppError('two_factor_required', 'A code of the second factor is required', { challengeToken });
    }
    case 'refused':
      refuseLogin(outcome.checked);
      throw new Unauthorized();
  }
}

/** @throws Forbidden when the user or the whole tenant may not come in */
export function requireActive(user: User['status'], tenant: Tenant['status']): void {
  if (tenant !== 'active') throw new Forbidden('This account is suspended', 'tenant_suspended');
  if (user !== 'active') throw new Forbidden('This user is not active');
}

/** The session of a fully authenticated user, with its audit event. */
export async function openAudited(
  deps: Pick<Deps, 'config'>,
  tx: Tx,
  tenantId: string,
  userId: string,
  given: Pick<Input, 'edition' | 'ip' | 'userAgent' | 'device' | 'sharedAddress'>,
  guest: AuditOrigin,
): Promise<Opened> {
  const client = { ...given, ip: guest.ip ?? undefined, userAgent: guest.userAgent ?? undefined };
  const opened = await openFor(tx, deps.config.RECADO_ENV, tenantId, userId, client);
  // Both were there a moment ago, and the user's row is locked.
  if (!opened) throw wrongPassword();
  // The user's row is locked, the tenant's is not: it may have been suspended since the look-up.
  requireActive(opened.user.status, opened.tenant.status);
  const what = { action: 'session.create', entityType: 'session', entityId: opened.session.id };
  await enqueue(tx, buildAudit(identityAudit, originOfUser(guest, tenantId, userId), what));
  return opened;
}

async function continueLogin(
  deps: Deps,
  tx: Tx,
  { tenantId, userId }: Login,
  account: Account,
  input: Input,
  guest: AuditOrigin,
): Promise<Outcome> {
  if (account.twoFactor) {
    if (input.code === undefined) {
      return { step: 'challenge', challengeToken: await openChallenge(tx, tenantId, userId, input.edition) };
    }
    const checked = await checkCode(deps, tx, tenantId, userId, input.code);
    const reason = reasonOf(checked, 'invalid_credentials');
    if (reason) {
      await enqueue(tx, failedLogin({ ...guest, tenantId }, userId, reason));
      return { step: 'refused', checked };
    }
  }
  return { step: 'open', opened: await openAudited(deps, tx, tenantId, userId, input, guest) };
}

/**
 * The audit event of a known user's failed log-in. The caller is not known, so the actor is
 * anonymous.
 */
export const failedLogin = (origin: AuditOrigin, userId: string, reason: string) =>
  buildAudit(identityAudit, origin, { ...failure(userId, reason), success: false });

const failure = (userId: string, reason: string) => ({
  action: 'session.create',
  entityType: 'user',
  entityId: userId,
  reason,
});

/** @throws Unauthorized, Forbidden, TooManyRequests */
async function checkPassword(deps: Deps, input: Input, guest: AuditOrigin): Promise<Login> {
  const { email, password } = input;
  deps.passwords.requireRoom();
  const { ip, userAgent } = guest;
  const { device: mark, sharedAddress } = input;
  const found = await findLogins(deps.workerDb, email, deviceMarks({ ip, userAgent, device: mark, sharedAddress }));
  const device = found.owner?.device ?? null;
  const login = await deps.logins.within({ email, ip, sharedAddress, device }, async () => {
    const value = await matchPassword(deps, found, password);
    return { right: value !== null, value };
  });
  const known = login ?? found.owner ?? found.claims[0];
  if (!known) throw wrongPassword();
  const failed = (reason: string) =>
    auditFailure(deps, { ...guest, tenantId: known.tenantId }, failure(known.userId, reason));
  if (!login) {
    failed('invalid_credentials');
    throw wrongPassword();
  }
  try {
    requireActive(login.userStatus, login.tenantStatus);
  } catch (error) {
    if (error instanceof AppError) failed(error.code);
    throw error;
  }
  return login;
}

const wrongPassword = () => new Unauthorized('Wrong e-mail or password', 'invalid_credentials');

interface Login {
  tenantId: string;
  userId: string;
  passwordHash: string;
  userStatus: User['status'];
  tenantStatus: Tenant['status'];
  /** What the user knows the device by. */
  device: string | null;
}

interface Logins {
  /** The user who has the address; null until it is proved. */
  owner: Login | null;
  /** Registrations that claim it, the newest first. */
  claims: Login[];
}

/**
 * The user of a password. The owner's place costs a hash even when it is empty: the time must not
 * reveal whether a claimed address has an owner.
 */
async function matchPassword({ passwords }: Deps, { owner, claims }: Logins, password: string): Promise<Login | null> {
  for (const login of [owner, ...claims]) {
    if ((await passwords.verify(login?.passwordHash ?? null, password)) && login) return login;
  }
  return null;
}

/** Of the registrations that claim an address only the newest are asked: each costs a hash. */
const MAX_CLAIMS = 3;

/**
 * The users of an e-mail, by the worker role: a log-in names no tenant, so no tenant's transaction
 * could find them. Everything after runs in the tenant.
 */
async function findLogins(workerDb: Database, email: string, marks: string[]): Promise<Logins> {
  const rows = await workerDb.sql<(Login & { claims: boolean })[]>`
    select u.tenant_id as "tenantId", u.id as "userId", u.password_hash as "passwordHash", u.status as "userStatus",
           t.status as "tenantStatus", ${knownDevice(workerDb.sql, marks)} as device, u.claimed_email is not null as claims
    from users u join tenants t using (tenant_id)
    where u.deleted_at is null and (u.email = ${email} or (u.claimed_email = ${email} and t.unproved_until > now()))
    order by claims, u.created_at desc limit ${1 + MAX_CLAIMS}`;
  return {
    owner: rows.find(({ claims }) => !claims) ?? null,
    claims: rows.filter(({ claims }) => claims).slice(0, MAX_CLAIMS),
  };
}
