import type { identityApi, RouteInput, Session, Tenant, User } from '@recado/contracts';
import { type Database, withTenant } from '@recado/database';
import { Forbidden, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { selectTenant } from '../tenants/store.ts';
import { selectUser } from '../users/store.ts';
import { openSession, sessionAnswer } from './open.ts';

type Input = RouteInput<typeof identityApi.login>['body'];

/**
 * Opens a session for an e-mail and its password. An unknown e-mail costs the same hash and gets the same answer.
 * @throws Unauthorized `invalid_credentials`, Forbidden when user or tenant are not active (told only to who knows the
 * password), TooManyRequests when too many log-ins wait
 */
export async function login(deps: Deps, input: Input): Promise<Session> {
  const login = await findLogin(deps.workerDb, input.email);
  const right = await deps.passwords.verify(login?.passwordHash ?? null, input.password);
  if (!login || !right) throw new Unauthorized('Wrong e-mail or password', 'invalid_credentials');
  requireActive(login.userStatus, login.tenantStatus);
  const { tenantId, userId } = login;
  const opened = await withTenant(deps.db, tenantId, async (tx) => {
    const session = await openSession(tx, deps.config.RECADO_ENV, tenantId, userId, input);
    const [[user], [tenant]] = await Promise.all([selectUser(tx, tenantId, userId), selectTenant(tx, tenantId)]);
    // Deleted between the look-up and here; the foreign key makes it all but impossible.
    if (!user || !tenant) throw new Unauthorized('Wrong e-mail or password', 'invalid_credentials');
    return { user, tenant, session };
  });
  return sessionAnswer(deps, opened);
}

/** @throws Forbidden when the user or the whole tenant may not come in */
export function requireActive(user: User['status'], tenant: Tenant['status']): void {
  if (tenant !== 'active') throw new Forbidden('This account is suspended', 'tenant_suspended');
  if (user !== 'active') throw new Forbidden('This user is not active');
}

interface Login {
  tenantId: string;
  userId: string;
  passwordHash: string;
  userStatus: User['status'];
  tenantStatus: Tenant['status'];
}

/**
 * Whose an e-mail is. The one query a request makes with the worker role: a log-in names no tenant, so no tenant's
 * transaction could find it. Everything after it runs in the tenant found.
 */
async function findLogin(workerDb: Database, email: string): Promise<Login | null> {
  const [row] = await workerDb.sql<Login[]>`
    select u.tenant_id as "tenantId", u.id as "userId", u.password_hash as "passwordHash", u.status as "userStatus",
           t.status as "tenantStatus"
    from users u join tenants t using (tenant_id) where u.email = ${email}`;
  return row ?? null;
}
