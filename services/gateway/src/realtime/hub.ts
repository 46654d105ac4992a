import type { Edition } from '@recado/contracts';
import { type Cursor, encodeCursor, isReached } from './cursor.ts';
import { createStatusOrder } from './status-order.ts';
import type { Dialect, Lookups, RealtimeEvent, RealtimeSession } from './types.ts';

export interface Hub {
  /** The session hears its tenant's events from now on, kept back until `goLive`. */
  add(session: RealtimeSession): void;
  /** Hands over what was kept back after that place of the stream, and lets the rest through as it comes. */
  goLive(session: RealtimeSession, after: Cursor): Promise<void>;
  remove(session: RealtimeSession): void;
  /** An event of the stream, in its order. */
  dispatch(event: RealtimeEvent): Promise<void>;
  /** One session's replay of an event it missed. */
  replay(session: RealtimeSession, event: RealtimeEvent): Promise<void>;
  /** Whether anybody of the tenant listens: else its events needn't even be parsed. */
  listens(tenantId: string): boolean;
  /** Whether anybody listens at all. */
  isWatched(): boolean;
  sessions(tenantId?: string): RealtimeSession[];
}

/** Sessions of one gateway and what each is still to hear. Knows nothing of transports or of where events come from. */
export function createHub(dialects: Record<Edition, Dialect>, lookups: Lookups): Hub {
  const order = createStatusOrder();
  const tenants = new Map<string, Set<RealtimeSession>>();
  /** The session has everything up to here; the feed may still be behind it. */
  const reached = new Map<RealtimeSession, Cursor>();
  /** Events kept back for a session that is still catching up. */
  const waiting = new Map<RealtimeSession, RealtimeEvent[]>();

  function has(session: RealtimeSession, { cursor }: RealtimeEvent): boolean {
    const place = reached.get(session);
    return cursor !== null && place !== undefined && isReached(cursor, place);
  }

  const admits = (event: RealtimeEvent) => event.name !== 'message.updated' || order.admit(event.data);

  async function hand(session: RealtimeSession, event: RealtimeEvent): Promise<void> {
    for (const frame of await dialects[session.edition].frames(event, lookups)) {
      if (frame.to && !frame.to(session)) continue;
      session.send(frame.name, { ...frame.payload, eventId: event.cursor && encodeCursor(event.cursor) });
    }
  }

  return {
    add(session) {
      const set = tenants.get(session.tenantId) ?? new Set();
      tenants.set(session.tenantId, set.add(session));
      waiting.set(session, []);
    },

    async goLive(session, after) {
      if (!waiting.has(session)) return; // it left meanwhile
      reached.set(session, after);
      // Handing over may await a lookup while more arrive: they join the queue's end until it is empty.
      for (let queue = waiting.get(session); queue?.length; ) {
        const event = queue.shift()!;
        if (!has(session, event)) await hand(session, event);
      }
      waiting.delete(session);
    },

    remove(session) {
      waiting.delete(session);
      reached.delete(session);
      const set = tenants.get(session.tenantId);
      set?.delete(session);
      if (set?.size === 0) tenants.delete(session.tenantId);
    },

    async dispatch(event) {
      const set = tenants.get(event.tenantId);
      if (!set) return;
      // What this gateway has met was shown, or was not to be; only what never made it into the lost stream is news.
      // (Not only those marked as republished: a mark needs a row that was noted as published before the store was lost.)
      if (event.known || !admits(event)) return;
      for (const session of [...set]) {
        if (event.republished && Date.parse(event.time) < session.since) continue;
        const queue = waiting.get(session);
        if (queue) queue.push(event);
        else if (!has(session, event)) await hand(session, event);
      }
    },

    async replay(session, event) {
      if (admits(event)) await hand(session, event);
    },

    listens: (tenantId) => tenants.has(tenantId),
    isWatched: () => tenants.size > 0,
    sessions: (tenantId) =>
      tenantId ? [...(tenants.get(tenantId) ?? [])] : [...tenants.values()].flatMap((set) => [...set]),
  };
}
