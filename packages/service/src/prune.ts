import type { Log } from '@recado/service-kit';

const PRUNE_MS = 10 * 60_000;

/** Deletes old rows every ten minutes, until it is stopped. A failure is logged. */
export function startPruning(prune: () => Promise<unknown> | undefined, log: Pick<Log, 'warn'>): () => void {
  const timer = setInterval(async () => {
    try {
      await prune();
    } catch (err) {
      log.warn({ err }, 'old rows could not be deleted; trying again in ten minutes');
    }
  }, PRUNE_MS);
  timer.unref();
  return () => clearInterval(timer);
}
