import { answers, buildHttp, createInternalTokens, type ReadyChecks } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { channelRoutes } from './channels/routes.ts';
import type { Deps } from './deps.ts';
import type { InboundLimits } from './webhooks/inbound-limits.ts';
import { webhookRoutes } from './webhooks/routes.ts';
import type { StoreGroup } from './webhooks/store-group.ts';

export interface AppOptions {
  group: StoreGroup;
  inbound: InboundLimits;
  ready?: ReadyChecks;
  /** Parse every answer against its contract; for tests. */
  validateResponses?: boolean;
}

/** The connector's HTTP side; the caller listens. */
export function buildApp(deps: Deps, { group, inbound, ready = {}, validateResponses }: AppOptions): FastifyInstance {
  const app = buildHttp({
    name: 'channel-connector',
    log: deps.log,
    tokens: createInternalTokens('channel-connector', deps.config),
    validateResponses,
    registry: deps.registry,
    ready,
    uses: { meta: answers(deps.config.RECADO_META_GRAPH_URL) },
  });
  channelRoutes(app, deps);
  webhookRoutes(app, deps, group, inbound);
  return app;
}
