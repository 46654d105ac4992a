import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  aiReplyRequested,
  type BuiltEvent,
  buildEvent,
  type Channel,
  connectorApi,
  type EventData,
  FIELD_CODES,
  type FieldCode,
  identityApi,
  messageReceived,
  messageStatus,
  messageSynced,
  OUTBOUND_KINDS,
  type Permission,
  PLANS,
  type PlanName,
  permissionsOf,
  type StoredFile,
  type Template,
  tenantUpdated,
  type User,
  uuidv7,
} from '@recado/contracts';
import { connect, type Database } from '@recado/database';
import { type Bus, connectBus, type Delivered } from '@recado/messaging';
import { buildHttp, type Caller, NotFound, serve, Unavailable, ValidationFailed } from '@recado/service-kit';
import {
  internalCaller,
  internalEnv,
  internalToken,
  internalTokens,
  sample,
  type TestDatabase,
  testBus,
  testDatabase,
  testLogger,
} from '@recado/testkit';
import type { FastifyInstance } from 'fastify';
import { type RunningConversation, startConversation } from '../src/service.ts';

/** Everything a test file needs; one per file. */
export interface Fixture {
  database: TestDatabase;
  /** Sees all tenants, past row level security. */
  admin: Database;
  worker: Database;
  bus: Bus;
  /** Channels that the fake channel-connector knows: tenant and id. */
  channels: Map<string, Pick<Channel, 'id' | 'provider'> & { tenantId: string }>;
  /** Stored files that it knows, by their ids. */
  files: Map<string, StoredFile & { tenantId: string }>;
  /** What it was asked to show to customers: provider ids of their messages. */
  typing: string[];
  /** The reply windows that it tells; null: it does not know the route, as the version before. */
  windows: { hours: Record<string, number | null> | null };
  /**
   * What the fake identity says of a tenant; others have the enterprise plan, in Lima. `away`: 503.
   */
  identity: {
    tenants: Map<string, TenantFacts>;
    asked: string[];
    users: Map<string, Pick<User, 'role' | 'status'> & { tenantId: string }>;
    askedUsers: string[];
    /** API keys that count; others ended. */
    keys: Map<string, { tenantId: string; permissions: readonly Permission[] }>;
    away: boolean;
  };
  /** Has the service know a tenant, as after its event. */
  know(tenantId: string, facts?: Partial<TenantFacts>): Promise<void>;
  /** One more copy of the service; stopped with the fixture. */
  start(env?: {
    now?: () => Date;
    enforceWindow?: boolean;
    connectorAway?: boolean;
    eventPausesMs?: readonly number[];
  }): Promise<RunningConversation>;
  publish(events: readonly BuiltEvent[]): Promise<void>;
  /** Events of the outbox by the end of their type, in order of insertion. */
  outbox(tenantId: string, name: string): Promise<{ id: string; data: never }[]>;
  close(): Promise<void>;
}

export interface TenantFacts {
  plan: PlanName;
  timezone: string;
  country?: string;
}
const NORMAL: TenantFacts = { plan: 'enterprise', timezone: 'America/Lima' };

