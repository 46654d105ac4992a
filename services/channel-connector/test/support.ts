import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type AboutMessage,
  buildEvent,
  type Channel,
  type Envelope,
  identityApi,
  messageBulkRequested,
  messageRequested,
  type OutboundContent,
  PLANS,
  type PlanName,
  tenantUpdated,
  uuidv7,
} from '@recado/contracts';
import { type Bus, connectBus } from '@recado/messaging';
import { type Sandbox, startSandbox } from '@recado/sandbox';
import { buildHttp, loadConfig, serve, Unavailable } from '@recado/service-kit';
import {
  eventually,
  internalEnv,
  internalToken,
  internalTokens,
  type TestDatabase,
  testBus,
  testDatabase,
  testLogger,
  testRedis,
} from '@recado/testkit';
import postgres from 'postgres';
import { configSchema } from '../src/config.ts';
import type { StartOptions } from '../src/create-deps.ts';
import { type RunningConnector, startChannelConnector } from '../src/service.ts';
import { APP_SECRET, startEdge } from './frames.ts';

export { APP_SECRET, frame, payload, postFrames, signed, textMessage } from './frames.ts';

export interface Fixture {
  database: TestDatabase;
  /** Past RLS, to look at what happened. */
  sql: postgres.Sql;
  bus: Bus;
  sandbox: Sandbox;
  /**
   * What the fake identity says of a tenant; others have the enterprise plan, in Lima. `away`: 503.
   */
  identity: { tenants: Map<string, TenantFacts>; away: boolean };
  /** The first copy; more by start(). */
  connector: RunningConnector;
  start(env?: Record<string, string>): Promise<RunningConnector>;
  /** Takes webhooks by plain HTTP as the gateway does, and hands them to a copy as frames. */
  /** Of a connector in a process of its own. */
  environment: Record<string, string>;
  edge: { url: string; to(connector: RunningConnector | null): void };
  /** Where the bytes of files are. */
  mediaDir: string;
  stop(): Promise<void>;
}

export interface TenantFacts {
  plan: PlanName;
  timezone: string;
}
const NORMAL: TenantFacts = { plan: 'enterprise', timezone: 'America/Lima' };

/**
 * The service and the sandbox on a real database, NATS and Redis.
 */
export async function createFixture(
  env: Record<string, string> = {},
  options: Pick<StartOptions, 'now' | 'providers'> = {},
): Promise<Fixture> {
  const [database, { url: natsUrl }, { url: redisUrl }, sandbox] = await Promise.all([
    testDatabase('connector'),
    testBus(),
    testRedis(),
    startSandbox(),
  ]);
  const identity: Fixture['identity'] = { tenants: new Map(), away: false };
  const identityApp = startIdentity(identity);
  const identityUrl = await identityApp.listen({ host: '127.0.0.1', port: 0 });
  const mediaDir = await mkdtemp(join(tmpdir(), 'recado-media-'));
  const keys = `k1:${randomBytes(32).toString('base64')}`;
  const running: RunningConnector[] = [];
  const edge = await startEdge();
  const environment = {
    PORT: '0',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    DATABASE_URL: database.appUrl('channel-connector'),
    DATABASE_WORKER_URL: database.workerUrl('channel-connector'),
    NATS_URL: natsUrl,
    REDIS_URL: redisUrl,
    ...internalEnv('channel-connector'),
    RECADO_IDENTITY_URL: identityUrl,
    RECADO_SECRETS_KEYS: keys,
    RECADO_META_GRAPH_URL: sandbox.graphUrl,
    RECADO_ALLOW_PRIVATE_URLS: '1',
    RECADO_PUBLIC_URL: edge.url,
    RECADO_MEDIA_URL: pathToFileURL(mediaDir).href,
    RECADO_SWEEP_MS: '100',
    RECADO_SEND_BACKOFF_MS: '50',
    ...env,
  };
  const start = async (more: Record<string, string> = {}) => {
    const config = loadConfig(configSchema, { ...environment, ...more });
    const connector = await startChannelConnector(config, { validateResponses: true, ...options });
    running.push(connector);
    return connector;
  };
  const bus = await connectBus({ url: natsUrl, name: 'test', log: testLogger() });
  await bus.ensureStream('conversation');
  await bus.ensureStream('identity');
  const connector = await start();
  const sql = postgres(database.adminUrl, { max: 2, onnotice: () => undefined });
  edge.to(connector);
  return {
    database,
    sql,
    bus,
    sandbox,
    identity,
    connector,
    start,
    environment,
    edge,
    mediaDir,
    async stop() {
      await sandbox.stop();
      await edge.close();
      await Promise.all(running.map((one) => one.stop()));
      await Promise.all([identityApp.close(), bus.close(), sql.end()]);
      await Promise.all([database.drop(), rm(mediaDir, { recursive: true, force: true })]);
    },
  };
}

/** Answers getTenant as identity does. */
function startIdentity(state: Fixture['identity']) {
  const app = buildHttp({ name: 'identity', log: testLogger('identity'), tokens: internalTokens('identity') });
  serve(app, identityApi.getTenant, async ({ caller }) => {
    if (state.away) throw new Unavailable('postgres');
    const { plan, timezone } = state.tenants.get(caller.tenantId) ?? NORMAL;
    const { maxUsers, maxChannels, maxMessages, maxConversations } = PLANS[plan];
    const limits = { maxUsers, maxChannels, maxMessages, maxConversations };
    const rest = { slug: 's', name: 'n', status: 'active' as const, language: 'es', settings: {} };
    return { id: caller.tenantId, ...rest, plan, timezone, limits, createdAt: '2026-01-01T00:00:00.000Z' };
  });
  return app;
}

