import type {
  channelStatus,
  conversationCreated,
  conversationUpdated,
  Edition,
  EventContract,
  EventData,
  messageCreated,
  messageUpdated,
  notificationCreated,
  User,
} from '@recado/contracts';
import type { Caller } from '@recado/service-kit';
import type { Cursor } from './cursor.ts';

type Heard<Name extends string, C extends EventContract> = { name: Name; data: EventData<C> };

/** The events sockets hear, under the mesh's own names. */
export type HeardEvent =
  | Heard<'message.created', typeof messageCreated>
  | Heard<'message.updated', typeof messageUpdated>
  | Heard<'conversation.created', typeof conversationCreated>
  | Heard<'conversation.updated', typeof conversationUpdated>
  | Heard<'channel.status-changed', typeof channelStatus>
  | Heard<'notification.created', typeof notificationCreated>;

/** An event on its way to sockets. */
export type RealtimeEvent = HeardEvent & {
  id: string;
  tenantId: string;
  /** When it happened, ISO 8601. */
  time: string;
  /** Its place in the stream; null for events that can't be replayed. */
  cursor: Cursor | null;
  /** Published again after JetStream lost its store. */
  republished: boolean;
  /** This gateway has met the event's message before: in the lost stream, unless it is a redelivery. */
  known: boolean;
};

/** What one event becomes for the clients of an edition. */
export interface Frame {
  name: string;
  payload: Record<string, unknown>;
  /** Only these sessions of the tenant; all when absent. */
  to?: (session: RealtimeSession) => boolean;
}

/** One client's connection, whatever carries it. */
export interface RealtimeSession {
  id: string;
  tenantId: string;
  userId: string;
  sessionId: string | null;
  edition: Edition;
  caller: Caller;
  /**
   * Unix ms: republished events from before it are left out, for the client fetched what happened until then. One that resumed
   * fetched nothing: for it this is as far back as its gateway's knowledge goes.
   */
  since: number;
  send(name: string, payload: Record<string, unknown>): void;
  close(reason: string): void;
}

/** Names a dialect shows beside an event. Never throws: an event is not lost because a name can't be had. */
export interface Lookups {
  users(tenantId: string, ids: Iterable<string | null>): Promise<ReadonlyMap<string, User>>;
}

/** A client as the handlers of what it sends see it. */
export interface Client {
  session: RealtimeSession;
  send(name: string, payload: Record<string, unknown>): void;
  /** Whether the conversation is one the client may see. Throws while that can't be known. */
  maySee(conversationId: string): Promise<boolean>;
  join(conversationId: string): void;
  leave(conversationId: string): void;
}

/** An edition's realtime dialect. */
export interface Dialect {
  frames(event: RealtimeEvent, lookups: Lookups): Frame[] | Promise<Frame[]>;
  /** What its clients may send, by name. The payload is whatever came; a throw is told to the client as `error`. */
  clientEvents?: Record<string, (client: Client, payload: unknown) => void | Promise<void>>;
  /** How an error is said to its clients. */
  errorPayload?(error: unknown): Record<string, unknown>;
}
