import type { Redis } from 'ioredis';
import { type Attempts, HOLD_MS, type Subject, type Verdict } from './attempts.ts';

// Sorted sets by time: failures of the last window, and places held until a time. Redis' own clock, one for all processes.
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS: failures and held places of each subject. ARGV: window, hold, id, then each subject's limit. */
const RESERVE = `${NOW}
local window, hold, id = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local retry, full = 0, 0
for i = 1, #KEYS / 2 do
  local failures, held, limit = KEYS[2 * i - 1], KEYS[2 * i], tonumber(ARGV[3 + i])
  redis.call('ZREMRANGEBYSCORE', failures, '-inf', now - window)
  redis.call('ZREMRANGEBYSCORE', held, '-inf', now)
  local failed = redis.call('ZCARD', failures)
  if failed >= limit then
    local oldest = redis.call('ZRANGE', failures, failed - limit, failed - limit, 'WITHSCORES')
    retry = math.max(retry, oldest[2] + window - now)
  elseif failed + redis.call('ZCARD', held) >= limit then
    full = 1
  end
end
if retry > 0 then return { 2, retry } end
if full == 1 then return { 1, 0 } end
for i = 1, #KEYS / 2 do
  redis.call('ZADD', KEYS[2 * i], now + hold, id)
  redis.call('PEXPIRE', KEYS[2 * i], hold)
end
return { 0, 0 }`;

/** ARGV: window, id, outcome, then 1 for each subject that a success clears. */
const SETTLE = `${NOW}
local window, id, outcome = tonumber(ARGV[1]), ARGV[2], ARGV[3]
for i = 1, #KEYS / 2 do
  local failures, held = KEYS[2 * i - 1], KEYS[2 * i]
  redis.call('ZREM', held, id)
  if outcome == 'wrong' then
    redis.call('ZADD', failures, now, id)
    redis.call('PEXPIRE', failures, window)
  elseif outcome == 'right' and ARGV[3 + i] == '1' then
    redis.call('DEL', failures)
  end
end
return 0`;

type Scripts = Redis & {
  reserveAttempt(keys: number, ...args: (string | number)[]): Promise<[number, number]>;
  settleAttempt(keys: number, ...args: (string | number)[]): Promise<number>;
};

/** Attempts as all processes see them, each step one script. Rejects while Redis is away. */
export function createRedisAttempts(connection: Redis, options: { windowMs: number }): Attempts {
  const { windowMs } = options;
  connection.defineCommand('reserveAttempt', { lua: RESERVE });
  connection.defineCommand('settleAttempt', { lua: SETTLE });
  const redis = connection as Scripts;
  // One slot of a cluster, since a script sees one alone.
  const keysOf = (subjects: readonly Subject[]) =>
    subjects.flatMap(({ key }) => [`recado:{logins}:failed:${key}`, `recado:{logins}:held:${key}`]);

  return {
    async reserve(subjects, id): Promise<Verdict> {
      const keys = keysOf(subjects);
      const limits = subjects.map(({ limit }) => limit);
      const [code, retryMs] = await redis.reserveAttempt(keys.length, ...keys, windowMs, HOLD_MS, id, ...limits);
      if (code === 2) return { verdict: 'refused', retryMs };
      return { verdict: code === 1 ? 'wait' : 'go' };
    },
    async settle(subjects, id, outcome) {
      const keys = keysOf(subjects);
      const cleared = subjects.map(({ clearedBySuccess }) => (clearedBySuccess ? 1 : 0));
      await redis.settleAttempt(keys.length, ...keys, windowMs, id, outcome, ...cleared);
    },
  };
}
