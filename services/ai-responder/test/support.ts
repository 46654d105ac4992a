import {
  type aiResponderApi,
  buildEvent,
  type Conversation,
  conversationApi,
  identityApi,
  type Message,
  messageCreated,
  PLANS,
  type PlanName,
  permissionsOf,
  type Role,
  type RouteContract,
  tenantUpdated,
  timerFired,
  uuidv7,
} from '@recado/contracts';
import { type Bus, connectBus } from '@recado/messaging';
import { startSandbox } from '@recado/sandbox';
import { buildHttp, createRegistry, loadConfig, NotFound, serve, Unavailable } from '@recado/service-kit';
import {
  eventually,
  internalEnv,
  internalToken,
  internalTokens,
  testBus,
  testDatabase,
  testLogger,
} from '@recado/testkit';
import postgres from 'postgres';
import { configSchema } from '../src/config.ts';
import type { StartOptions } from '../src/create-deps.ts';
import { type AiResponder, startAiResponder } from '../src/service.ts';

type Thread = { tenantId: string; conversation: Conversation; messages: Message[] };
type Event = ReturnType<typeof buildEvent>;

/**
 * What identity answers: the plan of a tenant, `enterprise` unless said. `away`: it answers 503.
 */
interface Plans {
  of: Map<string, PlanName>;
  asked: string[];
  away: boolean;
}

/**
 * ai-responder on real servers, with the sandbox's model; conversation, scheduler and identity are
 * played by the test.
 */
