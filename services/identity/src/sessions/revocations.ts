import type { Log } from '@recado/service-kit';
import { Redis } from 'ioredis';
import { LONGEST_ACCESS_SECONDS } from '../tokens/lifetimes.ts';

/** Revoked sessions as edges look them up: `recado:revoked:<sid>`. */
export interface Revocations {
  /**
   * Remembers a revoked session until its last access token is dead by itself. Best effort, never throws: the table
   * is the truth, the event reaches running edges, and what Redis missed is written when it is back.
   */
  remember(sessionId: string): Promise<void>;
  /** Writes all revocations again if Redis has lost its data. Cheap when it hasn't; never throws. */
  restoreIfLost(): Promise<void>;
  ping(): Promise<unknown>;
  close(): void;
}

const key = (sessionId: string) => `recado:revoked:${sessionId}`;
/** Stands as long as Redis keeps its data: whoever finds it gone writes the revocations again. */
const MARKER = 'recado:revocations';
const BATCH = 1000;

/**
 * @param options.list the sessions whose revocation still matters, from the database
 */
export function createRevocations(options: {
  url: string;
  list: () => Promise<string[]>;
  log: Pick<Log, 'warn' | 'info'>;
}): Revocations {
  const { list, log } = options;
  const redis = new Redis(options.url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false, // a log-out must not wait for a Redis that is away
    commandTimeout: 1000,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1000),
  });
  let restoring: Promise<void> | null = null;
  let lost = false;
  redis.on('error', (err) => {
    // One line for each outage, not for each attempt.
    if (!lost) log.warn({ err }, 'Redis is away; revocations are written when it is back');
    lost = true;
  });
  redis.on('ready', () => {
    lost = false;
    // Also when it kept its data: sessions may have been revoked while it was away.
    void restore();
  });

  async function write(sessionIds: string[]): Promise<void> {
    for (let i = 0; i < sessionIds.length; i += BATCH) {
      const pipeline = redis.pipeline();
      for (const id of sessionIds.slice(i, i + BATCH)) pipeline.set(key(id), '1', 'EX', LONGEST_ACCESS_SECONDS);
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
    async remember(sessionId) {
      try {
        await write([sessionId]);
      } catch (err) {
        log.warn({ err, sessionId }, 'a revocation could not be written to Redis');
        // The marker goes with it, as far as it can: the next log-in writes everything again.
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
    ping: () => redis.ping(),
    close: () => redis.disconnect(),
  };
}
