import { generateKeyPairSync } from 'node:crypto';
import {
  aiResponderApi,
  analyticsApi,
  connectorApi,
  conversationApi,
  identityApi,
  SERVICES,
  schedulerApi,
} from '@recado/contracts';
import { buildHttp, CLIENT_AGENT_HEADER, CLIENT_IP_HEADER, createRegistry, serve } from '@recado/service-kit';
import { type HeldThings, internalTokens, serveSamples, testLogger } from '@recado/testkit';
import { apiKey, customRole, notification, serveAnalytics } from './fake-accounts.ts';
import { contact, group, serveAddressBook } from './fake-address-book.ts';
import { serveConnector } from './fake-connector.ts';
import { serveConversation } from './fake-conversation.ts';
import { file, serveFiles } from './fake-files.ts';
import { serveIdentity } from './fake-identity.ts';
import type { FakeServices } from './fake-state.ts';
import { aiConfig, channel, conversation, message, NOW, tenant, user } from './samples.ts';

const LIVE = identityApi.checkLive.path;
const APIS = [aiResponderApi, analyticsApi, connectorApi, conversationApi, identityApi, schedulerApi];

/** What the fakes hold, by the ids of the contracts' schemas. */
const HELD: HeldThings = {
  AiConfig: { value: aiConfig, param: 'configId' },
  ApiKey: { value: apiKey, param: 'apiKeyId' },
  Channel: { value: channel, param: 'channelId' },
  ContactEntry: { value: contact, param: 'contactId' },
  Conversation: { value: conversation, param: 'conversationId' },
  CustomRole: { value: customRole, param: 'roleId' },
  Group: { value: group, param: 'groupId' },
  Message: { value: message, param: 'messageId' },
  Notification: { value: notification, param: 'notificationId' },
  StoredFile: { value: file, param: 'fileId' },
  Tenant: { value: tenant, param: 'tenantId' },
  User: { value: user, param: 'userId' },
};

/**
 * Answers for every service: from `samples` what tests look at, else a sample of the contract's
 * schema.
 */
export async function startFakeServices(): Promise<FakeServices> {
  const keys = generateKeyPairSync('ed25519');
  const kid = 'test-key';
  const app = buildHttp({
    name: 'fake-services',
    log: testLogger(),
    tokens: internalTokens('gateway', [...SERVICES]),
    validateResponses: true,
    ready: { postgres: async () => {}, nats: async () => {} },
    registry: createRegistry('fake-services'),
  });
  const it: FakeServices = {
    url: '',
    key: { kid, ...keys },
    calls: [],
    asked: [],
    callers: [],
    plans: new Map(),
    unproved: new Set(),
    beforeTenant: async () => {},
    apiKeys: new Map(),
    ended: new Set(),
    isCapped: false,
    beforeSend: async () => {},
    beforeUsers: async () => {},
    batches: [],
    frameStatus: () => 200,
    framesRetryAfter: null,
    beforeFrames: async () => {},
    app,
  };
  app.addHook('onRequest', async (request) => {
    // The check before changes is nothing that a test of calls looks for.
    if (request.url.startsWith('/health') || request.url === LIVE) return;
    const call = `${request.method} ${request.url}`;
    it.calls.push(call);
    const header = (name: string) => request.headers[name] as string | undefined;
    it.asked.push({
      call,
      ip: header(CLIENT_IP_HEADER),
      userAgent: header(CLIENT_AGENT_HEADER),
      idempotencyKey: header('idempotency-key'),
    });
  });
  app.addHook('preHandler', async ({ caller, url }) => {
    if (caller && url !== LIVE) it.callers.push(caller);
  });
  serveIdentity(app, it);
  serveConnector(app, it);
  serveConversation(app, it);
  serveAddressBook(app, it);
  serveFiles(app);
  serve(app, aiResponderApi.updateConfig, async () => aiConfig);
  serve(app, aiResponderApi.test, async () => ({
    response: 'De 9 a 18',
    metadata: { model: 'gpt-3.5-turbo', tokensUsed: 45, processingTime: 823, temperature: 0.7 },
  }));
  serve(app, analyticsApi.getRealtime, async () => ({
    day: '2026-01-15',
    timezone: 'America/Lima',
    messagesSentToday: 234,
    messagesReceivedToday: 456,
    failedMessagesToday: 2,
    aiMessagesToday: 100,
    conversationsOpenedToday: 12,
    activeConversations: 67,
    messagesLastHour: 40,
    updatedAt: NOW,
  }));
  serveAnalytics(app, user);
  for (const api of APIS) serveSamples(app, api, HELD);
  it.url = await app.listen({ host: '127.0.0.1', port: 0 });
  return it;
}
