import { identityApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { requirePermission, serve, Unauthorized } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { findLiveSession } from '../sessions/store.ts';
import { selectTenant, tenantView } from '../tenants/store.ts';
import { createUser } from './create.ts';
import { countMatchingUsers, selectUser, selectUsers, userView } from './store.ts';

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

  serve(app, identityApi.createUser, async ({ caller, body, request }) => {
    requirePermission(caller, 'users.create', { services: false });
    return createUser(deps, caller.tenantId, body, request.traceparent);
  });

  serve(app, identityApi.listUsers, async ({ caller, query }) => {
    requirePermission(caller, 'users.read');
    const { page, limit, ...filter } = query;
    // Whoever names ids wants them all: the list is bounded by the contract.
    const take = filter.ids ? Math.max(filter.ids.length, 1) : limit;
    const skip = filter.ids ? 0 : (page - 1) * limit;
    const [users, [total]] = await readTenant(db, caller.tenantId, (tx) => [
      selectUsers(tx, caller.tenantId, filter, take, skip),
      countMatchingUsers(tx, caller.tenantId, filter),
    ]);
    return { items: users.map(userView), total: total!.count };
  });
}
