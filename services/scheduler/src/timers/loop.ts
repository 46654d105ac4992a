import { buildEvent, timerFired } from '@recado/contracts';
import { type Database, type Tx, withWorker } from '@recado/database';
import { type Loop, startLoop } from '@recado/loops';
import { enqueue } from '@recado/messaging';
import { Counter, Histogram, type Log, type Registry } from '@recado/service-kit';
import { claimDue, claimDueOfEach, pruneDone, type TimerRow, untilNext } from './store.ts';

/** A wake looks at once: a timer may have been ordered that is due before the one waited for. */
export type TimerLoop = Loop;

export interface TimerLoopOptions {
  workerDb: Database;
  log: Pick<Log, 'warn' | 'info'>;
  registry: Registry;
  /** Milliseconds between looks at most: other copies' orders are seen by then. */
  pollMs?: number;
}

/**
 * Timers fired in one transaction. Large enough for a flood, small enough to be over in some 20 ms.
 */
const BATCH = 500;
/**
 * After a full batch every tenant gets a turn of this many, so that one tenant's flood slows only
 * that tenant.
 */
const TURN = 25;
/**
 * What is due but claimed by another copy is fired as soon as that commits; its end is worth a
 * look.
 */
const BUSY_PAUSE_MS = 20;
const PRUNE_MS = 10 * 60_000;
const PRUNE_BATCH = 5_000;

/**
 * Fires due timers from any number of copies. Rows are claimed with SKIP LOCKED and the event
 * commits with the claim, so each fires once. Waits for a database that is away.
 */
export function startTimerLoop(options: TimerLoopOptions): TimerLoop {
  const { workerDb, log, registry, pollMs = 500 } = options;
  const metrics = loopMetrics(registry);
  // Copies started together don't prune together.
  let pruneAt = performance.now() + PRUNE_MS * Math.random();

  async function fireBatch(claim: (tx: Tx) => ReturnType<typeof claimDue>): Promise<number> {
    const fired = await withWorker(workerDb, async (tx) => {
      const rows = await claim(tx);
      await enqueue(tx, rows.map(firedEvent));
      return rows;
    });
    if (fired.length === 0) return 0;
    for (const row of fired) metrics.late.observe(Math.max(0, row.firedAt.getTime() - row.fireAt.getTime()) / 1000);
    metrics.fired.inc(fired.length);
    return fired.length;
  }

  /** Fires a batch if one is due. Returns how long to sleep, in milliseconds. */
  async function round(): Promise<number> {
    const ms = await untilNext(workerDb);
    if (ms === null || ms > 0) {
      await prune();
      return Math.min(pollMs, Math.ceil(ms ?? pollMs));
    }
    const fired = await fireBatch((tx) => claimDue(tx, BATCH));
    if (fired === BATCH) await fireBatch((tx) => claimDueOfEach(tx, TURN));
    return fired === 0 ? BUSY_PAUSE_MS : 0;
  }

  async function prune(): Promise<void> {
    if (performance.now() < pruneAt) return;
    const pruned = await withWorker(workerDb, (tx) => pruneDone(tx, PRUNE_BATCH));
    pruneAt = performance.now() + (pruned === PRUNE_BATCH ? 0 : PRUNE_MS);
  }

  return startLoop({ round, log, failure: 'timers can not be fired; trying again' });
}

function firedEvent(row: TimerRow & { firedAt: Date }) {
  const { tenantId, id, owner, key, payload } = row;
  return buildEvent(timerFired, {
    tenantId,
    subject: id,
    data: { owner, key, payload, fireAt: row.fireAt.toISOString(), firedAt: row.firedAt.toISOString() },
  });
}

function loopMetrics(registry: Registry) {
  const registers = [registry];
  return {
    fired: new Counter({ name: 'recado_timers_fired_total', help: 'Timers fired by this copy', registers }),
    late: new Histogram({
      name: 'recado_timer_lateness_seconds',
      help: 'From the time a timer was due to its firing',
      buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 60],
      registers,
    }),
  };
}
