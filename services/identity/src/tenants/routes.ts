import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { setTenantStatus } from './set-status.ts';
import { getTenant, listTenants, tenantView } from './store.ts';
import { updateTenant } from './update.ts';

export function tenantRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.getTenant, async ({ caller }) => tenantView(await getTenant(deps.db, caller.tenantId)));

  serve(app, identityApi.updateTenant, async ({ caller, body, origin }) => updateTenant(deps, caller, origin, body));

  serve(app, identityApi.listTenants, async ({ query }) => {
    const { page, limit, search } = query;
    const { rows, total } = await listTenants(deps.workerDb, search, limit, (page - 1) * limit);
    return { items: rows.map(tenantView), total };
  });

  serve(app, identityApi.setTenantStatus, async ({ params, body, origin }) =>
    setTenantStatus(deps, origin, params.tenantId, body),
  );
}
