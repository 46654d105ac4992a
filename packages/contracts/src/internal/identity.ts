import { z } from 'zod';
import { defineApi, route } from '../route.ts';
import { apiKeyRoutes } from './identity/api-keys.ts';
import { meRoutes } from './identity/me.ts';
import { notificationRoutes } from './identity/notifications.ts';
import { registrationRoutes } from './identity/registrations.ts';
import { roleRoutes } from './identity/roles.ts';
import { sessionRoutes } from './identity/sessions.ts';
import { tenantRoutes } from './identity/tenants.ts';
import { userRoutes } from './identity/users.ts';

export { type ApiKey, apiKey } from './identity/api-keys.ts';
export { type CustomRole, customRole } from './identity/roles.ts';
export { type AccessClaims, accessClaims, type Session, session } from './identity/sessions.ts';
export { TENANT_STATUSES, type Tenant, tenant } from './identity/tenants.ts';
export {
  AGENT_STATUSES,
  type AgentStatusChange,
  agentStatusChange,
  USER_STATUSES,
  type User,
  user,
} from './identity/users.ts';

/** Alone, for services that need no other: bundles leave the rest out. */
export { apiKeyRoutes, tenantRoutes, userRoutes };

export const identityApi = defineApi({
  ...registrationRoutes,
  ...sessionRoutes,
  ...meRoutes,
  ...tenantRoutes,
  ...userRoutes,
  ...roleRoutes,
  ...apiKeyRoutes,
  ...notificationRoutes,
  getStorage: route({
    method: 'GET',
    path: '/storage',
    access: 'system.read',
    responses: { 200: z.object({ tables: z.number().int(), connections: z.number().int() }) },
    summary: "How many tables and connections the mesh's database has (system.read)",
  }),
  jwks: route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    responses: { 200: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }) },
    summary: 'Public keys of access tokens',
    auth: 'none',
  }),
});
