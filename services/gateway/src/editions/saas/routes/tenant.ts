import { editionRoute } from '../../../edge/edition.ts';
import { envelope, tenant } from '../schemas.ts';
import { tenantView } from '../views.ts';

export const tenantRoutes = [
  editionRoute({
    method: 'GET',
    path: '/tenant',
    tag: 'Tenant',
    summary: 'Información del tenant actual',
    auth: 'bearer',
    permission: 'tenant.read',
    responses: { 200: envelope(tenant) },
    handle: async ({ deps, call }) => ({
      message: 'Tenant retrieved successfully',
      data: tenantView(await deps.clients.identity.getTenant({}, call)),
    }),
  }),
];
