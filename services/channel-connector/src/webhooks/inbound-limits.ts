import { PLANS, type PlanName } from '@recado/contracts';
import { createCache, type Logger } from '@recado/service-kit';
import { Redis } from 'ioredis';

/** What one webhook brings to one channel. */
export interface InboundCost {
  channelId: string;
  tenantId: string;
  plan: PlanName;
  items: number;
  bytes: number;
}

export interface InboundLimits {
  /**
   * For each webhook the milliseconds until all its channels may receive it; 0 charges it, as a
   * whole. One call to Redis. Never rejects: without Redis each process keeps its own buckets.
   */
  take(webhooks: readonly (readonly InboundCost[])[]): Promise<number[]>;
  /**
   * Milliseconds for which a body of this size need not be read, as none larger than one that was
   * refused fits before. 0: it may fit.
   */
  waitOf(channelId: string, bytes: number): number;
  noteRefused(channelId: string, bytes: number, waitMs: number): void;
  /** Whether the buckets are those of all copies now. */
  isShared(): boolean;
  close(): void;
}

/** What waits in a bucket; below zero after a webhook larger than what was left of a full one. */
interface Bucket {
  items: number;
  bytes: number;
  /** Milliseconds. */
  at: number;
}

interface Rate {
  itemsPerMs: number;
  bytesPerMs: number;
  items: number;
  bytes: number;
}

/**
 * takeLocally() by Redis' clock. KEYS: channels' buckets. ARGV: per bucket the rates per ms and
 * capacities, then per webhook its channels with bucket, items and bytes. Answers ms to wait.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local buckets = {}
for i, key in ipairs(KEYS) do
  local at = (i - 1) * 4
  local bucket = { itemRate = tonumber(ARGV[at + 1]), byteRate = tonumber(ARGV[at + 2]), maxItems = tonumber(ARGV[at + 3]), maxBytes = tonumber(ARGV[at + 4]) }
  local state = redis.call('HMGET', key, 'items', 'bytes', 'at')
  local elapsed = math.max(0, now - tonumber(state[3] or now))
  bucket.items = math.min(bucket.maxItems, tonumber(state[1] or bucket.maxItems) + elapsed * bucket.itemRate)
  bucket.bytes = math.min(bucket.maxBytes, tonumber(state[2] or bucket.maxBytes) + elapsed * bucket.byteRate)
  buckets[i] = bucket
end
local answers = {}
local p = #KEYS * 4 + 1
while ARGV[p] do
  local last = p + tonumber(ARGV[p]) * 3
  local wait = 0
  for j = p + 1, last, 3 do
    local bucket = buckets[tonumber(ARGV[j])]
    wait = math.max(wait, (math.min(bucket.maxItems, tonumber(ARGV[j + 1])) - bucket.items) / bucket.itemRate)
    wait = math.max(wait, (math.min(bucket.maxBytes, tonumber(ARGV[j + 2])) - bucket.bytes) / bucket.byteRate)
  end
  if wait == 0 then
    for j = p + 1, last, 3 do
      local bucket = buckets[tonumber(ARGV[j])]
      bucket.items = bucket.items - tonumber(ARGV[j + 1])
      bucket.bytes = bucket.bytes - tonumber(ARGV[j + 2])
    end
  end
  answers[#answers + 1] = math.ceil(wait)
  p = last + 1
end
for i, key in ipairs(KEYS) do
  local bucket = buckets[i]
  redis.call('HSET', key, 'items', tostring(bucket.items), 'bytes', tostring(bucket.bytes), 'at', tostring(now))
  local full = math.max((bucket.maxItems - bucket.items) / bucket.itemRate, (bucket.maxBytes - bucket.bytes) / bucket.byteRate)
  redis.call('PEXPIRE', key, math.ceil(full) + 1000)
end
return answers`;

const TIMEOUT_MS = 200;
/** Milliseconds for which Redis is left alone after a failure: webhooks wait for it once. */
const REST_MS = 1000;
const MAX_CHANNELS = 50_000;

/**
 * Token buckets of items and bytes per number, by the tenant's plan. `factor` multiplies them all.
 */