export async function createFixture(label: string): Promise<Fixture> {
  const database = await testDatabase(label);
  const { url: natsUrl } = await testBus();
  const log = testLogger('conversation-test');
  const bus = await connectBus({ url: natsUrl, name: 'conversation-test', log });
  await bus.ensureStream('channel-connector');
  await bus.ensureStream('ai-responder');
  await bus.ensureStream('identity');
  const admin = connect({ url: database.adminUrl, name: 'test-admin', max: 4 });
  const worker = connect({ url: database.workerUrl('conversation'), name: 'test-worker', max: 12 });
  const channels: Fixture['channels'] = new Map();
  const windows: Fixture['windows'] = { hours: { meta: 24, evolution: null, wppconnect: 2 } };
  const typing: string[] = [];
  const files: Fixture['files'] = new Map();
  const connector = startConnector(channels, windows, typing, files);
  const connectorUrl = await connector.listen({ host: '127.0.0.1', port: 0 });
  const identity: Fixture['identity'] = {
    tenants: new Map(),
    asked: [],
    users: new Map(),
    askedUsers: [],
    keys: new Map(),
    away: false,
  };
  const identityApp = startIdentity(identity);
  const identityUrl = await identityApp.listen({ host: '127.0.0.1', port: 0 });
  const running: RunningConversation[] = [];

  return {
    database,
    admin,
    worker,
    bus,
    channels,
    files,
    typing,
    windows,
    identity,
    async know(tenantId, facts = {}) {
      const { plan, timezone } = { ...NORMAL, ...facts };
      await admin.sql`
        insert into conversation.tenants (tenant_id, plan, timezone, changed_at)
        values (${tenantId}, ${plan}, ${timezone}, '2026-01-01')
        on conflict (tenant_id) do update set plan = excluded.plan, timezone = excluded.timezone`;
    },
    async start({ now, enforceWindow = true, connectorAway = false, eventPausesMs } = {}) {
      const config = {
        HOST: '127.0.0.1',
        PORT: 0,
        LOG_FORMAT: 'pretty' as const,
        LOG_LEVEL: (process.env.LOG_LEVEL ?? 'silent') as 'silent',
        NATS_URL: natsUrl,
        REDIS_URL: '',
        ...internalEnv('conversation'),
        RECADO_ALLOW_PRIVATE_URLS: true,
        OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
        DATABASE_URL: database.appUrl('conversation'),
        DATABASE_WORKER_URL: database.workerUrl('conversation'),
        RECADO_IDENTITY_URL: identityUrl,
        RECADO_CHANNEL_CONNECTOR_URL: connectorAway ? 'http://127.0.0.1:1' : connectorUrl,
        RECADO_ENFORCE_WINDOW: enforceWindow,
      };
      const service = await startConversation(config, { validateResponses: true, now, eventPausesMs });
      running.push(service);
      return service;
    },
    async publish(events) {
      await Promise.all(
        events.map(({ subject, envelope }) =>
          bus.js.publish(subject, JSON.stringify(envelope), { msgID: `${envelope.id}-${randomUUID()}` }),
        ),
      );
    },
    async outbox(tenantId, name) {
      const rows = await admin.sql<{ envelope: string }[]>`
        select envelope from conversation.outbox where tenant_id = ${tenantId} and subject like ${`%.${name}`}
        order by created_at, id`;
      return rows.flatMap((row) => JSON.parse(row.envelope));
    },
    async close() {
      await Promise.all(running.map((service) => service.stop()));
      await Promise.all([connector.close(), identityApp.close(), bus.close(), admin.close(), worker.close()]);
      await database.drop();
    },
  };
}

/** What Meta takes of pictures here. */
const FILES = { image: [{ types: ['image/jpeg'], maxBytes: 1000 }] };

