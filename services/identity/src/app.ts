import { buildHttp, type HttpOptions } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { apiKeyRoutes } from './api-keys/routes.ts';
import type { Deps } from './deps.ts';
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

/** Identity's app, every room registered. Does not listen. */
export function buildApp(deps: Deps, http: Omit<HttpOptions, 'name'>): FastifyInstance {
  const app = buildHttp({ name: 'identity', ...http });
  registrationRoutes(app, deps);
  proofRoutes(app, deps);
  sessionRoutes(app, deps);
  passwordRoutes(app, deps);
  twoFactorRoutes(app, deps);
  apiKeyRoutes(app, deps);
  tenantRoutes(app, deps);
  userRoutes(app, deps);
  roleRoutes(app, deps);
  presenceRoutes(app, deps);
  notificationRoutes(app, deps);
  tokenRoutes(app, deps);
  systemRoutes(app, deps);
  return app;
}
