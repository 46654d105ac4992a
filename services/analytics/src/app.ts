import { buildHttp, createInternalTokens } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { auditRoutes } from './audit/routes.ts';
import { dailyRoutes } from './daily/routes.ts';
import type { Deps } from './deps.ts';
import { realtimeRoutes } from './realtime/routes.ts';

/** Analytics' internal API; the caller listens. `validateResponses`: for tests. */
export function buildApp(
  deps: Deps,
  { streamReady, ...options }: { streamReady(): Promise<void>; validateResponses?: boolean },
): FastifyInstance {
  const app = buildHttp({
    name: 'analytics',
    log: deps.log,
    tokens: createInternalTokens('analytics', deps.config),
    registry: deps.registry,
    ready: { postgres: () => deps.db.ping(), nats: () => deps.bus.ping(), stream: streamReady },
    ...options,
  });
  realtimeRoutes(app, deps);
  dailyRoutes(app, deps);
  auditRoutes(app, deps);
  return app;
}
