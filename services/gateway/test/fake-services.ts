import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  aiResponderApi,
  analyticsApi,
  connectorApi,
  conversationApi,
  decodeFrames,
  type Edition,
  encodeStatuses,
  FRAMES_CONTENT_TYPE,
  FRAMES_PATH,
  FRAMES_RETRY_HEADER,
  identityApi,
  type PlanName,
  SERVICES,
  type Session,
  schedulerApi,
  type Tenant,
  uuidv7,
  type WebhookFrame,
} from '@recado/contracts';
import {
  AppError,
  buildHttp,
  type Caller,
  CLIENT_AGENT_HEADER,
  CLIENT_IP_HEADER,
  Conflict,
  createRegistry,
  NotFound,
  requireCaller,
  serve,
  TooManyRequests,
  Unauthorized,
  Unavailable,
  ValidationFailed,
} from '@recado/service-kit';
import { type HeldThings, internalTokens, serveSamples, testLogger } from '@recado/testkit';
import type { FastifyInstance } from 'fastify';
import { accessToken } from './access-token.ts';
import {
  apiKey,
  CHALLENGE,
  customRole,
  notification,
  serveAccounts,
  serveAnalytics,
  TWO_FACTOR_CODE,
  TWO_FACTOR_EMAIL,
} from './fake-accounts.ts';
import { contact, group, serveAddressBook } from './fake-address-book.ts';
import { file, serveFiles } from './fake-files.ts';
import { aiConfig, channel, conversation, inbound, message, NOW, samples, tenant, user } from './samples.ts';

export interface FakeServices {
  url: string;
  key: { kid: string; privateKey: KeyObject; publicKey: KeyObject };
  /** Internal calls in order: `METHOD path?query`. */
  calls: string[];
  /** The same with what came along, for tests that look at it. */
  asked: { call: string; ip: string | undefined; userAgent: string | undefined; idempotencyKey: string | undefined }[];
  /** Who asked on those calls that carried a caller. */
  callers: Caller[];
  /** Plans of tenants other than the sample tenant. */
  plans: Map<string, PlanName>;
  /** Tenants whose e-mail is not proved. */
  unproved: Set<string>;
  /** What identity does instead of naming a tenant; tests break it. */
  beforeTenant: () => Promise<unknown>;
  /** API keys identity knows. */
  apiKeys: Map<string, { apiKeyId: string; tenantId: string; permissions: string[]; expiresAt: string | null }>;
  /** Sessions and keys that identity calls over; null: identity cannot say. */
  ended: Set<string> | null;
  /** Awaited before a message is sent; tests hold or break sends with it. */
  beforeSend: () => Promise<unknown>;
  /** Awaited before users are listed; tests hold a tenant's with it. */
  beforeUsers: (tenantId: string) => Promise<unknown>;
  /** Requests of frames; each an array of frames. */
  batches: WebhookFrame[][];
  /** Decides a frame's status; tests replace it. */
  frameStatus: (frame: WebhookFrame) => number;
  /** The header that tells when limited frames may come again. */
  framesRetryAfter: string | null;
  /** Awaited before frames are answered; tests hold requests with it. */
  beforeFrames: () => Promise<unknown>;
  app: FastifyInstance;
}

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

export const PROOF_CODE = '12345678';
export const PROOF_TOKEN = 'token-of-a-mail';

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
  serveAddressBook(app);
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

