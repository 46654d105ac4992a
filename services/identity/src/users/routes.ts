import { identityApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { serve, timeAndId, Unauthorized, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { withLaterPermissions } from '../roles/later-permissions.ts';
import { findLiveSession } from '../sessions/store.ts';
import { selectTenant, tenantView } from '../tenants/store.ts';
import { createUser } from './create.ts';
import { deleteUser } from './delete.ts';
import { countMatchingUsers, getUser, selectUser, selectUsers, userView } from './store.ts';
import { updateMe, updateUser } from './update.ts';

const walk = walkOf('users', timeAndId);

export function userRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, identityApi.getMe, async ({ caller }) => {
    const { tenantId, userId, sessionId } = caller;
    if (!userId) throw new Unauthorized();
    const [[user], [tenant], live] = await readTenant(db, tenantId, (tx) => [
      selectUser(tx, tenantId, userId),
      selectTenant(tx, tenantId),
      findLiveSession(tx, tenantId, sessionId ?? null),
    ]);
    // The edge learns of a revocation by event and by Redis; here the table itself answers.
    if (!user || !tenant || (sessionId && live.length === 0)) throw new Unauthorized('The session has ended');
    return { user: userView(user), tenant: tenantView(tenant) };
  });

  serve(app, identityApi.updateMe, async ({ caller, body, origin }) => updateMe(deps, caller, origin, body));

  serve(app, identityApi.createUser, async ({ caller, body, origin }) =>
    createUser(deps, await withLaterPermissions(deps, caller), origin, body),
  );

  serve(app, identityApi.listUsers, async ({ caller, query }) => {
    const { page, limit, cursor, ...filter } = query;
    // A caller who names ids gets all of them: the contract bounds the list.
    const take = filter.ids ? Math.max(filter.ids.length, 1) : limit;
    const slice = walk.slice(filter.ids ? { limit: take } : { page, limit, cursor });
    const [users, [total]] = await readTenant(db, caller.tenantId, (tx) => [
      selectUsers(tx, caller.tenantId, filter, slice),
      countMatchingUsers(tx, caller.tenantId, filter),
    ]);
    const { items, nextCursor } = walk.page(users, take, ({ createdAt: at, id }) => ({ at, id }));
    return { items: items.map(userView), total: total!.count, nextCursor };
  });

  serve(app, identityApi.getUser, async ({ caller, params }) =>
    userView(await getUser(db, caller.tenantId, params.userId)),
  );

  serve(app, identityApi.updateUser, async ({ caller, params, body, origin }) =>
    updateUser(deps, await withLaterPermissions(deps, caller), origin, params.userId, body),
  );

  serve(app, identityApi.deleteUser, async ({ caller, params, origin }) =>
    deleteUser(deps, await withLaterPermissions(deps, caller), origin, params.userId),
  );
}
