import { identityApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound, serve, timeAndId, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { selectUser } from '../users/store.ts';
import { setAgentStatus } from './set.ts';
import { changeView, countChanges, selectChanges } from './store.ts';

const walk = walkOf('agent-status', timeAndId);

export function presenceRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.setAgentStatus, async ({ caller, params, body, origin }) =>
    setAgentStatus(deps, caller, origin, params.userId, body),
  );

  serve(app, identityApi.listAgentStatusHistory, async ({ caller, params, query }) => {
    const { tenantId } = caller;
    const { userId } = params;
    const { page, limit, cursor, ...period } = query;
    const slice = walk.slice({ page, limit, cursor });
    const [[user], rows, [total]] = await readTenant(deps.db, tenantId, (tx) => [
      selectUser(tx, tenantId, userId),
      selectChanges(tx, tenantId, userId, period, slice),
      countChanges(tx, tenantId, userId, period),
    ]);
    if (!user) throw new NotFound('user', userId);
    const { items, nextCursor } = walk.page(rows, limit, ({ at, id }) => ({ at, id }));
    return { items: items.map(changeView), total: total!.count, nextCursor };
  });
}