function serveIdentity(app: FastifyInstance, it: FakeServices): void {
  const session = (edition: Edition): Session => ({
    accessToken: accessToken(it, { aud: edition }),
    refreshToken: edition === 'saas' || edition === 'crm' ? 'refresh' : null,
    expiresIn: 3600,
    user,
    tenant,
  });
  serve(app, identityApi.jwks, async () => ({
    keys: [{ ...it.key.publicKey.export({ format: 'jwk' }), kid: it.key.kid, use: 'sig', alg: 'EdDSA' }],
  }));
  serve(app, identityApi.register, async ({ body }) => session(body.edition));
  serve(app, identityApi.refresh, async ({ body }) => session(body.edition));
  serveAccounts(app, session, samples);
  serve(app, identityApi.login, async ({ body }) => {
    if (body.password === 'otra-vez') throw new TooManyRequests(900, 'Too many failed log-ins');
    if (body.email === TWO_FACTOR_EMAIL && body.code !== TWO_FACTOR_CODE) {
      throw new AppError('two_factor_required', 'A second factor is required', { challengeToken: CHALLENGE });
    }
    if (body.password !== 'senha123') throw new AppError('invalid_credentials', 'Wrong e-mail or password');
    return session(body.edition);
  });
  serve(app, identityApi.checkLive, async ({ caller }) => {
    if (!it.ended) throw new Unavailable('postgres');
    if (it.ended.has(caller.sessionId ?? caller.apiKeyId ?? '')) throw new Unauthorized('The session has ended');
    return null;
  });
  serve(app, identityApi.getTenant, async ({ caller }) => {
    await it.beforeTenant();
    return {
      ...tenant,
      plan: it.plans.get(caller.tenantId) ?? tenant.plan,
      unprovedUntil: it.unproved.has(caller.tenantId) ? NOW : null,
    };
  });
  serve(app, identityApi.proveEmail, async ({ body }) => {
    if (body.code !== PROOF_CODE && body.token !== PROOF_TOKEN)
      throw new ValidationFailed([
        { field: body.code ? 'code' : 'token', message: 'Wrong or expired', code: 'email_proof' },
      ]);
    return null;
  });
  serve(app, identityApi.authenticateApiKey, async ({ body }) => {
    const found = it.apiKeys.get(body.key);
    if (!found) throw new Unauthorized();
    return found;
  });
  serve(app, identityApi.updateTenant, async ({ body }) => {
    if (body.timezone === 'Mars/Olympus') {
      throw new ValidationFailed([{ field: 'timezone', message: 'Unknown time zone', code: 'timezone' }]);
    }
    const { settings = {}, ...changes } = body;
    if ('huge' in settings) {
      throw new ValidationFailed([{ field: 'settings', message: 'At most 16 KiB', code: 'too_big' }]);
    }
    return { ...tenant, ...changes, settings: { ...tenant.settings, ...settings } } as Tenant;
  });
  serve(app, identityApi.createUser, async ({ body }) => {
    if (body.email === user.email) throw new AppError('conflict', 'E-mail taken', { entity: 'user' });
    const { email, firstName, lastName, role, customRoleId } = body;
    if (customRoleId && customRoleId !== customRole.id) throw new NotFound('role', customRoleId);
    return { ...user, email, firstName, lastName, role, customRole: customRoleId ? customRole : null };
  });
  serve(app, identityApi.listUsers, async ({ query, caller }) => {
    await it.beforeUsers(caller.tenantId);
    const items = query.ids && !query.ids.includes(user.id) ? [] : [user];
    return { items, total: items.length, nextCursor: null };
  });
}

