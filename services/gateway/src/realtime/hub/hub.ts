import { setTimeout as pause } from 'node:timers/promises';
import type { Edition } from '@recado/contracts';
import { type Cursor, encodeCursor } from '../stream/cursor.ts';
import type { Dialect, Lookups, RealtimeEvent, RealtimeSession } from '../types.ts';
import { createJudge, type FramesOf, prepareFrames } from './frames.ts';
import { createFurthest } from './furthest.ts';
import { createShare, handOver, keepBack } from './hand-over.ts';
import { createMembers, type Member, type Members } from './members.ts';
import { createStatusOrder } from './status-order.ts';

export interface Hub {
  /** The session gets its tenant's events from now on, held back until `goLive`. */
  add(session: RealtimeSession): void;
  /**
   * Hands over what was kept back after that place of the streams, and lets the rest through as it
   * comes.
   */
  goLive(session: RealtimeSession, after: Cursor): Promise<void>;
  remove(session: RealtimeSession): void;
  /** Events of one tenant, in their order. Never throws. */
  dispatch(events: readonly RealtimeEvent[]): Promise<void>;
  /** One session's replay of what it missed, up to these places. */
  replay(session: RealtimeSession, events: readonly RealtimeEvent[]): Promise<void>;
  /** Events of the tenant were lost on the way: its sessions get a resync. */
  resync(tenantId: string, here: Cursor): void;
  /** Whether a client of the tenant is connected; else its events need no parsing. */
  listens(tenantId: string): boolean;
  /** Whether any client is connected. */
  isWatched(): boolean;
  sessions(tenantId?: string): RealtimeSession[];
}

export interface HubOptions {
  dialects: Record<Edition, Dialect>;
  lookups: Lookups;
  /** Adds to an event what this gateway alone can make. */
  complete?: (event: RealtimeEvent) => RealtimeEvent;
  onError?: (error: unknown, event: RealtimeEvent) => void;
}

/** A client that catches up is sent so much, then gets time to read. */
const CHUNK = 64;
const ROOM_PAUSE_MS = 10;
/** One that reads nothing for so long is closed; it comes back with its cursor. */
const MAX_BEHIND_MS = 15_000;

/**
 * Sessions of one gateway and their pending events. Knows nothing of transports or of the source of
 * events.
 */
export function createHub({ dialects, lookups, complete = (event) => event, onError = () => {} }: HubOptions): Hub {
  const admits = createAdmission();
  const members = createMembers();
  const prepare: Prepare = (events, editions) =>
    prepareFrames(events.map(complete), editions, dialects, lookups, onError);

  return {
    add: members.add,
    remove: members.remove,
    sessions: members.sessions,
    listens: (tenantId) => members.ofTenant(tenantId) !== undefined,
    isWatched: () => !members.isEmpty(),

    async goLive(session, after) {
      const member = members.find(session);
      if (!member?.waiting) return; // it left in the meantime
      member.reached = after;
      // Handing over may await a lookup while more arrive: they join the queue's end until it is
      // empty.
      while (member.waiting.length > 0 && members.find(session)) {
        await handOverAll(members, member, member.waiting.splice(0, CHUNK), prepare);
      }
      member.waiting = null;
    },

    async dispatch(events) {
      const ofTenant = members.ofTenant(events[0]!.tenantId);
      if (!ofTenant) return;
      // A message that this gateway has seen is not shown again; one that missed the lost stream
      // is. Marks are not enough: a row may be unmarked when the store is lost.
      const news = events.filter((event) => !event.known && admits(event));
      const editions = new Set([...ofTenant.keys()].map(({ edition }) => edition));
      const prepared = await prepare(news, editions);
      const judge = createJudge();
      for (const [i, event] of news.entries()) {
        const share = createShare(event, event.cursor);
        for (const member of ofTenant.values()) {
          if (event.republished && Date.parse(event.time) < member.session.since) continue;
          if (member.waiting) keepBack(member, member.waiting, event);
          else handOver(member, event, prepared[i]!, judge, share);
        }
      }
    },

    async replay(session, events) {
      const member = members.find(session);
      if (member) await handOverAll(members, member, events.filter(admits), prepare);
    },

    resync(tenantId, here) {
      for (const { session, waiting } of members.ofTenant(tenantId)?.values() ?? []) {
        // A client that is still catching up comes back with its cursor instead.
        if (waiting) session.close('unavailable');
        else session.send('session:resync', { eventId: encodeCursor(here), resumed: false });
      }
    },
  };
}

type Prepare = (events: readonly RealtimeEvent[], editions: Iterable<Edition>) => Promise<FramesOf[]>;

/** Hands over many events, no faster than the client reads. */
async function handOverAll(
  members: Members,
  member: Member,
  events: readonly RealtimeEvent[],
  prepare: Prepare,
): Promise<void> {
  const { session } = member;
  const prepared = await prepare(events, [session.edition]);
  const judge = createJudge();
  for (const [i, event] of events.entries()) {
    handOver(member, event, prepared[i]!, judge, createShare(event, event.cursor));
  }
  for (let waited = 0; session.isBehind() && members.find(session); waited += ROOM_PAUSE_MS) {
    if (waited > MAX_BEHIND_MS) return session.close('unavailable');
    await pause(ROOM_PAUSE_MS);
  }
}

/** False for what a later event has overtaken. A message that came late is marked as such. */
function createAdmission(): (event: RealtimeEvent) => boolean {
  const order = createStatusOrder();
  const lastMessages = createFurthest<string>();
  return (event) => {
    if (event.name === 'message.updated') return order.admit(event.data);
    if (event.name === 'message.created') {
      const { id, conversationId, sentTime } = event.data.message;
      const furthest = lastMessages.reach(conversationId, `${sentTime} ${id}`);
      if (furthest !== `${sentTime} ${id}`) event.overtakenAt = furthest.split(' ', 1)[0]!;
    }
    return true;
  };
}
