import type { Server as HttpServer } from 'node:http';
import { uuidv7 } from '@recado/contracts';
import { AppError, type Logger } from '@recado/service-kit';
import { type Socket, Server as SocketServer } from 'socket.io';
import type { Principal, VerifyToken } from '../auth/verify-token.ts';
import type { Hub } from './hub.ts';
import type { Client, Dialect, RealtimeSession } from './types.ts';

export interface SocketServerOptions {
  server: HttpServer;
  log: Logger;
  verifyToken: VerifyToken;
  origins: (string | RegExp)[];
  hub: Hub;
  dialectOf(session: RealtimeSession): Dialect;
  /** Brings a new session up to date; a throw refuses it. */
  resume(session: RealtimeSession, lastEventId: unknown): Promise<void>;
  /** Whether a session may see a conversation. */
  maySee(session: RealtimeSession, conversationId: string): Promise<boolean>;
}

/** A client that sends more than this in a second is cut off: no dialect needs a tenth of it. */
const MAX_EVENTS_PER_SECOND = 50;
const MAX_PAYLOAD_BYTES = 64 * 1024;

/** Socket.IO on the gateway's root: who may connect, what is carried, when it ends. What is said lies with the dialects. */
export function startSocketServer(options: SocketServerOptions): SocketServer {
  const { server, log, verifyToken, origins, hub } = options;
  const io = new SocketServer(server, {
    // Other upgrades (the scheduler edition's WebSocket) belong to somebody else.
    destroyUpgrade: false,
    serveClient: false,
    maxHttpBufferSize: MAX_PAYLOAD_BYTES,
    cors: { origin: origins, credentials: true },
    allowRequest: (request, callback) => {
      const { origin } = request.headers;
      // Browsers name their page; programs don't. CORS alone would not stop a foreign page's WebSocket.
      const allowed =
        origin === undefined ||
        origins.some((known) => (typeof known === 'string' ? known === origin : known.test(origin)));
      callback(allowed ? null : 'This origin is not allowed', allowed);
    },
  });

  io.use((socket, next) => {
    verifyToken(tokenOf(socket)).then(
      (principal) => {
        socket.data.principal = principal;
        next();
      },
      (error: unknown) => next(new Error(error instanceof AppError ? error.code : 'unavailable')),
    );
  });

  io.on('connection', (socket) => {
    const { principal } = socket.data as { principal: Principal };
    const session = sessionOf(socket, principal);
    const expiry = setTimeout(
      () => session.close('token_expired'),
      Math.min(principal.expiresAt - Date.now(), 2 ** 31 - 1),
    );
    socket.on('disconnect', () => {
      clearTimeout(expiry);
      hub.remove(session);
    });
    listen(socket, session, options);
    options.resume(session, socket.handshake.auth.lastEventId).catch((err: unknown) => {
      log.warn({ err, tenantId: session.tenantId }, 'a socket could not be brought up to date');
      session.close('unavailable');
    });
  });
  return io;
}

/** `auth.token` or the Authorization header, with or without `Bearer `. */
function tokenOf(socket: Socket): string {
  const given = socket.handshake.auth.token ?? socket.handshake.headers.authorization;
  return typeof given === 'string' ? given : '';
}

function sessionOf(socket: Socket, { caller, edition, sessionId }: Principal): RealtimeSession {
  return {
    id: uuidv7(),
    tenantId: caller.tenantId,
    userId: caller.userId ?? '',
    sessionId,
    edition,
    caller,
    since: Date.now(),
    send: (name, payload) => void socket.emit(name, payload),
    close(reason) {
      socket.emit('session:closed', { reason });
      // A client whose server said goodbye tries again by itself only if the transport ends, not the namespace.
      if (reason === 'unavailable') socket.conn.close();
      else socket.disconnect(true);
    },
  };
}

function listen(socket: Socket, session: RealtimeSession, { dialectOf, maySee, log }: SocketServerOptions): void {
  const dialect = dialectOf(session);
  const client: Client = {
    session,
    send: session.send,
    maySee: (conversationId) => maySee(session, conversationId),
    join: (conversationId) => void socket.join(`conversation:${session.tenantId}:${conversationId}`),
    leave: (conversationId) => void socket.leave(`conversation:${session.tenantId}:${conversationId}`),
  };
  let second = 0;
  let count = 0;
  socket.onAny(async (name: string, payload: unknown) => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) [second, count] = [now, 0];
    if (++count > MAX_EVENTS_PER_SECOND) return session.close('too_many_events');
    const handler =
      dialect.clientEvents && Object.hasOwn(dialect.clientEvents, name) ? dialect.clientEvents[name] : undefined;
    if (!handler) return;
    try {
      await handler(client, payload);
    } catch (err) {
      if (!(err instanceof AppError))
        log.warn({ err, event: name, tenantId: session.tenantId }, 'a client event failed');
      session.send('error', dialect.errorPayload?.(err) ?? { message: 'error' });
    }
  });
}
