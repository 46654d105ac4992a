import type { Server as HttpServer } from 'node:http';
import { uuidv7 } from '@recado/contracts';
import { AppError } from '@recado/service-kit';
import { type Socket, Server as SocketServer } from 'socket.io';
import type { Principal, VerifyToken } from '../auth/verify-token.ts';
import { originAllowed } from '../edge/origins.ts';
import { beginSession, createClientEvents, type SessionLife } from './session-life.ts';
import type { Client, Dialect, RealtimeSession } from './types.ts';

export interface SocketServerOptions extends SessionLife {
  server: HttpServer;
  verifyToken: VerifyToken;
  origins: (string | RegExp)[];
  dialectOf(session: RealtimeSession): Dialect;
  /** Whether a session may see a conversation. */
  maySee(session: RealtimeSession, conversationId: string): Promise<boolean>;
}

const MAX_PAYLOAD_BYTES = 64 * 1024;

/** Socket.IO on the gateway's root: who may connect, what is carried, when it ends. What is said lies with the dialects. */
export function startSocketServer(options: SocketServerOptions): SocketServer {
  const { server, verifyToken, origins } = options;
  const io = new SocketServer(server, {
    // Other upgrades (the scheduler edition's WebSocket) belong to somebody else.
    destroyUpgrade: false,
    serveClient: false,
    maxHttpBufferSize: MAX_PAYLOAD_BYTES,
    cors: { origin: origins, credentials: true },
    allowRequest: (request, callback) => {
      const allowed = originAllowed(request.headers.origin, origins);
      callback(allowed ? null : 'This origin is not allowed', allowed);
    },
  });

  io.use((socket, next) => {
    verifyToken(tokenOf(socket)).then(
      (principal) => {
        socket.data.principal = principal;
        next();
      },
      (error: unknown) => {
        const refused = error instanceof AppError && error.code !== 'unavailable';
        // A client that is refused never comes back by itself. While nobody can say who it is (identity is away, no key is
        // known yet) its transport ends instead, and it tries again.
        if (refused) next(new Error(error.code));
        else socket.conn.close();
      },
    );
  });

  io.on('connection', (socket) => {
    const { principal } = socket.data as { principal: Principal };
    const session = sessionOf(socket, principal);
    listen(socket, session, options);
    const end = beginSession(session, principal, options, socket.handshake.auth.lastEventId);
    socket.on('disconnect', end);
  });
  return io;
}

/**
 * Ends every connection as a lost one: clients then try again by themselves and reach another gateway. After a goodbye of
 * the namespace (`disconnectSockets`) they never would.
 */
export function leaveSockets(io: SocketServer): void {
  for (const socket of io.sockets.sockets.values()) socket.conn.close();
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
  const client: Client = {
    session,
    send: session.send,
    maySee: (conversationId) => maySee(session, conversationId),
    join: (conversationId) => void socket.join(`conversation:${session.tenantId}:${conversationId}`),
    leave: (conversationId) => void socket.leave(`conversation:${session.tenantId}:${conversationId}`),
  };
  socket.onAny(createClientEvents(client, dialectOf(session), log));
}
