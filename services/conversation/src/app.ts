import { buildHttp, createInternalTokens, type ReadyChecks, type Registry } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { contactRoutes } from './contacts/routes.ts';
import { conversationRoutes } from './conversations/routes.ts';
import type { Deps } from './deps.ts';
import { groupRoutes } from './groups/routes.ts';
import { messageRoutes } from './messages/routes.ts';
import { usageRoutes } from './usage/routes.ts';

export interface AppOptions {
  registry?: Registry;
  ready?: ReadyChecks;
  /** For tests. */
  validateResponses?: boolean;
}

/** Conversation's internal API; the caller listens. */
export function buildApp(deps: Deps, options: AppOptions = {}): FastifyInstance {
  const app = buildHttp({
    name: 'conversation',
    log: deps.log,
    tokens: createInternalTokens('conversation', deps.config),
    ...options,
  });
  conversationRoutes(app, deps);
  messageRoutes(app, deps);
  contactRoutes(app, deps);
  groupRoutes(app, deps);
  usageRoutes(app, deps);
  return app;
}
