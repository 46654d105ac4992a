import { createCache } from '@recado/service-kit';

/** What an endpoint has to itself: a slow or dead one takes no place from others. */
export interface Lanes {
  /** A place for a try, or the milliseconds after which to ask again. */
  take(endpointId: string): { end(result: { ok: boolean; durationMs: number }): void } | { waitMs: number };
}

export interface LaneOptions {
  /** Tries of one endpoint at once, in this process. */
  width: number;
  /** performance.now() unless a test says otherwise. */
  now?: () => number;
}

interface Lane {
  running: number;
  /** Failures in a row that took long: those cost places. */
  costly: number;
  /** How long a try takes, of late. */
  averageMs: number;
  /** The time of the next try that was told to wait. */
  nextAt: number;
  /** While it is dead, nothing before. */
  openAt: number;
}

/** A failure that took longer is costly; a refused connection is not. */
const COSTLY_MS = 2000;
const DEAD_AFTER = 5;
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 5 * 60_000;
/** What waits is spread over so much time at most: a receiver that is back is served soon. */
const HORIZON_MS = 60_000;
const MAX_LANES = 20_000;

/**
 * Limits the tries of each endpoint. Those beyond the width get a later time, at the endpoint's
 * pace. A receiver that only times out is tried by one at a time, after growing pauses.
 */
export function createLanes({ width, now = () => performance.now() }: LaneOptions): Lanes {
  const lanes = createCache<string, Lane>({ max: MAX_LANES });

  function find(id: string): Lane {
    const lane = lanes.get(id) ?? { running: 0, costly: 0, averageMs: 50, nextAt: 0, openAt: 0 };
    lanes.set(id, lane);
    return lane;
  }

  const isDead = ({ costly }: Lane) => costly >= DEAD_AFTER;

  function waitOf(lane: Lane, at: number): number {
    const step = Math.max(lane.averageMs, 10) / (isDead(lane) ? 1 : width);
    lane.nextAt = Math.max(at, lane.openAt, lane.nextAt) + step;
    const horizon = Math.max(lane.openAt - at, 0) + HORIZON_MS;
    if (lane.nextAt - at > horizon) lane.nextAt = at + Math.max(lane.openAt - at, 0) + HORIZON_MS * Math.random();
    return Math.ceil(lane.nextAt - at);
  }

  return {
    take(id) {
      const lane = find(id);
      const at = now();
      const places = isDead(lane) ? (at >= lane.openAt ? 1 : 0) : width;
      if (lane.running >= places) return { waitMs: waitOf(lane, at) };
      lane.running++;
      return {
        end({ ok, durationMs }) {
          lane.running--;
          lane.averageMs += (durationMs - lane.averageMs) / 8;
          if (ok || durationMs < COSTLY_MS) lane.costly = 0;
          else lane.costly++;
          const pauses = lane.costly - DEAD_AFTER;
          lane.openAt = pauses < 0 ? 0 : now() + Math.min(FIRST_PAUSE_MS * 2 ** pauses, LONGEST_PAUSE_MS);
          if (lane.costly === 0) lane.nextAt = 0;
        },
      };
    },
  };
}
