import { answerWithin, createCache, type Logger } from '@recado/service-kit';
import { Redis } from 'ioredis';
import { type Bucket, type Grant, type Rate, SLOW_MS, slow, take } from './bucket.ts';

export interface Pace {
  /**
   * Takes up to `wanted` sends of a channel's pace; a negative number gives back. Never rejects.
   */
  take(channelId: string, rate: Rate, wanted: number): Promise<Grant>;
  /** The provider said that a channel is too fast: nothing goes for a second. Never rejects. */
  slow(channelId: string, rate: Rate): Promise<void>;
  /** Takes one send of each of these customers of a channel, in their order. Never rejects. */
  takeOfRecipients(channelId: string, addresses: string[], rate: Rate): Promise<Grant[]>;
  /** For readiness. */
  redis: Redis;
  close(): Promise<void>;
}

// take() and slow() of bucket.ts for each key, by Redis's own clock: the copies' clocks differ.
const TAKE = `
local rate, capacity, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local slowMs = tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local grants = {}
for _, key in ipairs(KEYS) do
  local state = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = tonumber(state[1] or capacity)
  local at = tonumber(state[2] or now)
  tokens = math.min(capacity, tokens + math.max(0, now - at) * rate)
  local granted = wanted
  if wanted >= 0 then granted = math.max(0, math.min(wanted, math.floor(tokens))) end
  tokens = math.min(capacity, tokens - granted)
  if slowMs > 0 then tokens = math.min(tokens, 1 - rate * slowMs) end
  redis.call('HSET', key, 'tokens', tostring(tokens), 'at', tostring(now))
  redis.call('PEXPIRE', key, math.ceil(math.max(0, capacity - tokens) / rate) + 1000)
  local wait = 0
  if tokens < 1 then wait = math.ceil((1 - tokens) / rate) end
  table.insert(grants, { granted, wait })
end
return grants`;

/**
 * Milliseconds Redis may take, and for which it is left alone after a failure: a send must not wait
 * for its pace keeper.
 */
const TIMEOUT_MS = 200;
const REST_MS = 1000;

/**
 * Keeps the rate of each channel and customer over all copies, in Redis. Without Redis each process
 * is alone: a refusal of what was too fast together is retried.
 */
export function createPace(redisUrl: string, log: Logger): Pace {
  const redis = new Redis(redisUrl, {
    lazyConnect: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 10 * TIMEOUT_MS,
    connectTimeout: 2000,
    retryStrategy: (tries) => Math.min(50 * tries, 1000),
  });
  let down = false;
  let restUntil = 0;
  const local = createCache<string, Bucket>({ max: 50_000 });
  // Logged once per outage below. Without a listener ioredis writes each failure to the console.
  redis.on('error', () => {});

  function takeLocally(key: string, rate: Rate, wanted: number): Grant {
    const { bucket, grant } = take(local.get(key) ?? null, rate, wanted, performance.now());
    local.set(key, bucket);
    return grant;
  }

  /** By Redis; null while it is away. */
  async function ask(keys: string[], rate: Rate, wanted: number, slowMs: number): Promise<Grant[] | null> {
    if (redis.status !== 'ready' || performance.now() < restUntil) return null;
    try {
      const named = keys.map((key) => `recado:pace:${key}`);
      const asked = redis.eval(TAKE, keys.length, ...named, rate.perMs, rate.capacity, wanted, slowMs);
      const answer = await answerWithin(asked, TIMEOUT_MS);
      if (down) log.info('Redis keeps the pace again');
      down = false;
      return (answer as [number, number][]).map(([granted, waitMs]) => ({ granted, waitMs }));
    } catch (err) {
      restUntil = performance.now() + REST_MS;
      if (!down) log.warn({ err }, 'Redis is away: this process keeps the pace by itself');
      down = true;
      return null;
    }
  }

  const takeEach = async (keys: string[], rate: Rate, wanted: number): Promise<Grant[]> =>
    (await ask(keys, rate, wanted, 0)) ?? keys.map((key) => takeLocally(key, rate, wanted));

  return {
    take: async (channelId, rate, wanted) => (await takeEach([channelId], rate, wanted))[0]!,
    takeOfRecipients(channelId, addresses, rate) {
      const keys = addresses.map((address) => `${channelId}/${address}`);
      return takeEach(keys, rate, 1);
    },
    async slow(channelId, rate) {
      const asked = await ask([channelId], rate, 0, SLOW_MS);
      if (!asked) local.set(channelId, slow(local.get(channelId) ?? null, rate, performance.now()));
    },
    redis,
    async close() {
      redis.disconnect();
    },
  };
}