function serveConnector(app: FastifyInstance, it: FakeServices): void {
  serve(app, connectorApi.createChannel, async ({ body }) => {
    if (body.phone?.startsWith('+999')) {
      throw new ValidationFailed([
        { field: 'phone', message: 'Invalid phone number', code: 'phone' },
        { field: 'name', message: 'Something only a service knows' },
        { field: 'ratePerMinute', message: 'Too big', code: 'too_big', params: { origin: 'number', maximum: 60 } },
      ]);
    }
    return { ...channel, name: body.name, phone: body.phone };
  });
  serve(app, connectorApi.listChannels, async ({ query }) => {
    const items = !query.ids || query.ids.includes(channel.id) ? [channel] : [];
    return { items, total: items.length };
  });
  const known = (id: string) => {
    if (id !== channel.id) throw new NotFound('channel', id);
    return channel;
  };
  serve(app, connectorApi.disconnectChannel, async ({ params }) => ({
    ...known(params.channelId),
    status: 'disconnected' as const,
    health: { ...channel.health!, ok: false },
  }));
  serve(app, connectorApi.updateChannel, async ({ params, body: { credentials, ...patch } }) => {
    known(params.channelId);
    if (credentials?.accessToken === 'mistyped') {
      throw new ValidationFailed([{ field: 'credentials', message: 'Refused', code: 'credentials' }]);
    }
    return { ...channel, ...patch } as typeof channel;
  });
  serve(app, connectorApi.requestNumberCode, async ({ params, body }) => {
    known(params.channelId);
    if (body.method === 'sms') throw new Conflict('Verified', 'number_verified');
    return { sent: true as const };
  });
  serve(app, connectorApi.verifyNumber, async ({ params, body }) => {
    if (body.code === '000000') {
      throw new ValidationFailed([{ field: 'code', message: 'Wrong code', code: 'wrong_code' }]);
    }
    return known(params.channelId);
  });
  serve(app, connectorApi.getQueue, async () => ({
    waiting: 5,
    active: 2,
    delayed: 0,
    completed: 1523,
    failed: 7,
    paused: false,
    resting: [{ channelId: channel.id, until: NOW, reason: 'No answer within 10000 ms' }],
  }));
  serve(app, connectorApi.getDispatch, async ({ params }) => {
    const error = { code: '131016', message: 'Away' };
    const at = (ms: number) => new Date(Date.parse(NOW) + ms).toISOString();
    return {
      messageId: params.messageId,
      channelId: channel.id,
      state: 'sent' as const,
      queuedAt: at(5),
      dueAt: null,
      error: null,
      attempts: [
        { number: 1, startedAt: at(10), endedAt: at(50), result: 'retry' as const, providerMessageId: null, error },
        {
          number: 2,
          startedAt: at(90),
          endedAt: at(99),
          result: 'sent' as const,
          providerMessageId: 'wamid.1',
          error: null,
        },
      ],
    };
  });
  serve(app, connectorApi.countChannels, async () => ({ total: 2, connected: 1 }));
  serve(app, connectorApi.verifyWebhook, async ({ query }) => {
    if (query.verifyToken !== 'mi_token') throw new AppError('forbidden', 'Wrong token');
    return { ok: true as const };
  });
  app.register(async (scope) => {
    scope.addContentTypeParser(FRAMES_CONTENT_TYPE, { parseAs: 'buffer', bodyLimit: 32 << 20 }, (_r, body, done) =>
      done(null, body),
    );
    scope.post(FRAMES_PATH, { bodyLimit: 32 << 20 }, async (request, reply) => {
      requireCaller(request);
      const frames = decodeFrames(request.body as Uint8Array);
      it.batches.push(frames);
      await it.beforeFrames();
      if (it.framesRetryAfter !== null) reply.header(FRAMES_RETRY_HEADER, it.framesRetryAfter);
      return reply.type('application/octet-stream').send(encodeStatuses(frames.map((frame) => it.frameStatus(frame))));
    });
  });
}

function serveConversation(app: FastifyInstance, it: FakeServices): void {
  const known = (id: string) => {
    if (id !== conversation.id) throw new NotFound('conversation', id);
  };
  serve(app, conversationApi.getUsage, async () => ({
    messages: 5420,
    openConversations: 127,
    period: { start: '2026-01-01T05:00:00.000Z', end: '2026-02-01T05:00:00.000Z' },
  }));
  serve(app, conversationApi.getMessage, async ({ params }) => {
    if (params.messageId !== message.id) throw new NotFound('message', params.messageId);
    const at = new Date(Date.parse(NOW) + 500).toISOString();
    const details = { pricing: { billable: true, category: 'service' } };
    const status = {
      status: 'delivered' as const,
      source: 'webhook' as const,
      at,
      recordedAt: at,
      error: null,
      details,
    };
    return { message, statuses: [status], retryOf: null, retriedBy: null };
  });
  serve(app, conversationApi.retryFailedMessages, async () => ({ retried: 3, skipped: 1 }));
  serve(app, conversationApi.sendToPhone, async () => {
    await it.beforeSend();
    return { message: { ...message, id: uuidv7() }, conversation };
  });
  serve(app, conversationApi.sendMessage, async ({ params, body }) => {
    known(params.conversationId);
    const { content } = body;
    if (content?.kind === 'text' && content.body === 'tarde')
      throw new AppError('outside_window', 'The window is closed');
    return { message, conversation };
  });
  serve(app, conversationApi.getConversation, async ({ params }) => {
    known(params.conversationId);
    return conversation;
  });
  serve(app, conversationApi.listConversations, async ({ query }) => ({
    items: Array.from({ length: Math.min(query.limit, 20) }, () => conversation),
    total: 45,
    nextCursor: null,
  }));
  serve(app, conversationApi.listConversationsByIds, async ({ query }) => ({
    items: query.ids.includes(conversation.id) ? [conversation] : [],
  }));
  serve(app, conversationApi.listMessages, async ({ params }) => {
    known(params.conversationId);
    return {
      items: [message, inbound],
      total: 2,
      nextCursor: null,
      hasMore: false,
    };
  });
}
