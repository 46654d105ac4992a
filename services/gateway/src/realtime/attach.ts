import type { Server as HttpServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bus, connectBus } from '@recado/messaging';
import { AppError, Gauge, serviceCaller, startTraceparent } from '@recado/service-kit';
import type { GatewayDeps } from '../deps.ts';
import { pathForHost } from '../edge/hosts.ts';
import { WEBSOCKET_PATH } from '../editions/scheduler/realtime.ts';
import { dialects } from './dialects.ts';
import { type Feed, startFeed } from './feed.ts';
import { createHub } from './hub.ts';
import { resume } from './resume.ts';
import { createSeenEvents } from './seen-events.ts';
import { leaveSockets, startSocketServer } from './socket-server.ts';
import type { Lookups, RealtimeEvent, RealtimeSession } from './types.ts';
import { startWebSocketServer } from './websocket-server.ts';

export interface Realtime {
  /**
   * For readiness: throws until events are heard for the first time. After that a NATS that is away refuses sockets but not
   * webhooks and requests: a balancer that took this gateway out would turn away what Postgres can store.
   */
  ready(): Promise<void>;
  /** Ends every connection, so that clients go to another gateway, and stops listening. */
  stop(): Promise<void>;
}

/** Between tries to hear events at the start, while JetStream is still coming up. */
const RETRY_MS = 250;
const NATS_PATIENCE_MS = 365 * 24 * 3_600_000;

/**
 * Puts realtime on the gateway's HTTP server. Returns at once: while NATS is away sockets are refused and HTTP goes on.
 */
export function attachRealtime(server: HttpServer, deps: GatewayDeps): Realtime {
  const { log, registry, config } = deps;
  const seen = createSeenEvents();
  const hub = createHub(dialects, createLookups(deps));
  let bus: Bus | null = null;
  let feed: Feed | null = null;
  let stopped = false;

  // One after the other: dialects may await a lookup, and order is what a conversation is read in.
  let queue: Promise<void> = Promise.resolve();
  const onEvent = (event: RealtimeEvent) => {
    queue = queue
      .then(() => hub.dispatch(event))
      .catch((err) => log.error({ err, event: event.name }, 'an event was not shown'));
  };
  const onRevoked = (revoked: { tenantId: string; userId: string; sessionId: string | null }) => {
    for (const session of hub.sessions(revoked.tenantId)) {
      const meant =
        revoked.sessionId === null ? session.userId === revoked.userId : session.sessionId === revoked.sessionId;
      if (meant) session.close('session_revoked');
    }
  };

  const starting = (async () => {
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

  const shared = {
    server,
    log,
    verifyToken: deps.verifyToken,
    origins: config.corsOrigins,
    hub,
    async resume(session: RealtimeSession, lastEventId: unknown) {
      if (!feed) throw new Error('Not listening yet');
      await resume({ session, lastEventId, hub, feed });
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
    async ready() {
      if (!feed) throw new Error('Not listening yet');
    },
    async stop() {
      stopped = true;
      leaveSockets(io);
      await plain.stop();
      await feed?.stop();
      io.engine.close();
      await bus?.close();
    },
  };
}

function createLookups({ directory, log }: GatewayDeps): Lookups {
  return {
    async users(tenantId, ids) {
      const wanted = [...ids].filter((id) => id !== null);
      if (wanted.length === 0) return new Map();
      try {
        const call = {
          caller: serviceCaller('gateway', tenantId),
          requestId: 'realtime',
          traceparent: startTraceparent(),
        };
        return await directory.users(call, wanted);
      } catch (err) {
        log.warn({ err, tenantId }, 'names are not to be had; shown without');
        return new Map();
      }
    },
  };
}
