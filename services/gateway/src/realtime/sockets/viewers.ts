import { type Edition, uuid, uuidv7 } from '@recado/contracts';
import { isAllowed, type Log } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { RedisGate } from '../../limits/redis-gate.ts';
import { joinCalls } from '../join-calls.ts';
import type { Dialect, Lookups, RealtimeSession } from '../types.ts';
import type { Signals } from './signals.ts';

/** Who has a conversation open, shown to all who have it open. */
export interface Viewers {
  opened(session: RealtimeSession, conversationId: string): void;
  closed(session: RealtimeSession, conversationId: string): void;
  stop(): void;
}

export interface ViewersOptions {
  redis: Redis;
  gate: RedisGate;
  signals: Signals;
  dialects: Record<Edition, Dialect>;
  lookups: Pick<Lookups, 'users'>;
  log: Log;
  /** A viewer whose gateway died is shown for so long. */
  lifeMs?: number;
}

/** A conversation that clients of this gateway have open. */
interface Room {
  key: string;
  tenantId: string;
  conversationId: string;
  sessions: Set<RealtimeSession>;
  look(): Promise<void>;
}

const SIGNAL = 'viewers';
const changed = z.object({ tenantId: uuid(), conversationId: uuid() });

/**
 * Redis keeps the viewers of a conversation in a sorted set, each with its expiry, which its
 * gateway renews. While Redis is away, people see the viewers of their own gateway.
 */
export function startViewers(options: ViewersOptions): Viewers {
  const { redis, gate, signals, log, lifeMs = 60_000 } = options;
  const gateway = uuidv7();
  const rooms = new Map<string, Room>();
  const told = new WeakMap<RealtimeSession, Map<string, string>>();
  const memberOf = ({ userId, id }: RealtimeSession) => `${userId} ${gateway} ${id}`;

  function roomOf(tenantId: string, conversationId: string): Room {
    const key = `recado:viewers:${tenantId}:${conversationId}`;
    const known = rooms.get(key);
    if (known) return known;
    const room: Room = {
      ...{ key, tenantId, conversationId, sessions: new Set() },
      look: joinCalls(() => show(room).catch((err: unknown) => log.debug({ err }, 'viewers were not shown'))),
    };
    rooms.set(key, room);
    return room;
  }

  async function viewersOf({ key, sessions }: Room): Promise<string[]> {
    const members = await gate.ask(() => redis.zrangebyscore(key, Date.now(), '+inf'));
    const elsewhere = (members ?? []).map((member) => member.split(' ', 1)[0]!);
    return [...new Set([...elsewhere, ...[...sessions].map(({ userId }) => userId)])].sort();
  }

  async function show(room: Room): Promise<void> {
    const { tenantId, conversationId, sessions } = room;
    const userIds = await viewersOf(room);
    const said = userIds.join();
    const behind = [...sessions].filter((session) => told.get(session)?.get(conversationId) !== said);
    if (behind.length === 0) return;
    const users = await options.lookups.users(tenantId, userIds);
    for (const session of behind) {
      const memory = told.get(session);
      if (!memory || !sessions.has(session)) continue;
      memory.set(conversationId, said);
      const frame = options.dialects[session.edition].viewers?.({ conversationId, userIds }, users);
      if (frame && isAllowed(session.caller, frame.needs)) session.send(frame.name, frame.payload);
    }
  }

  const keep = ({ key, sessions }: Room) => {
    const until = Date.now() + lifeMs;
    const places = [...sessions].flatMap((session) => [until, memberOf(session)]);
    return gate.ask(() =>
      redis
        .multi()
        .zadd(key, ...places)
        .zremrangebyscore(key, '-inf', Date.now())
        .pexpire(key, lifeMs)
        .exec(),
    );
  };

  async function change(room: Room, write: Promise<unknown>): Promise<void> {
    await write;
    signals.send(SIGNAL, { tenantId: room.tenantId, conversationId: room.conversationId });
    await room.look();
  }

  signals.on(SIGNAL, changed, ({ tenantId, conversationId }) => {
    void rooms.get(`recado:viewers:${tenantId}:${conversationId}`)?.look();
  });
  const renewal = setInterval(async () => {
    for (const room of [...rooms.values()]) {
      if (room.sessions.size === 0) continue;
      await keep(room);
      await room.look();
    }
  }, lifeMs / 3).unref();

  return {
    opened(session, conversationId) {
      const room = roomOf(session.tenantId, conversationId);
      room.sessions.add(session);
      if (!told.has(session)) told.set(session, new Map());
      void change(room, keep(room));
    },
    closed(session, conversationId) {
      const room = roomOf(session.tenantId, conversationId);
      room.sessions.delete(session);
      told.get(session)?.delete(conversationId);
      if (room.sessions.size === 0) rooms.delete(room.key);
      void change(
        room,
        gate.ask(() => redis.zrem(room.key, memberOf(session))),
      );
    },
    stop: () => clearInterval(renewal),
  };
}
