import { buildHttp, createInternalTokens, type ReadyChecks } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { auditRoutes } from './audit/routes.ts';
import { dailyRoutes } from './daily/routes.ts';
import type { Deps } from './deps.ts';
import { realtimeRoutes } from './realtime/routes.ts';

/** Analytics' internal API; the caller listens. `validateResponses`: for tests. */
export function buildApp(
  deps: Deps,
  options: { ready?: ReadyChecks; validateResponses?: boolean } = {},
): FastifyInstance {
  const app = buildHttp({
    name: 'analytics',
    log: deps.log,
    tokens: createInternalTokens('analytics', deps.config),
    registry: deps.registry,
    ...options,
  });
  realtimeRoutes(app, deps);
  dailyRoutes(app, deps);
  auditRoutes(app, deps);
  return app;
}