export async function createFixture(options: StartOptions = {}, env: Record<string, string> = {}) {
  const [database, { url: natsUrl }, sandbox] = await Promise.all([testDatabase('ai'), testBus(), startSandbox()]);
  const bus: Bus = await connectBus({ url: natsUrl, name: 'test', log: testLogger() });
  await Promise.all([bus.ensureStream('conversation'), bus.ensureStream('scheduler'), bus.ensureStream('identity')]);
  const sql = postgres(database.adminUrl, { max: 2, onnotice: () => undefined });
  const threads = new Map<string, Thread>();
  const conversation = await startConversation(threads);
  const plans: Plans = { of: new Map(), asked: [], away: false };
  const identity = await startIdentity(plans);
  const config = loadConfig(configSchema, {
    PORT: '0',
    DATABASE_URL: database.appUrl('ai-responder'),
    DATABASE_WORKER_URL: database.workerUrl('ai-responder'),
    NATS_URL: natsUrl,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    ...internalEnv('ai-responder'),
    RECADO_ALLOW_PRIVATE_URLS: '1',
    RECADO_IDENTITY_URL: identity.url,
    RECADO_CONVERSATION_URL: conversation.url,
    RECADO_OPENAI_BASE_URL: sandbox.openaiBaseUrl,
    RECADO_OPENAI_API_KEY: 'sandbox',
    ...env,
  });
  const copies: AiResponder[] = [];
  async function addCopy(): Promise<AiResponder> {
    const copy = await startAiResponder(config, {
      validateResponses: true,
      ...options,
      worker: { pausesMs: [20, 40], pollMs: 100, ...options.worker },
    });
    copies.push(copy);
    return copy;
  }
  const ai = await addCopy();

  const publish = (event: Event) =>
    bus.js.publish(event.subject, JSON.stringify(event.envelope), { msgID: event.envelope.id });

  /** A customer writes: the thread grows. Returns the event that conversation would publish. */
  function customerSays(tenantId: string, text: string, given: { conversationId?: string; createdAt?: Date } = {}) {
    const conversationId = given.conversationId ?? uuidv7();
    const at = (given.createdAt ?? new Date()).toISOString();
    const isNew = !threads.has(conversationId);
    const thread = threads.get(conversationId) ?? newThread(tenantId, conversationId, at);
    threads.set(conversationId, thread);
    const message = newMessage(thread, { direction: 'inbound', author: 'contact', content: text, createdAt: at });
    const { id, channelId, status, assignedUserId, contact } = thread.conversation;
    const event = buildEvent(messageCreated, {
      tenantId,
      data: { message, conversation: { id, channelId, status, assignedUserId, isNew }, contact },
    });
    return { event, message, conversationId, thread };
  }

  /** Fires the timers that ai-responder orders, and stores its replies in the threads. */
  async function playScheduler(): Promise<void> {
    const timers = new Map<string, NodeJS.Timeout>();
    const subject = (tail: string) => `recado.ai-responder.*.${tail}`;
    const each = (tail: string, handle: (tenantId: string, data: Record<string, string>) => void) =>
      bus.nc.subscribe(subject(tail), {
        callback: (_error, message) => {
          for (const { tenantid, data } of [JSON.parse(message.string())].flat()) handle(tenantid, data);
        },
      });
    each('timer.ordered', (tenantId, { key, fireAt }) => {
      clearTimeout(timers.get(key!));
      const due = () => void publish(fired(tenantId, key!.slice('reply:'.length)));
      timers.set(key!, setTimeout(due, Math.max(0, Date.parse(fireAt!) - Date.now())));
    });
    each('reply.requested', (_, { conversationId, text }) => {
      newMessage(threads.get(conversationId!)!, { direction: 'outbound', author: 'ai', content: text });
    });
    await bus.nc.flush();
  }

  return {
    ai,
    addCopy,
    playScheduler,
    database,
    sandbox: sandbox.control,
    sql,
    bus,
    publish,
    plans,
    /** Identity publishes a tenant's plan. */
    tellPlan: (tenantId: string, plan: PlanName, time = new Date()) => publish(planChanged(tenantId, plan, time)),
    customerSays,
    /** The same, published. */
    async hear(tenantId: string, text: string, given: { conversationId?: string; createdAt?: Date } = {}) {
      const said = customerSays(tenantId, text, given);
      await publish(said.event);
      return said;
    },
    personSays(conversationId: string, text: string): Message {
      const thread = threads.get(conversationId)!;
      return newMessage(thread, { direction: 'outbound', author: 'user', content: text });
    },
    /** The scheduler fires the conversation's timer. */
    fire: (tenantId: string, conversationId: string) => publish(fired(tenantId, conversationId)),
    fired,
    /** What ai-responder published of one kind, e.g. `reply.requested`, oldest first. */
    async published<T = Record<string, unknown>>(tenantId: string, tail: string): Promise<T[]> {
      const rows = await sql<{ envelope: string }[]>`
        select envelope from ai_responder.outbox
        where tenant_id = ${tenantId} and subject like ${`%.${tail}`} order by created_at, id`;
      return rows.flatMap((row) => JSON.parse(row.envelope)).map(({ data }) => data as T);
    },
    /** The state of the reply to a message; undefined when there is none. */
    async stateOf(inboundMessageId: string): Promise<string | undefined> {
      const [row] = await sql<{ state: string; reason: string | null }[]>`
        select state, reason from ai_responder.pending_replies where inbound_message_id = ${inboundMessageId}`;
      return row?.reason ? `${row.state}: ${row.reason}` : row?.state;
    },
    /** Waits until every consumer has handled all that was published. */
    async caughtUp(): Promise<void> {
      await eventually(async () => {
        for (const stream of ['RECADO_CONVERSATION', 'RECADO_SCHEDULER']) {
          for await (const { name, num_pending, num_ack_pending } of bus.jsm.consumers.list(stream)) {
            if (num_pending + num_ack_pending > 0) throw new Error(`${name} is behind`);
          }
        }
      });
    },
    calls: () => sandbox.control.ledgerAll('ai'),
    async stop() {
      await Promise.all(copies.map((copy) => copy.stop()));
      await Promise.all([conversation.stop(), identity.stop(), sandbox.stop(), bus.close(), sql.end()]);
      await database.drop();
    },
  };
}
export type Fixture = Awaited<ReturnType<typeof createFixture>>;

