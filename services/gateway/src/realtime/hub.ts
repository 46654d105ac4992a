import { setTimeout as pause } from 'node:timers/promises';
import type { Edition } from '@recado/contracts';
import { advance, type Cursor, encodeCursor, isReached, STREAMS } from './cursor.ts';
import { createJudge, type FramesOf, type Judge, kindOf, prepareFrames } from './frames.ts';
import { createFurthest } from './furthest.ts';
import { createStatusOrder } from './status-order.ts';
import type { Dialect, Frame, Lookups, RealtimeEvent, RealtimeSession } from './types.ts';

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
  onError?: (error: unknown, event: RealtimeEvent) => void;
}

interface Member {
  session: RealtimeSession;
  kind: string;
  /**
   * It has everything up to here, and the feed may still be behind it; null once the feed is past
   * it.
   */
  reached: Cursor | null;
  /** Events kept back while it catches up; null when it is live. */
  waiting: RealtimeEvent[] | null;
}

/** A client that catches up is sent so much, then gets time to read. */
const CHUNK = 64;
const ROOM_PAUSE_MS = 10;
/** One that reads nothing for so long is closed; it comes back with its cursor. */
const MAX_BEHIND_MS = 15_000;
/** Kept back for one session; one that needs more comes back with its cursor. */
const MAX_KEPT_BACK = 5_000;

/**
 * Sessions of one gateway and their pending events. Knows nothing of transports or of the source of
 * events.
 */
export function createHub({ dialects, lookups, onError = () => {} }: HubOptions): Hub {
  const order = createStatusOrder();
  const lastMessages = createFurthest<string>();
  const tenants = new Map<string, Map<RealtimeSession, Member>>();

  const memberOf = (session: RealtimeSession) => tenants.get(session.tenantId)?.get(session);

  /** False for what a later event has overtaken. A message that came late is marked as such. */
  function admits(event: RealtimeEvent): boolean {
    if (event.name === 'message.updated') return order.admit(event.data);
    if (event.name === 'message.created') markOvertaken(event);
    return true;
  }

  function markOvertaken(event: RealtimeEvent & { name: 'message.created' }): void {
    const { id, conversationId, sentTime } = event.data.message;
    const furthest = lastMessages.reach(conversationId, `${sentTime} ${id}`);
    if (furthest !== `${sentTime} ${id}`) event.overtakenAt = furthest.split(' ', 1)[0]!;
  }

  const prepare = (events: readonly RealtimeEvent[], editions: Iterable<Edition>) =>
    prepareFrames(events, editions, dialects, lookups, onError);

  /** `share` makes a payload with the event's own id, once for all members at that place. */
  function hand(member: Member, event: RealtimeEvent, frames: FramesOf, judge: Judge, share: Share): void {
    const { session, kind } = member;
    const place = event.cursor?.[event.stream];
    const had = member.reached?.[event.stream];
    if (place && had && isReached(place, had)) return;
    let seal = share;
    if (member.reached && event.cursor) {
      const reached = advance(member.reached, event.cursor);
      member.reached = isPast(event.cursor, member.reached) ? null : reached;
      seal = createShare(event, reached);
    }
    const said = frames(session.edition);
    for (const frame of said) {
      if (judge(session.caller, kind, frame.needs)) session.send(frame.name, seal(frame, frame === said.at(-1)));
    }
  }

  /** Hands over many events, no faster than the client reads. */
  async function handAll(member: Member, events: readonly RealtimeEvent[]): Promise<void> {
    const { session } = member;
    const prepared = await prepare(events, [session.edition]);
    const judge = createJudge();
    for (const [i, event] of events.entries())
      hand(member, event, prepared[i]!, judge, createShare(event, event.cursor));
    for (let waited = 0; session.isBehind() && memberOf(session); waited += ROOM_PAUSE_MS) {
      if (waited > MAX_BEHIND_MS) return session.close('unavailable');
      await pause(ROOM_PAUSE_MS);
    }
  }

  function keepBack(member: Member, event: RealtimeEvent): void {
    member.waiting!.push(event);
    if (member.waiting!.length <= MAX_KEPT_BACK) return;
    member.waiting = [];
    member.session.close('unavailable');
  }

  return {
    add(session) {
      const members = tenants.get(session.tenantId) ?? new Map<RealtimeSession, Member>();
      tenants.set(session.tenantId, members);
      members.set(session, { session, kind: kindOf(session.caller), reached: null, waiting: [] });
    },

    async goLive(session, after) {
      const member = memberOf(session);
      if (!member?.waiting) return; // it left in the meantime
      member.reached = after;
      // Handing over may await a lookup while more arrive: they join the queue's end until it is
      // empty.
      while (member.waiting.length > 0 && memberOf(session)) await handAll(member, member.waiting.splice(0, CHUNK));
      member.waiting = null;
    },

    remove(session) {
      const members = tenants.get(session.tenantId);
      members?.delete(session);
      if (members?.size === 0) tenants.delete(session.tenantId);
    },

    async dispatch(events) {
      const members = tenants.get(events[0]!.tenantId);
      if (!members) return;
      // A message that this gateway has seen is not shown again; one that missed the lost stream
      // is. Marks are not enough: a row may be unmarked when the store is lost.
      const news = events.filter((event) => !event.known && admits(event));
      const editions = new Set([...members.keys()].map(({ edition }) => edition));
      const prepared = await prepare(news, editions);
      const judge = createJudge();
      for (const [i, event] of news.entries()) {
        const share = createShare(event, event.cursor);
        for (const member of members.values()) {
          if (event.republished && Date.parse(event.time) < member.session.since) continue;
          if (member.waiting) keepBack(member, event);
          else hand(member, event, prepared[i]!, judge, share);
        }
      }
    },

    async replay(session, events) {
      const member = memberOf(session);
      if (member) await handAll(member, events.filter(admits));
    },

    resync(tenantId, here) {
      for (const { session, waiting } of tenants.get(tenantId)?.values() ?? []) {
        // A client that is still catching up comes back with its cursor instead.
        if (waiting) session.close('unavailable');
        else session.send('session:resync', { eventId: encodeCursor(here), resumed: false });
      }
    },

    listens: (tenantId) => tenants.has(tenantId),
    isWatched: () => tenants.size > 0,
    sessions: (tenantId) =>
      tenantId ? [...(tenants.get(tenantId)?.keys() ?? [])] : [...tenants.values()].flatMap((all) => [...all.keys()]),
  };
}

type Share = (frame: Frame, isLast: boolean) => Record<string, unknown>;

/** Payloads with the id of where a client is that got them, each made at its first use. */
function createShare({ stream, previous }: RealtimeEvent, cursor: Cursor | null): Share {
  const made = new Map<Frame, Record<string, unknown>>();
  return (frame, isLast) => {
    let payload = made.get(frame);
    if (!payload) {
      const place = cursor && previous && !isLast ? { ...cursor, [stream]: previous } : cursor;
      payload = { ...frame.payload, eventId: place && encodeCursor(place) };
      made.set(frame, payload);
    }
    return payload;
  };
}

/**
 * Whether an event's cursor is nowhere behind a place: from then on the feed alone says where the
 * client is.
 */
function isPast(cursor: Cursor, place: Cursor): boolean {
  return STREAMS.every((stream) => {
    const [mine, theirs] = [cursor[stream], place[stream]];
    return !theirs || (mine !== undefined && (mine.generation !== theirs.generation || isReached(theirs, mine)));
  });
}