/** Answers getChannel and listProviders as channel-connector does. */
function startConnector(
  channels: Fixture['channels'],
  windows: Fixture['windows'],
  typing: string[],
  files: Fixture['files'],
): FastifyInstance {
  const app = buildHttp({
    name: 'connector',
    log: testLogger('connector'),
    tokens: internalTokens('channel-connector'),
  });
  serve(app, connectorApi.getChannel, async ({ params, caller }) => {
    const channel = channels.get(params.channelId);
    if (!channel || channel.tenantId !== caller.tenantId) throw new NotFound('channel', params.channelId);
    const time = '2026-01-01T00:00:00.000Z';
    const rest = { status: 'connected' as const, key: 'k', settings: {}, dailyMessageLimit: null, ratePerMinute: null };
    const counts = { providerId: null, lastConnectedAt: null, lastError: null, sentTotal: 0, receivedTotal: 0 };
    return { ...channel, ...rest, ...counts, name: 'Test', phone: null, createdAt: time, updatedAt: time };
  });
  serve(app, connectorApi.getFile, async ({ params, caller }) => {
    const { tenantId, ...file } = files.get(params.fileId) ?? {};
    if (tenantId !== caller.tenantId) throw new NotFound('file', params.fileId);
    return file as StoredFile;
  });
  serve(app, connectorApi.showTyping, async ({ body }) => {
    typing.push(body.providerMessageId);
    return { shown: true };
  });
  serve(app, connectorApi.listProviders, async () => {
    if (windows.hours === null) throw new NotFound('resource');
    const items = Object.entries(windows.hours);
    // Meta takes every kind, as far as its limits; the others say no more than the version before.
    const more = (name: string) =>
      name === 'meta'
        ? { kinds: [...OUTBOUND_KINDS], limits: { buttonTitle: 20 }, groupKinds: ['text', 'image'], files: FILES }
        : {};
    return {
      items: items.map(([name, replyWindowHours]) => ({ name, capabilities: { replyWindowHours, ...more(name) } })),
    };
  });
  serve(app, connectorApi.checkTemplateMessage, async ({ body: { name, params = {} } }) => {
    const wrong = (field: string, code: FieldCode) =>
      new ValidationFailed([{ field, code, message: FIELD_CODES[code] }]);
    if (name === AWAY) throw new Unavailable('postgres');
    const category = TEMPLATES[name];
    if (!category) throw wrong('name', 'template_unknown');
    if (params[1] === undefined) throw wrong('params.1', 'template_missing');
    const components = [{ type: 'body', parameters: [{ type: 'text', text: params[1] }] }];
    const preview = { header: null, body: `Hola ${params[1]}`, footer: null, buttons: [], text: `Hola ${params[1]}` };
    return { templateId: uuidv7(), category, components, preview };
  });
  serve(app, connectorApi.listUsableTemplates, async ({ params }) => {
    const usable = { id: params.channelId, name: 'welcome', language: 'es', category: 'marketing' as const };
    return { items: [usable], total: 1 };
  });
  return app;
}

/** A template that cannot be checked: the connector is away. */
export const AWAY = 'away';
/** The templates of each channel, with one variable each. */
const TEMPLATES: Partial<Record<string, Template['category']>> = {
  welcome: 'marketing',
  receipt: 'utility',
  code: 'authentication',
};

/** Answers getTenant and getUser as identity does. */
function startIdentity(state: Fixture['identity']): FastifyInstance {
  const app = buildHttp({ name: 'identity', log: testLogger('identity'), tokens: internalTokens('identity') });
  serve(app, identityApi.getTenant, async ({ caller }) => {
    state.asked.push(caller.tenantId);
    if (state.away) throw new Unavailable('postgres');
    const { plan, timezone } = state.tenants.get(caller.tenantId) ?? NORMAL;
    const { displayName: _, requests: __, ...limits } = PLANS[plan];
    const rest = { slug: 's', name: 'n', status: 'active' as const, language: 'es', settings: {} };
    return { id: caller.tenantId, ...rest, plan, timezone, limits, createdAt: '2026-01-01T00:00:00.000Z' };
  });
  serve(app, identityApi.getApiKey, async ({ caller, params: { apiKeyId } }) => {
    if (state.away) throw new Unavailable('postgres');
    const known = state.keys.get(apiKeyId);
    const permissions = [...(known?.permissions ?? [])];
    const at = '2026-01-01T00:00:00.000Z';
    const revokedAt = known?.tenantId === caller.tenantId ? null : at;
    const rest = { name: 'ERP', prefix: 'rcd_1234', lastUsedAt: null, lastUsedIp: null, createdBy: null };
    return { id: apiKeyId, ...rest, permissions, expiresAt: null, createdAt: at, revokedAt };
  });
  serve(app, identityApi.getUser, async ({ caller, params: { userId } }) => {
    state.askedUsers.push(userId);
    if (state.away) throw new Unavailable('postgres');
    const facts = state.users.get(userId);
    if (facts?.tenantId !== caller.tenantId) throw new NotFound('user', userId);
    const permissions = permissionsOf(facts.role);
    return {
      ...(sample(identityApi.getUser.responses[200]) as User),
      permissions,
      ...facts,
      createdAt: '2026-01-01T00:00:00.000Z',
    };
  });
  return app;
}

