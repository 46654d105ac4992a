import { answers, buildHttp, createInternalTokens, type ReadyChecks, type Registry } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { configRoutes } from './configs/routes.ts';
import type { Deps } from './deps.ts';
import { trialRoutes } from './trials/routes.ts';

/** ai-responder's internal API; the caller listens. `validateResponses`: for tests. */
export function buildApp(
  deps: Deps,
  options: { registry: Registry; ready: ReadyChecks; validateResponses?: boolean | undefined },
): FastifyInstance {
  const app = buildHttp({
    name: 'ai-responder',
    log: deps.log,
    tokens: createInternalTokens('ai-responder', deps.config),
    // Without a key nobody means to reach it.
    uses: deps.config.RECADO_OPENAI_API_KEY ? { openai: answers(`${deps.config.RECADO_OPENAI_BASE_URL}/models`) } : {},
    ...options,
  });
  configRoutes(app, deps);
  trialRoutes(app, deps);
  return app;
}
