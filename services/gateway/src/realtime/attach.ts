import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, connectBus } from '@recado/messaging';
import { AppError, Gauge, isAllowed, type ReadyChecks, shareCheck } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { createTokenVerifier } from '../auth/verify-token.ts';
import type { GatewayDeps } from '../deps.ts';
import { createAddressReader } from '../edge/client-address.ts';
import { pathForHost } from '../edge/hosts.ts';
import { WEBSOCKET_PATH } from '../editions/scheduler/realtime.ts';
import { createPresentStates } from './channel-states.ts';
import { dialects } from './dialects.ts';
import { type Feed, startFeed } from './feed.ts';
import { createHandshakeLimiter, scaleHandshakeLimits } from './handshake-limiter.ts';
import { createHub } from './hub.ts';
import { createLookups } from './lookups.ts';
import { NEEDS } from './needs.ts';
import { resume } from './resume.ts';
import { createSeenEvents } from './seen-events.ts';
import { leaveSockets, startSocketServer } from './socket-server.ts';
import { createSocketSlots } from './socket-slots.ts';
import { createTenantQueues } from './tenant-queues.ts';
import type { RealtimeEvent, RealtimeSession } from './types.ts';
import { startWebSocketServer } from './websocket-server.ts';

export interface Realtime {
  /**
   * For readiness: NATS answers, JetStream stores, and events arrive. Requests do not wait for
   * these.
   */
  ready: ReadyChecks;
  /** Ends every connection, so that clients go to another gateway, and stops listening. */
  stop(): Promise<void>;
}

/** Between tries to receive events at the start, while JetStream is still coming up. */
const RETRY_MS = 250;
const NATS_PATIENCE_MS = 365 * 24 * 3_600_000;

/**
 * Adds realtime to the gateway's HTTP server. Returns at once: while NATS is away sockets are
 * refused and HTTP works.
 */
export function attachRealtime(app: FastifyInstance, deps: GatewayDeps): Realtime {
  const { server } = app;
  const { log, registry, config } = deps;
  const seen = createSeenEvents();
  const onError = (err: unknown, { name, tenantId }: RealtimeEvent) =>
    log.error({ err, event: name, tenantId }, 'an event was not shown');
  const lookups = createLookups({ directory: deps.directory, conversation: deps.clients.conversation, log });
  const hub = createHub({ dialects, lookups, onError });
  const { presentStates, slots, handshakes } = createParts(deps);
  let bus: Bus | null = null;
  let feed: Feed | null = null;
  let stopped = false;

  // Order is what a conversation is read in, and a tenant whose look-ups are slow delays no other.
  const queues = createTenantQueues<RealtimeEvent>({
    handle: (_tenantId, events) => hub.dispatch(events),
    onOverflow(tenantId, { cursor }) {
      log.warn({ tenantId }, 'too many events waited for a tenant: its clients are told to fetch');
      hub.resync(tenantId, cursor!);
    },
  });
  const onEvent = (event: RealtimeEvent) => queues.push(event.tenantId, event);
  const onRevoked = (revoked: { tenantId: string; userId: string; sessionId: string | null }) => {
    for (const session of hub.sessions(revoked.tenantId)) {
      const meant =
        revoked.sessionId === null ? session.userId === revoked.userId : session.sessionId === revoked.sessionId;
      if (meant) session.close('session_revoked');
    }
  };

  const starting = (async () => {
    // Making the routes takes the event loop for seconds: longer than NATS waits for a log-in.
    if (!server.listening) await once(server, 'listening');
    bus = await connectBus({ url: config.natsUrl, name: 'gateway', log, waitMs: NATS_PATIENCE_MS });
    if (stopped) return;
    while (!feed && !stopped) {
      try {
        feed = await startFeed({ bus, log, seen, isWatched: hub.isWatched, listens: hub.listens, onEvent, onRevoked });
      } catch (err) {
        log.warn({ err }, 'events cannot be heard yet; trying again');
        await pause(RETRY_MS);
      }
    }
  })();
  starting.catch((err) => log.error({ err }, 'realtime could not start'));

  const connected = (): Bus => {
    if (!bus) throw Object.assign(new Error('Not connected yet'), { code: 'not_connected' });
    return bus;
  };
  const shared = {
    server,
    log,
    verifyToken: createTokenVerifier(app.readToken, deps.revocations),
    origins: config.corsOrigins,
    hub,
    slots,
    handshakes,
    async resume(session: RealtimeSession, lastEventId: unknown) {
      if (!feed) throw new Error('Not listening yet');
      await resume({ session, lastEventId, hub, feed, presentStates });
    },
  };
  const plain = startWebSocketServer({
    ...shared,
    dialect: dialects.scheduler,
    userOf(request) {
      const path = pathForHost(config.hosts, request.headers.host, request.url ?? '/').split('?', 1)[0]!;
      return path.startsWith(WEBSOCKET_PATH) ? path.slice(WEBSOCKET_PATH.length).replace(/\/$/, '') : null;
    },
  });
  const io = startSocketServer({
    ...shared,
    dialectOf: (session) => dialects[session.edition],
    async maySee(session, conversationId) {
      if (!isAllowed(session.caller, NEEDS.conversation)) return false;
      try {
        await deps.clients.conversation.getConversation({ params: { conversationId } }, { caller: session.caller });
        return true;
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return false;
        throw error;
      }
    },
  });

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

  return {
    ready: {
      nats: async () => connected().ping(),
      jetstream: shareCheck(async () => connected().checkStore('gateway')),
      realtime: async () => {
        if (!feed) throw Object.assign(new Error('Not listening yet'), { code: 'not_listening' });
        await feed.check();
      },
    },
    async stop() {
      stopped = true;
      slots.stop();
      leaveSockets(io);
      await plain.stop();
      await feed?.stop();
      io.engine.close();
      await bus?.close();
    },
  };
}

function createParts({ config, clients, log, redis, redisGate: gate, findPlan }: GatewayDeps) {
  const { trustedProxies, limits } = config;
  return {
    presentStates: createPresentStates({ connector: clients.connector, dialects, log }),
    slots: createSocketSlots({ redis, gate, findPlan, factor: limits.factor }),
    handshakes: createHandshakeLimiter(createAddressReader(trustedProxies), scaleHandshakeLimits(limits.factor)),
  };
}