export interface Person {
  tenantId: string;
  caller: Caller;
  headers: { authorization: string };
}

/** A user of a tenant: by default an agent with an agent's permissions. */
export function person(given: Partial<Caller> = {}): Person {
  const caller = internalCaller({ role: 'agent', permissions: permissionsOf('agent'), ...given });
  return { tenantId: caller.tenantId, caller, headers: { authorization: `Bearer ${internalToken(caller)}` } };
}

type Received = EventData<typeof messageReceived>;

/** Sends as a client does: repeats after a 429. */
export async function insist<A extends { statusCode: number; headers: Record<string, unknown> }>(
  send: () => Promise<A>,
): Promise<A> {
  for (;;) {
    const answer = await send();
    if (answer.statusCode !== 429) return answer;
    await pause(Number(answer.headers['retry-after']) * 1000);
  }
}

/** A customer's message as channel-connector publishes it. */
export function received(
  tenantId: string,
  given: Partial<Omit<Received, 'from'>> & { from?: Partial<Received['from']> },
) {
  const { from, ...rest } = given;
  return buildEvent(messageReceived, {
    tenantId,
    data: {
      channelId: randomUUID(),
      provider: 'meta',
      providerMessageId: `wamid.${randomUUID()}`,
      type: 'text',
      content: 'Hola',
      metadata: null,
      replyToProviderMessageId: null,
      sentTime: new Date().toISOString(),
      receivedAt: new Date().toISOString(),
      ...rest,
      from: { waId: '51999888777', phone: '+51999888777', userId: null, name: 'Ana', ...from },
    },
  });
}

/** A message that a person typed on the phone of a number. */
export function typedOnPhone(
  tenantId: string,
  { channelId, content, peer }: Pick<Received, 'channelId' | 'content'> & { peer: Received['from'] },
) {
  const { from: _, ...data } = received(tenantId, { channelId, content }).envelope.data;
  const phone = { direction: 'outbound' as const, status: 'sent' as const, origin: 'phone' as const };
  return buildEvent(messageSynced, { tenantId, data: { ...data, ...phone, peer } });
}

export function statusChanged(tenantId: string, data: Partial<EventData<typeof messageStatus>>) {
  return buildEvent(messageStatus, {
    tenantId,
    data: {
      channelId: randomUUID(),
      messageId: null,
      providerMessageId: null,
      status: 'sent',
      at: new Date().toISOString(),
      error: null,
      source: 'webhook',
      ...data,
    },
  });
}

/** identity's word that a tenant has another plan or time zone now. */
export function tenantChanged(tenantId: string, facts: Partial<TenantFacts>, time = new Date()) {
  const rest = { slug: 's', name: 'n', status: 'active' as const, language: 'es' };
  return buildEvent(tenantUpdated, { tenantId, time, data: { tenantId, ...rest, ...NORMAL, ...facts } });
}

export function aiReply(tenantId: string, conversationId: string, inboundMessageId: string, text = 'Soy la IA') {
  const requestedAt = new Date().toISOString();
  const data = { conversationId, inboundMessageId, text, model: 'gpt-4o-mini', tokensUsed: 10, requestedAt };
  return buildEvent(aiReplyRequested, { tenantId, data });
}

/** An event as a consumer hands it over. */
export const delivered = <T>({ envelope }: BuiltEvent<T>): Delivered<T> => ({
  envelope,
  data: envelope.data,
  tenantId: envelope.tenantid,
  id: envelope.id,
  seq: 1,
  replay: false,
});
