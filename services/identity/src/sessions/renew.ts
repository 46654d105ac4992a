import type { identityApi, RouteInput } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { type Caller, Unauthorized } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { selectTenant } from '../tenants/store.ts';
import { accessSeconds } from '../tokens/lifetimes.ts';
import { selectUser } from '../users/store.ts';
import { requireActive } from './login.ts';
import type { Opened } from './open.ts';
import { extendSession, lockLiveSession } from './store.ts';

type Input = RouteInput<typeof identityApi.renew>['body'];

/**
 * A new access token for the caller's session, of its own edition, with role and permissions as
 * they are now. The table decides whether it lives. Refresh tokens stay.
 * @throws Unauthorized when the session is over or missing
 * @throws Forbidden when user or tenant are not active
 */
export async function renew(deps: Deps, caller: Caller, client: Input): Promise<Opened> {
  const { tenantId, userId, sessionId } = caller;
  if (!userId || !sessionId) throw new Unauthorized('This takes a person who is logged in');
  return withTenant(deps.db, tenantId, async (tx) => {
    const edition = await lockLiveSession(tx, tenantId, userId, sessionId);
    if (!edition) throw new Unauthorized('The session has ended');
    const [[user], [tenant]] = await Promise.all([
      selectUser(tx, tenantId, userId),
      selectTenant(tx, tenantId),
      extendSession(tx, tenantId, sessionId, accessSeconds(edition, deps.config.RECADO_ENV), client),
    ]);
    if (!user || !tenant) throw new Unauthorized('The session has ended');
    requireActive(user.status, tenant.status);
    return { user, tenant, session: { id: sessionId, edition, refreshToken: null } };
  });
}
