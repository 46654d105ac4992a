import { identityApi } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { createRole } from './create.ts';
import { deleteRole } from './delete.ts';
import { withLaterPermissions } from './later-permissions.ts';
import { roleView, selectRoles } from './store.ts';
import { updateRole } from './update.ts';

export function roleRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.listRoles, async ({ caller }) => {
    const [rows] = await readTenant(deps.db, caller.tenantId, (tx) => [selectRoles(tx, caller.tenantId)]);
    return { items: rows.map(roleView) };
  });

  serve(app, identityApi.createRole, async ({ caller, body, origin }) =>
    createRole(deps, await withLaterPermissions(deps, caller), origin, body),
  );

  serve(app, identityApi.updateRole, async ({ caller, params, body, origin }) =>
    updateRole(deps, await withLaterPermissions(deps, caller), origin, params.roleId, body),
  );

  serve(app, identityApi.deleteRole, async ({ caller, params, origin }) =>
    deleteRole(deps, caller, origin, params.roleId),
  );
}
