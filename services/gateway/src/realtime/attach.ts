import { AppError, Gauge, isAllowed, type ReadyChecks, type Registry } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { createTokenVerifier } from '../auth/verify-token.ts';
import type { GatewayDeps } from '../deps.ts';
import { createAddressReader } from '../edge/server/client-address.ts';
import { pathForHost } from '../edge/server/hosts.ts';
import { WEBSOCKET_PATH } from '../editions/scheduler/realtime.ts';
import { linkEvent } from '../files/link-media.ts';
import { createPresentStates } from './channel-states.ts';
import { dialects } from './dialects.ts';
import { createHub, type Hub } from './hub/hub.ts';
import { createLookups } from './lookups.ts';
import { NEEDS } from './needs.ts';
import { createHandshakeLimiter, scaleHandshakeLimits } from './sockets/handshake-limiter.ts';
import { startSignals } from './sockets/signals.ts';
import { leaveSockets, startSocketServer } from './sockets/socket-server.ts';
import { createSocketSlots } from './sockets/socket-slots.ts';
import { startTyping } from './sockets/typing.ts';
import { startViewers } from './sockets/viewers.ts';
import { startWebSocketServer } from './sockets/websocket-server.ts';
import type { FeedOptions } from './stream/feed.ts';
import { type Listener, startListener } from './stream/listener.ts';
import { resume } from './stream/resume.ts';
import { createSeenEvents } from './stream/seen-events.ts';
import { createTenantQueues } from './tenant-queues.ts';
import type { Lookups, RealtimeEvent, RealtimeSession } from './types.ts';

export interface Realtime {
  /**
   * For readiness: NATS answers, JetStream stores, and events arrive. Requests do not wait for
   * these.
   */
  ready: ReadyChecks;
  /** Ends every connection, so that clients go to another gateway, and stops listening. */
  stop(): Promise<void>;
}

/**
 * Adds realtime to the gateway's HTTP server. Returns at once: while NATS is away sockets are
 * refused and HTTP works.
 */
export function attachRealtime(app: FastifyInstance, deps: GatewayDeps): Realtime {
  const lookups = createLookups({ directory: deps.directory, conversation: deps.clients.conversation, log: deps.log });
  const hub = createGatewayHub(deps, lookups);
  const { typing, stop: stopTyping } = startTypingFor(deps, hub, lookups);
  const listener = startListener(app.server, deps, feedOptions(hub, deps));
  const parts = createParts(app, deps, hub, listener);
  const plain = startWebSocketServer({
    ...parts,
    dialect: dialects.scheduler,
    userOf: ({ headers, url = '/' }) => {
      const path = pathForHost(deps.config.hosts, headers.host, url).split('?', 1)[0]!;
      return path.startsWith(WEBSOCKET_PATH) ? path.slice(WEBSOCKET_PATH.length).replace(/\/$/, '') : null;
    },
  });
  const io = startSocketServer({
    ...parts,
    dialectOf: (session) => dialects[session.edition],
    maySee: (session, conversationId) => maySee(deps, session, conversationId),
    markRead: ({ caller }, messageIds, conversationId) =>
      deps.clients.conversation.markRead({ body: { messageIds, conversationId } }, { caller }),
    typing,
  });
  countSockets(hub, deps.registry);
  return {
    ready: listener.ready,
    async stop() {
      parts.slots.stop();
      stopTyping();
      leaveSockets(io);
      await plain.stop();
      io.engine.close();
      await listener.stop();
    },
  };
}

function createGatewayHub({ mediaLinks, log }: GatewayDeps, lookups: Lookups): Hub {
  const onError = (err: unknown, { name, tenantId }: RealtimeEvent) =>
    log.error({ err, event: name, tenantId }, 'an event was not shown');
  const complete = (event: RealtimeEvent) => linkEvent(event, mediaLinks);
  return createHub({ dialects, lookups, complete, onError });
}

/** Who has which conversation open, and who writes there. */
function startTypingFor({ redis, redisGate: gate, clients, log }: GatewayDeps, hub: Hub, lookups: Lookups) {
  const signals = startSignals({ redis, gate, log });
  const viewers = startViewers({ redis, gate, signals, dialects, lookups, log });
  const typing = startTyping({
    ...{ signals, viewers, hub, dialects, lookups, log },
    showCustomer: ({ caller }, conversationId) =>
      clients.conversation.showTyping({ params: { conversationId } }, { caller }),
  });
  return {
    typing,
    stop() {
      viewers.stop();
      signals.stop();
    },
  };
}

/** What the feed brings, and where it goes. */
function feedOptions(hub: Hub, { log }: GatewayDeps): Omit<FeedOptions, 'bus' | 'log'> {
  // Order is what a conversation is read in, and a tenant whose look-ups are slow delays no other.
  const queues = createTenantQueues<RealtimeEvent>({
    handle: (_tenantId, events) => hub.dispatch(events),
    onOverflow(tenantId, { cursor }) {
      log.warn({ tenantId }, 'too many events waited for a tenant: its clients are told to fetch');
      hub.resync(tenantId, cursor!);
    },
  });
  return {
    seen: createSeenEvents(),
    isWatched: hub.isWatched,
    listens: hub.listens,
    onEvent: (event) => queues.push(event.tenantId, event),
    onRevoked({ tenantId, userId, sessionId }) {
      for (const session of hub.sessions(tenantId)) {
        const meant = sessionId === null ? session.userId === userId : session.sessionId === sessionId;
        if (meant) session.close('session_revoked');
      }
    },
  };
}

/** What both kinds of sockets work with. */
function createParts(app: FastifyInstance, deps: GatewayDeps, hub: Hub, listener: Listener) {
  const { config, clients, log, redis, redisGate: gate, findPlan } = deps;
  const { trustedProxies, limits } = config;
  const presentStates = createPresentStates({ connector: clients.connector, dialects, log });
  return {
    server: app.server,
    log,
    verifyToken: createTokenVerifier(app.readToken, deps.revocations),
    origins: config.corsOrigins,
    hub,
    slots: createSocketSlots({ redis, gate, findPlan, factor: limits.factor }),
    handshakes: createHandshakeLimiter(createAddressReader(trustedProxies), scaleHandshakeLimits(limits.factor)),
    resume: async (session: RealtimeSession, lastEventId: unknown) =>
      resume({ session, lastEventId, hub, feed: listener.feed(), presentStates }),
  };
}

async function maySee({ clients }: GatewayDeps, session: RealtimeSession, conversationId: string): Promise<boolean> {
  if (!isAllowed(session.caller, NEEDS.conversation)) return false;
  try {
    await clients.conversation.getConversation({ params: { conversationId } }, { caller: session.caller });
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return false;
    throw error;
  }
}

function countSockets(hub: Hub, registry: Registry): void {
  new Gauge({
    name: 'recado_sockets',
    help: 'Connected realtime clients by edition',
    labelNames: ['edition'],
    registers: [registry],
    collect() {
      this.reset();
      for (const session of hub.sessions()) this.inc({ edition: session.edition });
    },
  });
}
