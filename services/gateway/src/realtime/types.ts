import type {
  boardCardMoved,
  CampaignName,
  Channel,
  Conversation,
  channelCode,
  channelStatus,
  conversationCreated,
  conversationUpdated,
  Edition,
  EventContract,
  EventData,
  importFinished,
  importProgressed,
  messageCreated,
  messageUpdated,
  notificationCreated,
  scheduledMessageUpdated,
  slaBreached,
  slaWarned,
  User,
} from '@recado/contracts';
import type { Access, Caller } from '@recado/service-kit';
import type { Cursor, Place, StreamKey } from './stream/cursor.ts';

type Heard<Name extends string, C extends EventContract> = { name: Name; data: EventData<C> };

/** The events of sockets, under the mesh's own names. */
export type HeardEvent =
  | Heard<'message.created', typeof messageCreated>
  | Heard<'message.updated', typeof messageUpdated>
  | Heard<'conversation.created', typeof conversationCreated>
  | Heard<'conversation.updated', typeof conversationUpdated>
  | Heard<'channel.status-changed', typeof channelStatus>
  | Heard<'channel.code-changed', typeof channelCode>
  | Heard<'import.progressed', typeof importProgressed>
  | Heard<'import.finished', typeof importFinished>
  | Heard<'sla.warned', typeof slaWarned>
  | Heard<'sla.breached', typeof slaBreached>
  | Heard<'board.card-moved', typeof boardCardMoved>
  | Heard<'scheduled-message.updated', typeof scheduledMessageUpdated>
  | Heard<'notification.created', typeof notificationCreated>;

/** An event on its way to sockets. */
export type RealtimeEvent = HeardEvent & {
  id: string;
  tenantId: string;
  /** When it happened, ISO 8601. */
  time: string;
  /** The stream in which `cursor` names the event's own place. */
  stream: StreamKey;
  /**
   * The place of a client that has got it and all before it; null for a state that is not replayed.
   */
  cursor: Cursor | null;
  /** The place just before it in its stream, for a client that has got a part of its frames. */
  previous?: Place;
  /** Published again after JetStream lost its store. */
  republished: boolean;
  /**
   * This gateway has met the event's message before: in the lost stream, unless it is a redelivery.
   */
  known: boolean;
  /** Of a message: the time of a later one of its conversation that was shown before it. */
  overtakenAt?: string;
};

/**
 * The frames of one event for an edition's clients. The last one carries the event's place, so a
 * client that lost it gets all again. Only the last may therefore be one that counts.
 */
export interface Frame {
  name: string;
  payload: Record<string, unknown>;
  /** What seeing it takes, live and replayed. */
  needs: Access;
}

/** One client's connection, over any transport. */
export interface RealtimeSession {
  id: string;
  tenantId: string;
  userId: string;
  sessionId: string | null;
  edition: Edition;
  /** The edition whose dialect the session uses. */
  caller: Caller;
  /**
   * Unix ms. Republished events from before are left out, because the client has fetched them. For
   * a resumed client it is the start of what the gateway knows.
   */
  since: number;
  send(name: string, payload: Record<string, unknown>): void;
  close(reason: string): void;
  /** The client reads more slowly than it is sent to: senders of many events wait. */
  isBehind(): boolean;
}

/**
 * What a dialect shows beside an event. Never throws, and waits a moment at most: an event is not
 * lost because a name can't be had.
 */
export interface Lookups {
  users(tenantId: string, ids: Iterable<string | null>): Promise<ReadonlyMap<string, User>>;
  channels(tenantId: string, ids: Iterable<string | null>): Promise<ReadonlyMap<string, Channel>>;
  campaigns(tenantId: string, ids: Iterable<string | null>): Promise<ReadonlyMap<string, CampaignName>>;
  conversations(tenantId: string, ids: Iterable<string | null>): Promise<ReadonlyMap<string, Conversation>>;
}

/** A client as the handlers of what it sends see it. */
export interface Client {
  session: RealtimeSession;
  send(name: string, payload: Record<string, unknown>): void;
  /** Whether the conversation is one the client may see. Throws while that can't be known. */
  maySee(conversationId: string): Promise<boolean>;
  /** From now on it hears who writes in the conversation. */
  join(conversationId: string): void;
  leave(conversationId: string): void;
  hasJoined(conversationId: string): boolean;
  /** Tells the others, and the customer, whether the client's person writes. */
  tellTyping(conversationId: string, isTyping: boolean): void;
  /**
   * Its person has read these messages, all of `conversationId` where one is given.
   * @throws Forbidden, NotFound; Unavailable
   */
  markRead(messageIds: string[], conversationId?: string): Promise<void>;
}

/** A person who writes, or ended. */
export interface TypingPerson {
  conversationId: string;
  userId: string;
  isTyping: boolean;
}

/** Who has a conversation open. */
export interface Viewing {
  conversationId: string;
  userIds: readonly string[];
}

/** An edition's realtime dialect. */
export interface Dialect {
  frames(event: RealtimeEvent, lookups: Lookups): Frame[] | Promise<Frame[]>;
  /** How it shows that an agent is typing. `user` is missing when the name cannot be had. */
  typing?(person: TypingPerson, user: User | undefined): Frame | null;
  /** How it shows who has a conversation open. `users` lacks those whose names cannot be had. */
  viewers?(viewing: Viewing, users: ReadonlyMap<string, User>): Frame | null;
  /** Shows states of channels: its clients get the present ones when they connect. */
  showsChannels?: boolean;
  /**
   * What its clients may send, by name. The payload is unchecked. A throw reaches the client as
   * `error`.
   */
  clientEvents?: Record<string, (client: Client, payload: unknown) => void | Promise<void>>;
  /** How an error is said to its clients, and after which of their events. */
  errorPayload(error: unknown, event: string | null): Record<string, unknown>;
}
