import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  type AiConfig,
  aiResponderApi,
  analyticsApi,
  type Channel,
  type Conversation,
  connectorApi,
  conversationApi,
  decodeFrames,
  type Edition,
  encodeStatuses,
  FRAMES_CONTENT_TYPE,
  FRAMES_PATH,
  FRAMES_RETRY_HEADER,
  identityApi,
  type Message,
  type PlanName,
  permissionsOf,
  type Role,
  SERVICES,
  type Session,
  type Tenant,
  type User,
  uuidv7,
  type WebhookFrame,
} from '@recado/contracts';
import {
  AppError,
  buildHttp,
  type Caller,
  CLIENT_AGENT_HEADER,
  CLIENT_IP_HEADER,
  createRegistry,
  NotFound,
  requireCaller,
  serve,
  TooManyRequests,
  Unauthorized,
  Unavailable,
  ValidationFailed,
} from '@recado/service-kit';
import { internalEnv, internalTokens, testLogger, testRedis } from '@recado/testkit';
import { createSigner } from 'fast-jwt';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../src/app.ts';
import { closeClients } from '../src/clients.ts';
import { readConfig } from '../src/config.ts';
import type { GatewayDeps } from '../src/deps.ts';
import { editions } from '../src/editions/index.ts';
import { createDeps } from '../src/start.ts';
import { serveWebhooksDirectly } from '../src/webhooks/serve-directly.ts';
import {
  CHALLENGE,
  customRole,
  serveAccounts,
  serveAnalytics,
  TWO_FACTOR_CODE,
  TWO_FACTOR_EMAIL,
} from './stand-in-accounts.ts';
import { serveAddressBook } from './stand-in-address-book.ts';

export const NOW = '2026-01-15T10:00:00.000Z';

const tenant: Tenant = {
  id: uuidv7(),
  slug: 'hotel-abc',
  name: 'Hotel ABC',
  plan: 'pro',
  status: 'active',
  timezone: 'America/Lima',
  country: 'PE',
  language: 'es',
  settings: { timezone: 'America/Lima' },
  limits: { maxUsers: 20, maxChannels: 5, maxMessages: 20_000, maxConversations: 1000 },
  unprovedUntil: null,
  createdAt: NOW,
};

export const PROOF_CODE = '12345678';
export const PROOF_TOKEN = 'token-of-a-mail';

const user: User = {
  id: uuidv7(),
  email: 'admin@hotel.com',
  firstName: 'Juan',
  lastName: 'Pérez',
  role: 'admin',
  customRole: null,
  status: 'active',
  phone: null,
  avatarUrl: null,
  agentStatus: 'available',
  agentStatusReason: null,
  agentStatusAt: null,
  twoFactor: false,
  maxConcurrentChats: 5,
  autoAssign: true,
  permissions: permissionsOf('admin'),
  lastLoginAt: NOW,
  createdAt: NOW,
  updatedAt: NOW,
};

const channel: Channel = {
  id: uuidv7(),
  name: 'Ventas',
  provider: 'meta',
  phone: '+51999123456',
  status: 'connected',
  key: 'd30cdb80_9463468d',
  settings: {},
  dailyMessageLimit: 1000,
  ratePerMinute: 60,
  providerId: '102938475647382',
  lastConnectedAt: NOW,
  lastError: null,
  sentTotal: 523,
  receivedTotal: 789,
  createdAt: NOW,
  updatedAt: NOW,
};

const message: Message = {
  id: uuidv7(),
  conversationId: uuidv7(),
  channelId: channel.id,
  direction: 'outbound',
  type: 'text',
  content: 'Hola',
  metadata: null,
  status: 'pending',
  providerMessageId: null,
  author: 'ai',
  userId: user.id,
  aiModel: 'gpt-3.5-turbo',
  error: null,
  sentTime: NOW,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  createdAt: NOW,
};

const inbound: Message = { ...message, author: 'contact', userId: null, direction: 'inbound' };

const conversation: Conversation = {
  id: message.conversationId,
  channelId: channel.id,
  contact: {
    id: uuidv7(),
    name: 'Carlos Rodríguez',
    phone: '+51999888777',
    email: null,
    avatarUrl: null,
    createdAt: NOW,
  },
  status: 'assigned',
  archived: false,
  priority: 'normal',
  assignedUserId: user.id,
  campaignId: null,
  unreadCount: 2,
  messageCount: 15,
  lastMessage: { id: message.id, content: 'Hola', direction: 'inbound', type: 'text', time: NOW },
  lastMessageAt: NOW,
  lastInboundAt: NOW,
  assignedAt: '2026-01-15T10:00:45.000Z',
  firstResponseAt: '2026-01-15T10:01:00.000Z',
  closedAt: null,
  createdAt: NOW,
  updatedAt: NOW,
};

const aiConfig: AiConfig = {
  id: uuidv7(),
  enabled: true,
  model: 'gpt-3.5-turbo',
  personality: 'friendly',
  responseMode: 'always',
  systemPrompt: 'Eres',
  welcomeMessage: '¡Hola!',
  businessHours: { monday: { start: '09:00', end: '18:00' }, timezone: 'America/Lima' },
  keywords: ['ayuda'],
  settings: { temperature: 0.7, maxTokens: 150, responseDelay: 1500, contextWindow: 5, language: 'es' },
  limits: { maxTokensPerDay: 10_000, maxTokensPerMonth: 100_000 },
  usage: { tokensToday: 2340, tokensThisMonth: 45_320 },
};

/** What the stand-in holds; tests address its entities by these. */
export const world = { tenant, user, channel, message, conversation, aiConfig };

