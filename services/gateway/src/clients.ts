import {
  aiResponderApi,
  analyticsApi,
  connectorApi,
  conversationApi,
  identityApi,
  schedulerApi,
} from '@recado/contracts';
import { createClient } from '@recado/service-kit';
import { createRequireLive, guardLiveRoutes } from './auth/live-session.ts';
import type { GatewayConfig } from './config.ts';

/** The model may take its time; everything else answers in milliseconds. */
const MODEL_TIMEOUT_MS = 30_000;

/** Typed clients of the services behind the gateway. */
export function createClients({ services, internalSecret }: Pick<GatewayConfig, 'services' | 'internalSecret'>) {
  const common = { internalSecret, service: 'gateway' };
  const identity = createClient(identityApi, { ...common, name: 'identity', baseUrl: services.identity });
  const requireLive = createRequireLive(identity.checkLive);
  const connector = createClient(connectorApi, { ...common, name: 'channel-connector', baseUrl: services.connector });
  const aiResponder = createClient(aiResponderApi, {
    ...common,
    name: 'ai-responder',
    baseUrl: services.aiResponder,
    timeoutMs: MODEL_TIMEOUT_MS,
  });
  const conversation = createClient(conversationApi, {
    ...common,
    name: 'conversation',
    baseUrl: services.conversation,
  });
  const scheduler = createClient(schedulerApi, { ...common, name: 'scheduler', baseUrl: services.scheduler });
  return {
    identity: guardLiveRoutes(identityApi, identity, requireLive),
    connector: guardLiveRoutes(connectorApi, connector, requireLive),
    conversation: guardLiveRoutes(conversationApi, conversation, requireLive),
    aiResponder: guardLiveRoutes(aiResponderApi, aiResponder, requireLive),
    scheduler: guardLiveRoutes(schedulerApi, scheduler, requireLive),
    analytics: createClient(analyticsApi, { ...common, name: 'analytics', baseUrl: services.analytics }),
  };
}

export type Clients = ReturnType<typeof createClients>;

/** Closes them all, calls under way first. */
export async function closeClients(clients: Clients): Promise<void> {
  await Promise.all(Object.values(clients).map((client) => client.close()));
}
