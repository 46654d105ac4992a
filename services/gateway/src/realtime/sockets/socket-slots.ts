import { type Edition, PLANS, type PlanName } from '@recado/contracts';
import { AppError } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import type { FindPlan } from '../../limits/plans.ts';
import type { RedisGate } from '../../limits/redis-gate.ts';
import { defineScript } from '../../limits/script.ts';
import { scaled } from '../../limits/windows.ts';

/** The caller that asks for a socket. */
export interface SlotHolder {
  /** Of the socket. */
  id: string;
  tenantId: string;
  userId: string;
  edition: Edition;
}

/** As many sockets are open as the plan allows, of the person or of the whole company. */
export class TooManySockets extends AppError {
  readonly scope: 'user' | 'tenant';
  readonly limit: number;
  readonly holder: SlotHolder;

  constructor(scope: 'user' | 'tenant', limit: number, holder: SlotHolder) {
    super('plan_limit', `At most ${limit} sockets of one ${scope}`);
    this.scope = scope;
    this.limit = limit;
    this.holder = holder;
  }
}

export interface SocketSlots {
  /**
   * Takes one of the sockets that the plan gives a person and a company, over all gateways.
   * @returns what gives it back
   * @throws TooManySockets
   */
  take(holder: SlotHolder): Promise<() => void>;
  stop(): void;
}

export interface SocketSlotsOptions {
  redis: Redis;
  gate: RedisGate;
  findPlan: FindPlan;
  /** Multiplies the limits. */
  factor: number;
  ttlMs?: number;
}

/** What a gateway that was killed held is free after this. */
const TTL_MS = 60_000;

/**
 * KEYS: the company's and the user's sockets; members are ids, scores their expiry. ARGV: ttl in
 * ms, both limits (0: only renew), ids. Answers {0} taken, {1} company full, {2} user full.
 */
const TAKE = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 1, 2 do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', now)
  local limit = tonumber(ARGV[i + 1])
  if limit > 0 and redis.call('ZCARD', KEYS[i]) >= limit then return {i} end
end
for i = 1, 2 do
  for j = 4, #ARGV do redis.call('ZADD', KEYS[i], now + ARGV[1], ARGV[j]) end
  redis.call('PEXPIRE', KEYS[i], ARGV[1])
end
return {0}
`);

const tenantKey = (tenantId: string) => `recado:sockets:${tenantId}`;
const userKey = ({ tenantId, userId }: SlotHolder) => `${tenantKey(tenantId)}:${userId}`;

/**
 * Counts sockets in Redis, each until it is given back or its gateway stops renewing it. While
 * Redis is away each gateway counts its own.
 */
export function createSocketSlots({ redis, gate, findPlan, factor, ttlMs = TTL_MS }: SocketSlotsOptions): SocketSlots {
  /** This gateway's own, by the person's key. */
  const held = new Map<string, Map<string, SlotHolder>>();
  const heldByTenant = new Map<string, number>();

  const keysOf = (holder: SlotHolder) => [tenantKey(holder.tenantId), userKey(holder)];

  async function refusedBy(holder: SlotHolder, limits: { perTenant: number; perUser: number }): Promise<number> {
    const { perTenant, perUser } = limits;
    const said = await gate.ask(() => TAKE.run(redis, keysOf(holder), [ttlMs, perTenant, perUser, holder.id]));
    if (said) return said[0]!;
    if ((heldByTenant.get(holder.tenantId) ?? 0) >= perTenant) return 1;
    return (held.get(userKey(holder))?.size ?? 0) >= perUser ? 2 : 0;
  }

  function keep(holder: SlotHolder): void {
    const mine = held.get(userKey(holder)) ?? new Map<string, SlotHolder>();
    held.set(userKey(holder), mine.set(holder.id, holder));
    heldByTenant.set(holder.tenantId, (heldByTenant.get(holder.tenantId) ?? 0) + 1);
  }

  function giveBack(holder: SlotHolder): void {
    const mine = held.get(userKey(holder));
    if (!mine?.delete(holder.id)) return;
    if (mine.size === 0) held.delete(userKey(holder));
    const left = heldByTenant.get(holder.tenantId)! - 1;
    if (left > 0) heldByTenant.set(holder.tenantId, left);
    else heldByTenant.delete(holder.tenantId);
    void gate.ask(() => Promise.all(keysOf(holder).map((key) => redis.zrem(key, holder.id))));
  }

  /** Also puts back what a Redis that lost its data has forgotten. */
  function renew(): void {
    for (const mine of held.values()) {
      const [first] = mine.values();
      void gate.ask(() => TAKE.run(redis, keysOf(first!), [ttlMs, 0, 0, ...mine.keys()]));
    }
  }
  const renewing = setInterval(renew, ttlMs / 3);

  return {
    async take(holder) {
      const limits = limitsOf(await findPlan(holder.tenantId), factor);
      const refused = await refusedBy(holder, limits);
      if (refused === 1) throw new TooManySockets('tenant', limits.perTenant, holder);
      if (refused === 2) throw new TooManySockets('user', limits.perUser, holder);
      keep(holder);
      return () => giveBack(holder);
    },
    stop: () => clearInterval(renewing),
  };
}

function limitsOf(plan: PlanName, factor: number): { perTenant: number; perUser: number } {
  const { perTenant, perUser } = PLANS[plan].sockets;
  return { perTenant: scaled(perTenant, factor), perUser: scaled(perUser, factor) };
}
