import { identityApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound, requirePermission, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { selectUser } from '../users/store.ts';
import { setAgentStatus } from './set.ts';
import { changeView, countChanges, selectChanges } from './store.ts';

export function presenceRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.setAgentStatus, async ({ caller, params, body, origin }) =>
    setAgentStatus(deps, caller, origin, params.userId, body),
  );

  serve(app, identityApi.listAgentStatusHistory, async ({ caller, params, query }) => {
    const { tenantId } = caller;
    const { userId } = params;
    const { page, limit, ...period } = query;
    if (caller.userId !== userId) requirePermission(caller, 'users.read');
    const [[user], items, [total]] = await readTenant(deps.db, tenantId, (tx) => [
      selectUser(tx, tenantId, userId),
      selectChanges(tx, tenantId, userId, period, limit, (page - 1) * limit),
      countChanges(tx, tenantId, userId, period),
    ]);
    if (!user) throw new NotFound('user', userId);
    return { items: items.map(changeView), total: total!.count };
  });
}
