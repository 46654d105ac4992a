import { type Edition, uuid } from '@recado/contracts';
import { createCache, isAllowed, type Log } from '@recado/service-kit';
import { z } from 'zod';
import type { Hub } from '../hub/hub.ts';
import type { Dialect, Lookups, RealtimeSession } from '../types.ts';
import type { Signals } from './signals.ts';
import type { Viewers } from './viewers.ts';

/** Who has a conversation open, and who writes in it. */
export interface Typing {
  join(session: RealtimeSession, conversationId: string): void;
  leave(session: RealtimeSession, conversationId: string): void;
  has(session: RealtimeSession, conversationId: string): boolean;
  /** Tells the others who have it open, on every gateway, and the customer. */
  tell(session: RealtimeSession, conversationId: string, isTyping: boolean): void;
  /** The client has gone: it writes nowhere any more. */
  forget(session: RealtimeSession): void;
}

export interface TypingOptions {
  signals: Signals;
  viewers: Pick<Viewers, 'opened' | 'closed'>;
  hub: Pick<Hub, 'sessions' | 'listens'>;
  dialects: Record<Edition, Dialect>;
  lookups: Pick<Lookups, 'users'>;
  /** Shows the customer that an agent is typing. */
  showCustomer(session: RealtimeSession, conversationId: string): Promise<unknown>;
  log: Log;
}

const signal = z.object({
  tenantId: uuid(),
  conversationId: uuid(),
  userId: uuid(),
  isTyping: z.boolean(),
});
type Signal = z.infer<typeof signal>;

const SIGNAL = 'typing';
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
 * What clients have open, and signs that an agent is typing there. While Redis is away the signs
 * reach the clients of this gateway alone.
 */
export function startTyping(options: TypingOptions): Typing {
  const { signals, viewers, hub, log, showCustomer } = options;
  const presences = new WeakMap<RealtimeSession, Presence>();
  const shown = createCache<string, true>({ max: 10_000, ttl: CUSTOMER_EVERY_MS });

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
    const one = { tenantId, conversationId, userId, isTyping };
    deliver(one);
    signals.send(SIGNAL, one);
  };
  signals.on(SIGNAL, signal, (one) => {
    if (hub.listens(one.tenantId)) deliver(one);
  });
  const close = (session: RealtimeSession, conversationId: string) => {
    if (presenceOf(session).open.delete(conversationId)) viewers.closed(session, conversationId);
  };

  return {
    join(session, conversationId) {
      const { open } = presenceOf(session);
      const isNew = !open.delete(conversationId);
      open.add(conversationId);
      if (isNew) viewers.opened(session, conversationId);
      if (open.size > MAX_OPEN) close(session, open.values().next().value!);
    },
    leave(session, conversationId) {
      const { writing } = presenceOf(session);
      close(session, conversationId);
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
      const { open, writing } = presenceOf(session);
      for (const conversationId of writing.keys()) publish(session, conversationId, false);
      for (const conversationId of open) viewers.closed(session, conversationId);
      presences.delete(session);
    },
  };
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
