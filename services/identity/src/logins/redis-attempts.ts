import type { Redis } from 'ioredis';
import { type Attempts, FIRST_PAUSE_MS, HOLD_MS, LONGEST_PAUSE_MS, type Subject, type Verdict } from './attempts.ts';

// Sorted sets by time: failures of the last window, and places held until a time. Redis' own clock,
// one for all processes.
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/**
 * KEYS: failures and held places of each subject. ARGV: window, hold, id, first and longest pause,
 * then each subject's limit and 1 if it pauses.
 */
const RESERVE = `${NOW}
local window, hold, id = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local first, longest = tonumber(ARGV[4]), tonumber(ARGV[5])
local retry, full = 0, 0
for i = 1, #KEYS / 2 do
  local failures, held = KEYS[2 * i - 1], KEYS[2 * i]
  local limit, pauses = tonumber(ARGV[4 + 2 * i]), ARGV[5 + 2 * i] == '1'
  redis.call('ZREMRANGEBYSCORE', failures, '-inf', now - window)
  redis.call('ZREMRANGEBYSCORE', held, '-inf', now)
  local failed, under = redis.call('ZCARD', failures), redis.call('ZCARD', held)
  if failed >= limit then
    local from, wait = failed - limit, window
    if pauses then
      from, wait = failed - 1, math.min(first * 2 ^ (failed - limit), longest)
    end
    local at = redis.call('ZRANGE', failures, from, from, 'WITHSCORES')
    retry = math.max(retry, at[2] + wait - now)
    if under > 0 then full = 1 end
  elseif failed + under >= limit then
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
      const rules = subjects.flatMap(({ limit, pauses }) => [limit, pauses ? 1 : 0]);
      const times = [windowMs, HOLD_MS, id, FIRST_PAUSE_MS, LONGEST_PAUSE_MS];
      const [code, retryMs] = await redis.reserveAttempt(keys.length, ...keys, ...times, ...rules);
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
