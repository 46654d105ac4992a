import { apiKeyRoutes } from './api-keys/routes.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { passwordRoutes } from './passwords/routes.ts';
import { presenceRoutes } from './presence/routes.ts';
import { proofRoutes } from './proofs/routes.ts';
import { registrationRoutes } from './registrations/routes.ts';
import { roleRoutes } from './roles/routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { systemRoutes } from './system/routes.ts';
import { tenantRoutes } from './tenants/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';
import { twoFactorRoutes } from './two-factor/routes.ts';
import { userRoutes } from './users/routes.ts';

/** Registers every resource of identity. */
export const routes = [
  apiKeyRoutes,
  notificationRoutes,
  passwordRoutes,
  presenceRoutes,
  proofRoutes,
  registrationRoutes,
  roleRoutes,
  sessionRoutes,
  systemRoutes,
  tenantRoutes,
  tokenRoutes,
  twoFactorRoutes,
  userRoutes,
];
