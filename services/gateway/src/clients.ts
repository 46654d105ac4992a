import {
  aiResponderApi,
  analyticsApi,
  connectorApi,
  conversationApi,
  identityApi,
  schedulerApi,
} from '@recado/contracts';
import { type Client, createClient } from '@recado/service-kit';
import { createRequireLive, guardLiveRoutes } from './auth/live-session.ts';
import type { GatewayConfig } from './config.ts';
import { linkAnswers } from './files/link-media.ts';
import type { MediaLinks } from './files/links.ts';

/** The model may take its time; everything else answers in milliseconds. */
const MODEL_TIMEOUT_MS = 30_000;

/** Named by hand: written out by the compiler, the type is longer than it allows. */
export interface Clients {
  identity: Client<typeof identityApi>;
  connector: Client<typeof connectorApi>;
  conversation: Client<typeof conversationApi>;
  aiResponder: Client<typeof aiResponderApi>;
  scheduler: Client<typeof schedulerApi>;
  analytics: Client<typeof analyticsApi>;
}

/** Typed clients of the services behind the gateway. Tenants share the connections of each. */
export function createClients(
  { services, tokens }: Pick<GatewayConfig, 'services' | 'tokens'>,
  links: MediaLinks,
): Clients {
  const shared = { tokens, sharedByTenants: true };
  const identity = createClient(identityApi, { ...shared, name: 'identity', baseUrl: services.identity });
  const requireLive = createRequireLive(identity.checkLive);
  const connector = createClient(connectorApi, { ...shared, name: 'channel-connector', baseUrl: services.connector });
  const aiResponder = createClient(aiResponderApi, {
    ...shared,
    name: 'ai-responder',
    baseUrl: services.aiResponder,
    timeoutMs: MODEL_TIMEOUT_MS,
  });
  const conversation = createClient(conversationApi, {
    ...shared,
    name: 'conversation',
    baseUrl: services.conversation,
  });
  const scheduler = createClient(schedulerApi, { ...shared, name: 'scheduler', baseUrl: services.scheduler });
  return {
    identity: guardLiveRoutes(identityApi, identity, requireLive),
    connector: guardLiveRoutes(connectorApi, connector, requireLive),
    conversation: linkAnswers(guardLiveRoutes(conversationApi, conversation, requireLive), links),
    aiResponder: guardLiveRoutes(aiResponderApi, aiResponder, requireLive),
    scheduler: guardLiveRoutes(schedulerApi, scheduler, requireLive),
    analytics: createClient(analyticsApi, { ...shared, name: 'analytics', baseUrl: services.analytics }),
  };
}

/** Closes them all, calls under way first. */
export async function closeClients(clients: Clients): Promise<void> {
  await Promise.all(Object.values(clients).map((client) => client.close()));
}
