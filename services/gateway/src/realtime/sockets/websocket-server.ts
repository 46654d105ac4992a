import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { uuid, uuidv7 } from '@recado/contracts';
import { AppError, ValidationFailed } from '@recado/service-kit';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Principal, VerifyToken } from '../../auth/verify-token.ts';
import { originAllowed } from '../../edge/headers/origins.ts';
import type { Dialect, RealtimeSession } from '../types.ts';
import type { HandshakeLimiter } from './handshake-limiter.ts';
import { beginSession, createClientEvents, NO_ROOMS, type SessionLife } from './session-life.ts';
import { TooManySockets } from './socket-slots.ts';

export interface WebSocketServerOptions extends SessionLife {
  server: HttpServer;
  verifyToken: VerifyToken;
  origins: (string | RegExp)[];
  handshakes: HandshakeLimiter;
  /** The user whose sockets a path is for; null for another path. */
  userOf(request: IncomingMessage): string | null;
  dialect: Dialect;
}

/** How long a client may take to say who it is. */
const AUTH_MS = 5_000;
/** A client that has not answered the last ping by the next one is gone. */
const PING_MS = 30_000;
const MAX_PAYLOAD_BYTES = 64 * 1024;
/** A client that lets so much pile up reads nothing any more. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const BEHIND_BYTES = 64 * 1024;
/** For goodbyes to get through. */
const CLOSING_MS = 300;

/**
 * 4401 is the document's, 4429 ours; the others are RFC 6455's: try again later, against the rules,
 * going away.
 */
const UNAUTHORIZED = 4401;
const TOO_MANY_SOCKETS = 4429;
const CLOSE_CODES: Record<string, number> = {
  session_revoked: UNAUTHORIZED,
  token_expired: UNAUTHORIZED,
  unavailable: 1013,
};
const AGAINST_THE_RULES = 1008;
const GOING_AWAY = 1001;

const frame = z.looseObject({ type: z.string().max(64) });
const authFrame = z.looseObject({ type: z.literal('auth'), token: z.string(), last_event_id: z.unknown().optional() });

/**
 * scheduler.md's plain WebSockets beside Socket.IO: `{type, …}` frames both ways, the first one
 * `{type: 'auth', token}`. The dialect writes the frames.
 */
export function startWebSocketServer(options: WebSocketServerOptions): { stop(): Promise<void> } {
  const { server, origins, userOf } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES });
  const answered = new WeakSet<WebSocket>();

  server.on('upgrade', (request, socket, head) => {
    const userId = userOf(request);
    // Socket.IO's.
    if (userId === null) return;
    if (!originAllowed(request.headers.origin, origins)) return refuse(socket, '403 Forbidden');
    if (!uuid().safeParse(userId).success) return refuse(socket, '404 Not Found');
    const leave = options.handshakes.enter(request);
    if (!leave) return refuse(socket, '429 Too Many Requests');
    socket.once('close', leave);
    sockets.handleUpgrade(request, socket, head, (client) => {
      answered.add(client);
      client.on('pong', () => answered.add(client));
      client.on('error', () => client.terminate());
      greet(client, userId.toLowerCase(), options, leave);
    });
  });

  const pings = setInterval(() => {
    for (const client of sockets.clients) {
      if (!answered.delete(client)) client.terminate();
      else client.ping();
    }
  }, PING_MS);

  return {
    async stop() {
      clearInterval(pings);
      if (sockets.clients.size === 0) return;
      for (const client of sockets.clients) client.close(GOING_AWAY);
      await pause(CLOSING_MS);
      for (const client of sockets.clients) client.terminate();
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Waits for who it is; then its frames go to the dialect. */
function greet(client: WebSocket, userId: string, options: WebSocketServerOptions, leave: () => void): void {
  const deadline = setTimeout(() => client.close(UNAUTHORIZED, 'auth_timeout'), AUTH_MS);
  client.on('close', () => clearTimeout(deadline));
  client.once('message', (data) => {
    const auth = authFrame.safeParse(parse(data));
    if (!auth.success) return client.close(UNAUTHORIZED, 'auth_expected');
    const { token, last_event_id: lastEventId } = auth.data;
    // No more is read from a client that has not authenticated.
    client.pause();
    options
      .verifyToken(token)
      .then(async (principal) => {
        if (client.readyState !== client.OPEN) return;
        if (principal.caller.userId !== userId) return client.close(UNAUTHORIZED, 'other_user');
        const session = sessionOf(client, principal);
        const giveBack = await options.slots.take(session);
        if (client.readyState !== client.OPEN) return giveBack();
        client.on('close', giveBack);
        clearTimeout(deadline);
        leave();
        live(client, session, principal, options, lastEventId);
      })
      .catch((error: unknown) => refuseClient(client, error, options.dialect))
      .finally(() => client.resume());
  });
}

function refuseClient(client: WebSocket, error: unknown, dialect: Dialect): void {
  if (error instanceof TooManySockets) {
    const { scope, limit } = error;
    client.send(JSON.stringify({ type: 'error', ...dialect.errorPayload(error, 'auth'), scope, limit }));
    client.close(TOO_MANY_SOCKETS, 'too_many_sockets');
    return;
  }
  const known = error instanceof AppError && error.status === 401;
  client.close(known ? UNAUTHORIZED : CLOSE_CODES.unavailable, known ? 'unauthorized' : 'unavailable');
}

/** Begins the session of a client that is known. */
function live(
  client: WebSocket,
  session: RealtimeSession,
  principal: Principal,
  options: WebSocketServerOptions,
  lastEventId: unknown,
): void {
  const { dialect, log } = options;
  const handle = createClientEvents(
    { session, send: session.send, ...NO_ROOMS },
    { ...dialect, clientEvents: { ...dialect.clientEvents, [NO_FRAME]: refuseFrame } },
    log,
  );
  client.on('message', (data) => {
    const said = frame.safeParse(parse(data));
    const { type, ...payload } = said.data ?? { type: NO_FRAME };
    void handle(type, payload);
  });
  client.on('close', beginSession(session, principal, options, lastEventId));
}

/** What isn't a frame counts as one all the same, against the client's pace. */
const NO_FRAME = '';
function refuseFrame(): never {
  throw new ValidationFailed([{ field: 'type', message: 'Not a frame' }]);
}

function sessionOf(client: WebSocket, { caller, sessionId }: Principal): RealtimeSession {
  const send = (name: string, { eventId, ...payload }: Record<string, unknown>) => {
    if (client.readyState !== client.OPEN) return;
    if (client.bufferedAmount > MAX_BUFFERED_BYTES) return client.terminate();
    const place = eventId ? { last_event_id: eventId } : {};
    client.send(JSON.stringify({ type: name.replace(':', '_'), ...payload, ...place }));
  };
  return {
    id: uuidv7(),
    tenantId: caller.tenantId,
    userId: caller.userId ?? '',
    sessionId,
    // This socket speaks scheduler.md, for a token of any edition.
    edition: 'scheduler',
    caller: { ...caller, edition: 'scheduler' },
    since: Date.now(),
    send,
    isBehind: () => client.readyState === client.OPEN && client.bufferedAmount > BEHIND_BYTES,
    close(reason) {
      send('session:closed', { reason });
      client.close(CLOSE_CODES[reason] ?? AGAINST_THE_RULES, reason);
    },
  };
}

function parse(data: RawData): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}
