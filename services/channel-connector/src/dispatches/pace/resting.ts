import type { Redis } from 'ioredis';

/** A number whose provider does not answer: one message at a time is tried. */
export interface Resting {
  channelId: string;
  /** When the next one is tried, ISO 8601. */
  until: string;
  reason: string;
}

const keyOf = (channelId: string) => `recado:resting:${channelId}`;
/** A try is over after its deadline; then the number rests again, or works. */
const KEPT_BEYOND_MS = 30_000;

/** Tells all copies that a number rests. Only people read it, so a failure of Redis is left. */
export async function tellResting(redis: Redis, resting: Resting, pauseMs: number): Promise<void> {
  await redis.set(keyOf(resting.channelId), JSON.stringify(resting), 'PX', pauseMs + KEPT_BEYOND_MS).catch(() => null);
}

export async function tellAwake(redis: Redis, channelId: string): Promise<void> {
  await redis.del(keyOf(channelId)).catch(() => null);
}

/** Those of the channels that rest; none while Redis is away. */
export async function findResting(redis: Redis, channelIds: readonly string[]): Promise<Resting[]> {
  if (channelIds.length === 0 || redis.status !== 'ready') return [];
  const found = await redis.mget(channelIds.map(keyOf)).catch(() => []);
  return found.flatMap((text) => (text === null ? [] : [JSON.parse(text) as Resting]));
}