/** identity tells that a tenant has another plan or time zone now. */
export async function tellOfTenant(fixture: Fixture, tenantId: string, facts: Partial<TenantFacts>): Promise<void> {
  const rest = { slug: 's', name: 'n', status: 'active' as const, language: 'es' };
  const { subject, envelope } = buildEvent(tenantUpdated, {
    tenantId,
    data: { tenantId, ...rest, ...NORMAL, ...facts },
  });
  await fixture.bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
}

let numbers = 0;

export interface TestChannel extends Channel {
  tenantId: string;
  phoneNumberId: string;
  accessToken: string;
}

/** A tenant's connected Meta number, known to the sandbox, its webhooks coming through the edge. */
export async function createChannel(
  fixture: Fixture,
  given: { tenantId?: string; ratePerMinute?: number; dailyMessageLimit?: number; appSecret?: string } = {},
): Promise<TestChannel> {
  const { tenantId = randomUUID(), ratePerMinute = 60_000, dailyMessageLimit = null, appSecret = APP_SECRET } = given;
  const n = ++numbers;
  const phoneNumberId = `1000000${n}`;
  const phone = `+55119876${String(n).padStart(5, '0')}`;
  const number = {
    phoneNumberId,
    displayPhoneNumber: phone,
    wabaId: '2000001',
    accessToken: `token-${n}`,
    appSecret,
  };
  await fixture.sandbox.control.addNumber(number);
  const response = await fixture.connector.app.inject({
    method: 'POST',
    url: '/channels',
    headers: { authorization: bearer(tenantId) },
    payload: {
      ...channelBody({ phone, phoneNumberId, accessToken: number.accessToken, appSecret, ratePerMinute }),
      dailyMessageLimit,
    },
  });
  if (response.statusCode !== 201) throw new Error(`createChannel: ${response.statusCode} ${response.body}`);
  const channel = response.json<Channel>();
  await fixture.sandbox.control.addNumber({ ...number, webhookUrl: `${fixture.edge.url}/${channel.id}` });
  return { ...channel, tenantId, phoneNumberId, accessToken: number.accessToken };
}

export function channelBody(given: {
  phone: string;
  phoneNumberId: string;
  accessToken?: string;
  appSecret?: string | undefined;
  ratePerMinute?: number;
}) {
  const { phone, phoneNumberId, accessToken = 'token', appSecret = APP_SECRET, ratePerMinute } = given;
  return {
    name: 'Support',
    provider: 'meta',
    phone,
    credentials: { phoneNumberId, accessToken, appSecret, verifyToken: 'verify me' },
    ...(ratePerMinute ? { ratePerMinute } : {}),
  };
}

export function bearer(tenantId: string, permissions = ['whatsapp.numbers.manage', 'whatsapp.numbers.read']): string {
  return `Bearer ${internalToken({ tenantId, permissions })}`;
}

export interface Request {
  messageId: string;
  conversationId: string;
  text: string;
}

/** Publishes conversation.message.requested, or .bulk-requested; the message's id. */
export async function requestMessage(
  fixture: Fixture,
  channel: Pick<Channel, 'id'> & { tenantId: string },
  given: {
    to?: string;
    text?: string;
    conversationId?: string;
    at?: Date;
    content?: OutboundContent;
    about?: AboutMessage;
    bulk?: boolean;
    /** Goes to this group, and not to `to`. */
    group?: string;
    lastInboundAt?: Date;
  } = {},
): Promise<Request> {
  const { to = '5511911112222', text = 'Hello', conversationId = randomUUID(), at = new Date() } = given;
  const { content, about, bulk, group, lastInboundAt } = given;
  const messageId = uuidv7();
  const { subject, envelope } = buildEvent(bulk ? messageBulkRequested : messageRequested, {
    tenantId: channel.tenantId,
    data: {
      messageId,
      conversationId,
      channelId: channel.id,
      to: group ? { waId: null, phone: null, userId: null, group } : { waId: to, phone: `+${to}`, userId: null },
      type: content?.kind ?? 'text',
      text,
      ...(content && { content }),
      ...(about && { about }),
      ...(bulk && { bulk }),
      ...(lastInboundAt && { lastInboundAt: lastInboundAt.toISOString() }),
      requestedAt: at.toISOString(),
    },
  });
  await fixture.bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
  return { messageId, conversationId, text };
}

/** Data of the connector's events of one entity and verb of a tenant, in order. */
export async function eventsOf<T = Record<string, unknown>>(
  fixture: Fixture,
  tenantId: string,
  name: string,
): Promise<T[]> {
  const rows = await fixture.sql<{ envelope: string }[]>`
    select envelope from channel_connector.outbox
    where tenant_id = ${tenantId} and subject = ${`recado.channel-connector.${tenantId}.${name}`} order by created_at, id`;
  return rows.flatMap((row) => JSON.parse(row.envelope) as Envelope<T>).map(({ data }) => data);
}

export interface DispatchRow {
  message_id: string;
  state: string;
  attempts: number;
  provider_message_id: string | null;
  error_code: string | null;
  error_message: string | null;
}

export async function dispatchOf(fixture: Fixture, messageId: string): Promise<DispatchRow | undefined> {
  const [row] = await fixture.sql<DispatchRow[]>`
    select message_id, state, attempts, provider_message_id, error_code, error_message
    from channel_connector.dispatches where message_id = ${messageId}`;
  return row;
}

/** Waits until a dispatch is in that state. */
export function untilState(fixture: Fixture, messageId: string, state: string): Promise<DispatchRow> {
  return eventually(async () => {
    const row = await dispatchOf(fixture, messageId);
    if (row?.state !== state) throw new Error(`${messageId} is ${JSON.stringify(row)}, not ${state}`);
    return row;
  });
}
