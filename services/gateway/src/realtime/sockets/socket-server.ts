import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { uuidv7 } from '@recado/contracts';
import { AppError } from '@recado/service-kit';
import { type Socket, Server as SocketServer } from 'socket.io';
import type { Principal, VerifyToken } from '../../auth/verify-token.ts';
import { originAllowed } from '../../edge/headers/origins.ts';
import type { Client, Dialect, RealtimeSession } from '../types.ts';
import type { HandshakeLimiter } from './handshake-limiter.ts';
import { beginSession, createClientEvents, type SessionLife } from './session-life.ts';
import { TooManySockets } from './socket-slots.ts';
import type { Typing } from './typing.ts';

export interface SocketServerOptions extends SessionLife {
  server: HttpServer;
  verifyToken: VerifyToken;
  origins: (string | RegExp)[];
  handshakes: HandshakeLimiter;
  dialectOf(session: Pick<RealtimeSession, 'edition'>): Dialect;
  /** Whether a session may see a conversation. */
  maySee(session: RealtimeSession, conversationId: string): Promise<boolean>;
  /** Marks messages as read in the session's name. */
  markRead(session: RealtimeSession, messageIds: string[], conversationId?: string): Promise<unknown>;
  typing: Typing;
}

const MAX_PAYLOAD_BYTES = 64 * 1024;
/** How long a client may take to say who it is, and who it is to be found out. */
const AUTH_MS = 5_000;
/**
 * Packets that wait for a client to read them; one with so many is closed, and comes back with its
 * last event id.
 */
const MAX_WAITING = 2_000;
/** Packets that wait at one that is sent to faster than it reads. */
const BEHIND = 128;

/**
 * Socket.IO on the gateway's root: connects, carries and ends sockets. The dialects write the
 * frames.
 */
export function startSocketServer(options: SocketServerOptions): SocketServer {
  const { server, origins } = options;
  /** Ends each open handshake. */
  const entered = new WeakMap<IncomingMessage, () => void>();
  /** What is to be done once it is known who a connection is. */
  const known = new WeakMap<Socket['conn'], () => void>();
  const io = new SocketServer(server, {
    // Other upgrades (the scheduler edition's WebSocket) have their own handler.
    destroyUpgrade: false,
    serveClient: false,
    maxHttpBufferSize: MAX_PAYLOAD_BYTES,
    connectTimeout: AUTH_MS,
    cors: { origin: origins, credentials: true },
    allowRequest: (request, callback) => {
      const refuse = (message: string) => callback(message, false);
      if (!originAllowed(request.headers.origin, origins)) return refuse('This origin is not allowed');
      if (!isHandshake(request)) return callback(null, true);
      const leave = options.handshakes.enter(request);
      if (!leave) return refuse('Too many connections');
      entered.set(request, leave);
      // An upgrade that fails tells the engine nothing.
      if (request.headers.upgrade) request.socket.once('close', leave);
      callback(null, true);
    },
  });
  io.engine.on('connection', (conn: Socket['conn']) => {
    const leave = entered.get(conn.request) ?? (() => {});
    conn.on('close', leave);
    const deadline = setTimeout(() => conn.close(true), AUTH_MS);
    known.set(conn, () => {
      clearTimeout(deadline);
      leave();
    });
    conn.on('close', () => clearTimeout(deadline));
  });
  io.engine.on('connection_error', ({ req }: { req?: IncomingMessage }) => req && entered.get(req)?.());

  io.use((socket, next) => {
    admit(socket, options).then(
      () => next(),
      (error: unknown) => {
        const refused = error instanceof AppError && error.code !== 'unavailable';
        // A refused client never reconnects by itself. While its token cannot be checked (identity
        // is away) its transport ends instead, and it tries again.
        if (refused) next(refusal(error, options));
        else socket.conn.close();
      },
    );
  });

  io.on('connection', (socket) => {
    const { principal, session, giveBack } = socket.data as SocketData;
    known.get(socket.conn)?.();
    listen(socket, session, options);
    const end = beginSession(session, principal, options, socket.handshake.auth.lastEventId);
    forgetHandshake(socket);
    socket.on('disconnect', () => {
      giveBack();
      options.typing.forget(session);
      end();
    });
  });
  return io;
}

/**
 * The request, its headers and its token: nothing needs them any more, and they are a third of what
 * an idle socket takes (Socket.IO's page on memory usage).
 */
function forgetHandshake(socket: Socket): void {
  Object.assign(socket.conn, { request: null });
  Object.assign(socket, { handshake: undefined });
}

/**
 * Ends every connection as a lost one: clients then try again by themselves and reach another
 * gateway. After a goodbye of the namespace (`disconnectSockets`) they never would.
 */
export function leaveSockets(io: SocketServer): void {
  for (const socket of io.sockets.sockets.values()) socket.conn.close();
}

interface SocketData {
  principal: Principal;
  session: RealtimeSession;
  giveBack(): void;
}

/** Requests of a connection that stands name its id. */
const isHandshake = ({ url = '' }: IncomingMessage): boolean => !/[?&]sid=/.test(url);

/** Who it is, and one of the sockets that are theirs. @throws Unauthorized, TooManySockets */
async function admit(socket: Socket, { verifyToken, slots }: SocketServerOptions): Promise<void> {
  const principal = await verifyToken(tokenOf(socket));
  const session = sessionOf(socket, principal);
  const giveBack = await slots.take(session);
  // It may have gone in the meantime, or go before its session begins.
  if (socket.conn.readyState !== 'open') return giveBack();
  socket.conn.once('close', giveBack);
  Object.assign(socket.data, { principal, session, giveBack } satisfies SocketData);
}

/** What `connect_error` tells. */
function refusal(error: AppError, { dialectOf }: SocketServerOptions): Error {
  if (!(error instanceof TooManySockets)) return new Error(error.code);
  const { scope, limit } = error;
  const { edition } = error.holder;
  const data = { ...dialectOf({ edition }).errorPayload(error, 'connect'), scope, limit };
  return Object.assign(new Error('too_many_sockets'), { data });
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
    send(name, payload) {
      // It reads nothing any more. The transport ends, so that the client tries again by itself.
      if (waitingFor(socket) > MAX_WAITING) socket.conn.close(true);
      else socket.emit(name, payload);
    },
    isBehind: () => socket.conn.readyState === 'open' && waitingFor(socket) > BEHIND,
    close(reason) {
      socket.emit('session:closed', { reason });
      // A client whose server said goodbye tries again by itself only if the transport ends, not
      // the namespace.
      if (reason === 'unavailable') socket.conn.close();
      else socket.disconnect(true);
    },
  };
}

/** Packets that wait for the client. Engine.IO keeps them to itself in its types alone. */
const waitingFor = ({ conn }: Socket): number => (conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;

function listen(
  socket: Socket,
  session: RealtimeSession,
  { dialectOf, maySee, markRead, typing, log }: SocketServerOptions,
): void {
  const client: Client = {
    session,
    send: session.send,
    maySee: (conversationId) => maySee(session, conversationId),
    join: (conversationId) => typing.join(session, conversationId),
    leave: (conversationId) => typing.leave(session, conversationId),
    hasJoined: (conversationId) => typing.has(session, conversationId),
    tellTyping: (conversationId, isTyping) => typing.tell(session, conversationId, isTyping),
    async markRead(messageIds, conversationId) {
      await markRead(session, messageIds, conversationId);
    },
  };
  socket.onAny(createClientEvents(client, dialectOf(session), log));
}