export interface StandIn {
  url: string;
  key: { kid: string; privateKey: KeyObject; publicKey: KeyObject };
  /** Internal calls in order: `METHOD path?query`. */
  calls: string[];
  /** The same with what came along, for tests that look at it. */
  asked: { call: string; ip: string | undefined; userAgent: string | undefined; idempotencyKey: string | undefined }[];
  /** Who asked on those calls that carried a caller. */
  callers: Caller[];
  /** Plans of tenants other than the world's own. */
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

/** One process that answers for every service behind the gateway, by their contracts, from fixed data. */
export async function startStandIn(): Promise<StandIn> {
  const keys = generateKeyPairSync('ed25519');
  const kid = 'test-key';
  const app = buildHttp({
    name: 'stand-in',
    log: testLogger(),
    tokens: internalTokens('gateway', [...SERVICES]),
    validateResponses: true,
    ready: { postgres: async () => {}, nats: async () => {} },
    registry: createRegistry('stand-in'),
  });
  const it: StandIn = {
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
  serve(app, aiResponderApi.getConfig, async () => aiConfig);
  serve(app, aiResponderApi.updateConfig, async () => aiConfig);
  serve(app, aiResponderApi.toggle, async () => aiConfig);
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
  it.url = await app.listen({ host: '127.0.0.1', port: 0 });
  return it;
}

function serveIdentity(app: FastifyInstance, it: StandIn): void {
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
  serveAccounts(app, session, world);
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
  serve(app, identityApi.getMe, async () => ({ user, tenant }));
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
  serve(app, identityApi.resendProof, async () => null);
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

function serveConnector(app: FastifyInstance, it: StandIn): void {
  serve(app, connectorApi.createChannel, async ({ body }) => {
    if (body.phone.startsWith('+999')) {
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

function serveConversation(app: FastifyInstance, it: StandIn): void {
  const known = (id: string) => {
    if (id !== conversation.id) throw new NotFound('conversation', id);
  };
  serve(app, conversationApi.getUsage, async () => ({
    messages: 5420,
    openConversations: 127,
    period: { start: '2026-01-01T05:00:00.000Z', end: '2026-02-01T05:00:00.000Z' },
  }));
  serve(app, conversationApi.sendToPhone, async () => {
    await it.beforeSend();
    return { message: { ...message, id: uuidv7() }, conversation };
  });
  serve(app, conversationApi.sendMessage, async ({ params, body }) => {
    known(params.conversationId);
    if (body.text === 'tarde') throw new AppError('outside_window', 'The window is closed');
    return { message, conversation };
  });
  serve(app, conversationApi.listConversations, async ({ query }) => ({
    items: Array.from({ length: Math.min(query.limit, 20) }, () => conversation),
    total: 45,
    nextCursor: null,
  }));
  serve(app, conversationApi.getConversation, async ({ params }) => {
    known(params.conversationId);
    return conversation;
  });
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

export interface TokenChanges {
  aud?: string;
  iss?: string;
  tid?: string;
  sub?: string;
  role?: Role;
  perms?: string[];
  /** Seconds from now. */
  expiresIn?: number;
  sid?: string;
  kid?: string;
  typ?: string;
  privateKey?: KeyObject;
  unproved?: true;
}

/** An access token as identity signs it, with what a test changes. */
export function accessToken(it: Pick<StandIn, 'key'>, changes: TokenChanges = {}): string {
  const { role = 'admin', expiresIn = 3600, sid = uuidv7() } = changes;
  const iat = Math.floor(Date.now() / 1000);
  const sign = createSigner({
    algorithm: 'EdDSA',
    key: (changes.privateKey ?? it.key.privateKey).export({ type: 'pkcs8', format: 'pem' }),
    kid: changes.kid ?? it.key.kid,
    header: { alg: 'EdDSA', typ: changes.typ ?? 'at+jwt' },
  });
  return sign({
    iss: changes.iss ?? 'recado',
    aud: changes.aud ?? 'crm',
    sub: changes.sub ?? user.id,
    tid: changes.tid ?? tenant.id,
    sid,
    role,
    perms: changes.perms ?? permissionsOf(role),
    ...(changes.unproved ? { unproved: true } : {}),
    iat,
    exp: iat + expiresIn,
  });
}

export interface TestGateway {
  app: FastifyInstance;
  deps: GatewayDeps;
  standIn: StandIn;
  close(): Promise<void>;
}

/** The gateway before a stand-in of its services; `env` as the process would have it, `prepare` for routes of a test's own. */
export async function startTestGateway(
  env: Record<string, string> = {},
  prepare: (app: FastifyInstance, deps: GatewayDeps) => void = () => {},
): Promise<TestGateway> {
  const standIn = await startStandIn();
  const redis = await testRedis();
  const services = ['IDENTITY', 'CHANNEL_CONNECTOR', 'CONVERSATION', 'AI_RESPONDER', 'SCHEDULER', 'ANALYTICS'];
  const deps = createDeps(
    readConfig({
      LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
      REDIS_URL: redis.url,
      ...internalEnv('gateway'),
      RECADO_ENV: 'development',
      // Tests are many requests of one tenant; those about limits set it back.
      RECADO_RATE_LIMIT_FACTOR: '1000',
      RECADO_PUBLIC_URL: 'https://api.example.com',
      ...Object.fromEntries(services.map((name) => [`RECADO_${name}_URL`, standIn.url])),
      ...env,
    }),
  );
  const app = buildApp(deps);
  prepare(app, deps);
  serveWebhooksDirectly(app, Object.values(editions), deps);
  await app.ready();
  return {
    app,
    deps,
    standIn,
    async close() {
      await app.close();
      await deps.webhooks.collector.close();
      await closeClients(deps.clients);
      deps.redis.disconnect();
      await standIn.app.close();
    },
  };
}
