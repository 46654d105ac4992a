import type { Log } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import { LONGEST_ACCESS_SECONDS } from '../tokens/lifetimes.ts';

/** Revoked sessions and API keys as edges look them up: `recado:revoked:<id>`. */
export interface Revocations {
  /**
   * Remembers revoked sessions and keys until their access tokens expire. Never throws: the table
   * is the truth, the event informs the edges, and missing keys are written when Redis is back.
   */
  remember(ids: string | readonly string[]): Promise<void>;
  /**
   * Writes all revocations again if Redis has lost its data. Cheap when it hasn't; never throws.
   */
  restoreIfLost(): Promise<void>;
}

const key = (id: string) => `recado:revoked:${id}`;
/** Exists while Redis keeps its data. If it is missing, the revocations are written again. */
const MARKER = 'recado:revocations';
const BATCH = 1000;

/**
 * @param options.list the sessions whose revocation still matters, from the database
 */
export function createRevocations(options: {
  redis: Redis;
  list: () => Promise<string[]>;
  log: Pick<Log, 'warn' | 'info'>;
}): Revocations {
  const { redis, list, log } = options;
  let restoring: Promise<void> | null = null;
  // Also when it kept its data: sessions may have been revoked while it was away.
  redis.on('ready', () => void restore());
  if (redis.status === 'ready') void restore();

  async function write(ids: readonly string[]): Promise<void> {
    for (let i = 0; i < ids.length; i += BATCH) {
      const pipeline = redis.pipeline();
      for (const id of ids.slice(i, i + BATCH)) pipeline.set(key(id), '1', 'EX', LONGEST_ACCESS_SECONDS);
      const results = await pipeline.exec();
      for (const [error] of results ?? []) if (error) throw error;
    }
  }

  /** The marker is set last: a restore that broke off is taken up by the next log-in. */
  function restore(): Promise<void> {
    restoring ??= (async () => {
      try {
        const sessionIds = await list();
        await write(sessionIds);
        await redis.set(MARKER, '1');
        if (sessionIds.length > 0) log.info({ sessions: sessionIds.length }, 'revocations written to Redis');
      } catch (err) {
        log.warn({ err }, 'revocations could not be written to Redis');
      } finally {
        restoring = null;
      }
    })();
    return restoring;
  }

  return {
    async remember(ids) {
      const list = typeof ids === 'string' ? [ids] : ids;
      if (list.length === 0) return;
      try {
        await write(list);
      } catch (err) {
        log.warn({ err, ids: list.slice(0, 5), count: list.length }, 'revocations could not be written to Redis');
        // The marker goes with them, as far as it can: the next log-in writes everything again.
        await redis.del(MARKER).catch(() => 0);
      }
    },
    async restoreIfLost() {
      try {
        if ((await redis.exists(MARKER)) === 0) await restore();
      } catch {
        // Redis is away; its return restores.
      }
    },
  };
}
