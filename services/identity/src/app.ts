import { buildHttp, type HttpOptions } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from './deps.ts';
import { registrationRoutes } from './registrations/routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { tenantRoutes } from './tenants/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';
import { userRoutes } from './users/routes.ts';

/** Identity's app, every room registered. Does not listen. */
export function buildApp(deps: Deps, http: Omit<HttpOptions, 'name'>): FastifyInstance {
  const app = buildHttp({ name: 'identity', ...http });
  registrationRoutes(app, deps);
  sessionRoutes(app, deps);
  tenantRoutes(app, deps);
  userRoutes(app, deps);
  tokenRoutes(app, deps);
  return app;
}
