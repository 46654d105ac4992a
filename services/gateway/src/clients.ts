import {
  aiResponderApi,
  analyticsApi,
  connectorApi,
  conversationApi,
  identityApi,
  schedulerApi,
} from '@recado/contracts';
import { createClient } from '@recado/service-kit';
import type { GatewayConfig } from './config.ts';

/** The model may take its time; everything else answers in milliseconds. */
const MODEL_TIMEOUT_MS = 30_000;

/** Typed clients of the services behind the gateway. */
export function createClients({ services, internalSecret }: Pick<GatewayConfig, 'services' | 'internalSecret'>) {
  const common = { internalSecret, service: 'gateway' };
  return {
    identity: createClient(identityApi, { ...common, name: 'identity', baseUrl: services.identity }),
    connector: createClient(connectorApi, { ...common, name: 'channel-connector', baseUrl: services.connector }),
    conversation: createClient(conversationApi, { ...common, name: 'conversation', baseUrl: services.conversation }),
    aiResponder: createClient(aiResponderApi, {
      ...common,
      name: 'ai-responder',
      baseUrl: services.aiResponder,
      timeoutMs: MODEL_TIMEOUT_MS,
    }),
    scheduler: createClient(schedulerApi, { ...common, name: 'scheduler', baseUrl: services.scheduler }),
    analytics: createClient(analyticsApi, { ...common, name: 'analytics', baseUrl: services.analytics }),
  };
}

export type Clients = ReturnType<typeof createClients>;

/** Closes them all, calls under way first. */
export async function closeClients(clients: Clients): Promise<void> {
  await Promise.all(Object.values(clients).map((client) => client.close()));
}
