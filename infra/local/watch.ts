import { setTimeout as pause } from 'node:timers/promises';

/**
 * A server that answers, but refuses its work: no load explains that, so a few refusals are enough.
 */
export class Refused extends Error {
  override name = 'Refused';
}

export interface Watched {
  name: string;
  /**
   * Tries what its users need. Rejects with Refused when it answers and will not work, with
   * anything else when it is silent.
   */
  probe(): Promise<void>;
  /** Milliseconds between probes. */
  everyMs: number;
  /** So long without an answer means stuck. */
  silentMs: number;
  /** Null when a restart can help now, otherwise what has to happen first. */
  holdBack?(): string | null;
}

export interface WatchOptions {
  /** False while it is down or waits for its next start. */
  isUp(name: string): boolean;
  restart(name: string): Promise<void>;
  onEvent(name: string, message: string): void;
  /**
   * Milliseconds after a restart until the next: doubled from the first to the last until a probe
   * succeeds.
   */
  rest?: { first: number; last: number };
}

const REFUSALS = 3;

/**
 * Restarts processes that run but no longer work. One that dies is the supervisor's business
 * already. Returns how to stop watching.
 */
export function watchStuck(watched: Watched[], options: WatchOptions): () => Promise<void> {
  const stop = new AbortController();
  const loops = watched.map((one) => watchOne(one, options, stop.signal).catch(() => undefined));
  return async () => {
    stop.abort();
    await Promise.all(loops);
  };
}

async function watchOne(one: Watched, options: WatchOptions, signal: AbortSignal): Promise<void> {
  const { isUp, restart, onEvent, rest = { first: 10_000, last: 60_000 } } = options;
  const { name } = one;
  let failingSince: number | null = null;
  let refusals = 0;
  let restMs = rest.first;
  let restUntil = 0;
  let told: string | null = null;
  const isWell = () => {
    failingSince = null;
    refusals = 0;
    told = null;
  };
  while (!signal.aborted) {
    await pause(one.everyMs, undefined, { signal, ref: false });
    if (!isUp(name)) {
      isWell();
      continue;
    }
    let reason: string;
    try {
      await one.probe();
      isWell();
      restMs = rest.first;
      continue;
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
      failingSince ??= performance.now();
      refusals = error instanceof Refused ? refusals + 1 : 0;
    }
    const stuck = refusals >= REFUSALS || performance.now() - failingSince >= one.silentMs;
    if (!stuck || signal.aborted || !isUp(name) || performance.now() < restUntil) continue;
    const first = one.holdBack?.() ?? null;
    if (first !== null) {
      if (told !== first) onEvent(name, `is stuck (${reason}); a restart waits: ${first}`);
      told = first;
      continue;
    }
    onEvent(name, `is stuck (${reason}): restarting it`);
    restUntil = performance.now() + restMs;
    restMs = Math.min(restMs * 2, rest.last);
    isWell();
    await restart(name);
  }
}