/** Calls a route of aiResponderApi through inject, as a user of the tenant. */
export async function call(
  { app }: AiResponder,
  contract: (typeof aiResponderApi)[keyof typeof aiResponderApi],
  { tenantId, role = 'admin', body }: { tenantId: string; role?: Role; body?: object },
) {
  const { method, path } = contract as RouteContract;
  const answer = await app.inject({
    method,
    url: path,
    headers: { authorization: `Bearer ${internalToken({ tenantId, role, permissions: permissionsOf(role) })}` },
    ...(body ? { payload: body } : {}),
  });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
}

function fired(tenantId: string, conversationId: string): Event {
  const at = new Date().toISOString();
  const data = { owner: 'ai-responder', key: `reply:${conversationId}`, fireAt: at, firedAt: at, payload: {} };
  return buildEvent(timerFired, { tenantId, data });
}

function planChanged(tenantId: string, plan: PlanName, time: Date): Event {
  const rest = { slug: 's', name: 'n', status: 'active' as const, language: 'es', timezone: 'America/Lima' };
  return buildEvent(tenantUpdated, { tenantId, time, data: { tenantId, ...rest, plan } });
}

function newThread(tenantId: string, id: string, at: string): Thread {
  return {
    tenantId,
    messages: [],
    conversation: {
      id,
      channelId: uuidv7(),
      contact: { id: uuidv7(), name: 'Ana', phone: '+51999888777', email: null, avatarUrl: null, createdAt: at },
      status: 'new',
      archived: false,
      priority: 'normal',
      assignedUserId: null,
      campaignId: null,
      unreadCount: 1,
      messageCount: 1,
      lastMessage: null,
      lastMessageAt: at,
      lastInboundAt: at,
      assignedAt: null,
      firstResponseAt: null,
      closedAt: null,
      createdAt: at,
      updatedAt: at,
    },
  };
}

function newMessage(thread: Thread, given: Partial<Message>): Message {
  const at = given.createdAt ?? new Date().toISOString();
  const message: Message = {
    id: uuidv7(),
    conversationId: thread.conversation.id,
    channelId: thread.conversation.channelId,
    direction: 'inbound',
    type: 'text',
    content: '',
    metadata: null,
    status: 'delivered',
    providerMessageId: null,
    author: 'contact',
    userId: null,
    aiModel: null,
    error: null,
    sentTime: at,
    sentAt: null,
    deliveredAt: null,
    readAt: null,
    createdAt: at,
    ...given,
  };
  thread.messages.push(message);
  return message;
}

async function startConversation(threads: Map<string, Thread>) {
  const app = buildHttp({
    name: 'conversation',
    log: testLogger(),
    tokens: internalTokens('conversation'),
    registry: createRegistry('conversation'),
    ready: {},
  });
  serve(app, conversationApi.getThread, async ({ params, query, caller }) => {
    const thread = threads.get(params.conversationId);
    if (!thread || thread.tenantId !== caller.tenantId) throw new NotFound('conversation', params.conversationId);
    return { conversation: thread.conversation, messages: thread.messages.slice(-query.limit) };
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, stop: () => app.close() };
}

async function startIdentity(plans: Plans) {
  const app = buildHttp({
    name: 'identity',
    log: testLogger(),
    tokens: internalTokens('identity'),
    registry: createRegistry('identity'),
    ready: {},
  });
  serve(app, identityApi.getTenant, async ({ caller }) => {
    plans.asked.push(caller.tenantId);
    if (plans.away) throw new Unavailable('postgres');
    const plan = plans.of.get(caller.tenantId) ?? 'enterprise';
    const { displayName: _, requests: __, ...limits } = PLANS[plan];
    const rest = { slug: 's', name: 'n', status: 'active' as const, language: 'es', settings: {} };
    const createdAt = '2026-01-01T00:00:00.000Z';
    return { id: caller.tenantId, ...rest, plan, timezone: 'America/Lima', limits, createdAt };
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, stop: () => app.close() };
}
