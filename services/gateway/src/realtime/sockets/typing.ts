import { type Edition, uuid, uuidv7 } from '@recado/contracts';
import { createCache, isAllowed, type Log } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { RedisGate } from '../../limits/redis-gate.ts';
import type { Hub } from '../hub/hub.ts';
import type { Dialect, Lookups, RealtimeSession } from '../types.ts';

/** Who has a conversation open, and who writes in it. */
export interface Typing {
  join(session: RealtimeSession, conversationId: string): void;
  leave(session: RealtimeSession, conversationId: string): void;
  has(session: RealtimeSession, conversationId: string): boolean;
  /** Tells the others who have it open, on every gateway, and the customer. */
  tell(session: RealtimeSession, conversationId: string, isTyping: boolean): void;
  /** The client has gone: it writes nowhere any more. */
  forget(session: RealtimeSession): void;
  stop(): void;
}

export interface TypingOptions {
  redis: Redis;
  gate: RedisGate;
  hub: Pick<Hub, 'sessions' | 'listens'>;
  dialects: Record<Edition, Dialect>;
  lookups: Pick<Lookups, 'users'>;
  /** Shows the customer that an agent is typing. */
  showCustomer(session: RealtimeSession, conversationId: string): Promise<unknown>;
  log: Log;
}

const signal = z.object({
  gateway: uuid(),
  tenantId: uuid(),
  conversationId: uuid(),
  userId: uuid(),
  isTyping: z.boolean(),
});
type Signal = z.infer<typeof signal>;

const CHANNEL = 'recado:typing';
/** Conversations that one client has open; the one opened first is left for another. */
const MAX_OPEN = 100;
/** Keys come faster than that. */
const EVERY_MS = 1_000;
/** A customer sees the sign for 25 s at most. */
const CUSTOMER_EVERY_MS = 15_000;

interface Presence {
  open: Set<string>;
  /** Where it writes, and when that was last told. */
  writing: Map<string, number>;
}

/**
 * Signs that an agent is typing. Redis carries them to the other gateways. While it is away they
 * reach the clients of this gateway alone.
 */
export function startTyping(options: TypingOptions): Typing {
  const { redis, gate, hub, log, showCustomer } = options;
  const gateway = uuidv7();
  const presences = new WeakMap<RealtimeSession, Presence>();
  const shown = createCache<string, true>({ max: 10_000, ttl: CUSTOMER_EVERY_MS });
  const listener = redis.duplicate({ lazyConnect: true, enableOfflineQueue: true, maxRetriesPerRequest: null });

  const presenceOf = (session: RealtimeSession): Presence => {
    const presence = presences.get(session) ?? { open: new Set(), writing: new Map() };
    presences.set(session, presence);
    return presence;
  };
  const deliver = (one: Signal) => {
    const reached = hub
      .sessions(one.tenantId)
      .filter((session) => session.userId !== one.userId && presences.get(session)?.open.has(one.conversationId));
    if (reached.length > 0) void show(options, one, reached);
  };
  const publish = (session: RealtimeSession, conversationId: string, isTyping: boolean) => {
    const { tenantId, userId } = session;
    const one = { gateway, tenantId, conversationId, userId, isTyping };
    deliver(one);
    void gate.ask(() => redis.publish(CHANNEL, JSON.stringify(one)));
  };

  listener.on('error', (err) => log.debug({ err }, 'redis'));
  listener.on('message', (_channel: string, text: string) => {
    const one = readSignal(text);
    if (one && one.gateway !== gateway && hub.listens(one.tenantId)) deliver(one);
  });
  listener.subscribe(CHANNEL).catch((err: unknown) => log.warn({ err }, 'typing of other gateways is not heard'));

  return {
    join(session, conversationId) {
      const { open } = presenceOf(session);
      open.delete(conversationId);
      open.add(conversationId);
      if (open.size > MAX_OPEN) open.delete(open.values().next().value!);
    },
    leave(session, conversationId) {
      const { open, writing } = presenceOf(session);
      open.delete(conversationId);
      if (writing.delete(conversationId)) publish(session, conversationId, false);
    },
    has: (session, conversationId) => presences.get(session)?.open.has(conversationId) ?? false,
    tell(session, conversationId, isTyping) {
      const { writing } = presenceOf(session);
      if (!isTyping) {
        if (writing.delete(conversationId)) publish(session, conversationId, false);
        return;
      }
      const now = performance.now();
      if (now - (writing.get(conversationId) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
      writing.set(conversationId, now);
      publish(session, conversationId, true);
      const key = `${session.tenantId} ${conversationId}`;
      if (shown.has(key)) return;
      shown.set(key, true);
      // A courtesy: the people's own screens are right without it.
      showCustomer(session, conversationId).catch((err: unknown) => log.debug({ err }, 'typing was not shown'));
    },
    forget(session) {
      for (const conversationId of presences.get(session)?.writing.keys() ?? []) {
        publish(session, conversationId, false);
      }
      presences.delete(session);
    },
    stop: () => listener.disconnect(),
  };
}

/** Null for what is no signal of ours. */
function readSignal(text: string): Signal | null {
  try {
    return signal.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function show(
  { dialects, lookups }: TypingOptions,
  { tenantId, conversationId, userId, isTyping }: Signal,
  sessions: readonly RealtimeSession[],
): Promise<void> {
  const user = (await lookups.users(tenantId, [userId])).get(userId);
  for (const session of sessions) {
    const frame = dialects[session.edition].typing?.({ conversationId, userId, isTyping }, user);
    if (frame && isAllowed(session.caller, frame.needs)) session.send(frame.name, frame.payload);
  }
}