export function createInboundLimits(redisUrl: string, factor: number, log: Logger): InboundLimits {
  const redis = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: TIMEOUT_MS,
    connectTimeout: 2000,
    retryStrategy: (tries) => Math.min(50 * tries, 1000),
  });
  redis.on('error', () => {});
  redis.defineCommand('takeInbound', { lua: TAKE });
  const local = createCache<string, Bucket>({ max: MAX_CHANNELS });
  /** The smallest body that was refused of late, and until when it does not fit. */
  const refused = createCache<string, { bytes: number; until: number }>({ max: MAX_CHANNELS });
  let restUntil = 0;

  function rateOf(plan: PlanName): Rate {
    const { itemsPerSecond, burstSeconds, bytesPerItem } = PLANS[plan].inbound;
    const itemsPerMs = (itemsPerSecond * factor) / 1000;
    const items = itemsPerSecond * burstSeconds * factor;
    return { itemsPerMs, bytesPerMs: itemsPerMs * bytesPerItem, items, bytes: items * bytesPerItem };
  }

  function takeLocally(webhooks: readonly (readonly InboundCost[])[]): number[] {
    const now = performance.now();
    return webhooks.map((costs) => {
      const buckets = costs.map(({ channelId, plan }) => refill(local.get(channelId), rateOf(plan), now));
      const wait = Math.max(0, ...costs.map((cost, i) => waitFor(buckets[i]!, rateOf(cost.plan), cost)));
      if (wait > 0) return Math.ceil(wait);
      for (const [i, { channelId, items, bytes }] of costs.entries()) {
        const bucket = buckets[i]!;
        local.set(channelId, { items: bucket.items - items, bytes: bucket.bytes - bytes, at: now });
      }
      return 0;
    });
  }

  async function takeShared(webhooks: readonly (readonly InboundCost[])[]): Promise<number[]> {
    const indexes = new Map<string, number>();
    const rates: number[] = [];
    const charges: number[] = [];
    for (const costs of webhooks) {
      charges.push(costs.length);
      for (const { channelId, plan, items, bytes } of costs) {
        let index = indexes.get(channelId);
        if (index === undefined) {
          index = indexes.size + 1;
          indexes.set(channelId, index);
          const rate = rateOf(plan);
          rates.push(rate.itemsPerMs, rate.bytesPerMs, rate.items, rate.bytes);
        }
        charges.push(index, items, bytes);
      }
    }
    // One hash slot, so that one script may touch them all on a cluster.
    const keys = [...indexes.keys()].map((id) => `recado:{inbound}:${id}`);
    const { takeInbound } = redis as unknown as { takeInbound(...args: (string | number)[]): Promise<number[]> };
    return takeInbound.call(redis, keys.length, ...keys, ...rates, ...charges);
  }

  return {
    async take(webhooks) {
      if (redis.status !== 'ready' || performance.now() < restUntil) return takeLocally(webhooks);
      try {
        return await takeShared(webhooks);
      } catch (err) {
        restUntil = performance.now() + REST_MS;
        log.warn({ err }, 'Redis is away: this process limits inbound webhooks by itself');
        return takeLocally(webhooks);
      }
    },
    waitOf(channelId, bytes) {
      const known = refused.get(channelId);
      return known && bytes >= known.bytes ? Math.max(0, known.until - performance.now()) : 0;
    },
    noteRefused(channelId, bytes, waitMs) {
      const until = performance.now() + waitMs;
      refused.set(channelId, { bytes, until });
    },
    isShared: () => redis.status === 'ready' && performance.now() >= restUntil,
    close: () => redis.disconnect(),
  };
}

function refill(bucket: Bucket | undefined, rate: Rate, now: number): Bucket {
  if (!bucket) return { items: rate.items, bytes: rate.bytes, at: now };
  const elapsed = Math.max(0, now - bucket.at);
  return {
    items: Math.min(rate.items, bucket.items + elapsed * rate.itemsPerMs),
    bytes: Math.min(rate.bytes, bucket.bytes + elapsed * rate.bytesPerMs),
    at: now,
  };
}

/**
 * Milliseconds until it fits. A webhook larger than the bucket fits a full one, because it would
 * otherwise be refused for ever.
 */
function waitFor(bucket: Bucket, rate: Rate, { items, bytes }: InboundCost): number {
  return Math.max(
    (Math.min(rate.items, items) - bucket.items) / rate.itemsPerMs,
    (Math.min(rate.bytes, bytes) - bucket.bytes) / rate.bytesPerMs,
  );
}
