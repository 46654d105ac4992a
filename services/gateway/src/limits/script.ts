import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * A Lua script by its hash: the text goes over the wire only when Redis does not have it (it
 * restarted, or was flushed).
 */
export interface Script {
  run(redis: Redis, keys: string[], args: (string | number)[]): Promise<number[]>;
}

export function defineScript(source: string): Script {
  const sha = createHash('sha1').update(source).digest('hex');
  return {
    async run(redis, keys, args) {
      try {
        return (await redis.evalsha(sha, keys.length, ...keys, ...args)) as number[];
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return (await redis.eval(source, keys.length, ...keys, ...args)) as number[];
      }
    },
  };
}

/**
 * Checks revocation and counts in the tenant's windows and the user's rate, in one round trip. The
 * README ("Limits") lists KEYS, ARGV and the answer.
 */
export const CHECK = defineScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return {0} end
local charge = ARGV[1] == '1'
local now = tonumber(redis.call('TIME')[1])
local starts = {now - now % 60, now - now % 3600, now - now % 86400, tonumber(ARGV[7])}
local monthEnd = tonumber(ARGV[8])
if now < starts[4] then starts[4], monthEnd = tonumber(ARGV[6]), tonumber(ARGV[7])
elseif now >= monthEnd then starts[4], monthEnd = tonumber(ARGV[8]), tonumber(ARGV[9]) end

local counts = {0, 0, 0, 0}
local stored = redis.call('GET', KEYS[2])
if stored then
  local known = {struct.unpack('<I4I4I4I4I4I4I4I4', stored)}
  for i = 1, 4 do if known[i] == starts[i] then counts[i] = known[i + 4] end end
end
local allowed = true
for i = 1, 4 do if counts[i] >= tonumber(ARGV[i + 1]) then allowed = false end end

local person = 0
if KEYS[3] then
  person = tonumber(redis.call('GET', KEYS[3]) or '0')
  if person >= tonumber(ARGV[10]) then allowed = false end
end

if charge and allowed then
  for i = 1, 4 do counts[i] = counts[i] + 1 end
  redis.call('SET', KEYS[2], struct.pack('<I4I4I4I4I4I4I4I4',
    starts[1], starts[2], starts[3], starts[4], counts[1], counts[2], counts[3], counts[4]), 'EXAT', monthEnd)
  if KEYS[3] then
    person = person + 1
    redis.call('SET', KEYS[3], person, 'EXAT', starts[1] + 60)
  end
end
return {allowed and 1 or 2, now, counts[1], counts[2], counts[3], counts[4], monthEnd, person}
`);

/**
 * How many there were of something this minute, this one included.
 * KEYS: the count. Answers {count, now}.
 */
export const PACE = defineScript(`
local now = tonumber(redis.call('TIME')[1])
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIREAT', KEYS[1], now - now % 60 + 60) end
return {count, now}
`);
