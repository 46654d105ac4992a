import { AppError, type Logger, NotFound } from '@recado/service-kit';
import type { Principal } from '../../auth/verify-token.ts';
import type { Hub } from '../hub/hub.ts';
import type { Client, Dialect, RealtimeSession } from '../types.ts';
import type { SocketSlots } from './socket-slots.ts';

/** A client that sends more than this in a second is cut off: no dialect needs a tenth of it. */
const MAX_EVENTS_PER_SECOND = 50;
/** Of an event's name as an error repeats it. */
const MAX_NAME = 64;

/** Of a client whose dialect has no rooms: nothing it says is about a conversation. */
export const NO_ROOMS: Omit<Client, 'session' | 'send'> = {
  maySee: async () => false,
  join: () => {},
  leave: () => {},
  hasJoined: () => false,
  tellTyping: () => {},
  markRead: async () => {},
};

export interface SessionLife {
  hub: Hub;
  log: Logger;
  slots: Pick<SocketSlots, 'take'>;
  /** Brings a new session up to date; a throw refuses it. */
  resume(session: RealtimeSession, lastEventId: unknown): Promise<void>;
}

/**
 * A session's life on any transport: up to date, then live, until its token expires. Call the
 * result when its connection has gone.
 */
export function beginSession(
  session: RealtimeSession,
  { expiresAt }: Principal,
  { hub, log, resume }: SessionLife,
  lastEventId: unknown,
): () => void {
  const expiry = setTimeout(() => session.close('token_expired'), Math.min(expiresAt - Date.now(), 2 ** 31 - 1));
  resume(session, lastEventId).catch((err: unknown) => {
    log.warn({ err, tenantId: session.tenantId }, 'a socket could not be brought up to date');
    session.close('unavailable');
  });
  return () => {
    clearTimeout(expiry);
    hub.remove(session);
  };
}

/**
 * What a client sends, at a bearable pace, to the dialect's handlers; names they don't know answer
 * `error`. Never throws.
 */
export function createClientEvents(
  client: Client,
  dialect: Dialect,
  log: Logger,
): (name: string, payload: unknown) => Promise<void> {
  const { session } = client;
  let second = 0;
  let count = 0;
  return async (name, payload) => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) [second, count] = [now, 0];
    if (++count > MAX_EVENTS_PER_SECOND) return session.close('too_many_events');
    const handler =
      dialect.clientEvents && Object.hasOwn(dialect.clientEvents, name) ? dialect.clientEvents[name] : undefined;
    try {
      if (!handler) throw new NotFound('event', name);
      await handler(client, payload);
    } catch (err) {
      if (!(err instanceof AppError))
        log.warn({ err, event: name, tenantId: session.tenantId }, 'a client event failed');
      session.send('error', dialect.errorPayload(err, name.slice(0, MAX_NAME)));
    }
  };
}
