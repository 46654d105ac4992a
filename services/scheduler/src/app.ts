import type { Database } from '@recado/database';
import { buildHttp, type HttpOptions } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { timerRoutes } from './timers/routes.ts';

/** The scheduler's app. Does not listen. */
export function buildApp(deps: { db: Database }, http: Omit<HttpOptions, 'name'>): FastifyInstance {
  const app = buildHttp({ name: 'scheduler', ...http });
  timerRoutes(app, deps);
  return app;
}
