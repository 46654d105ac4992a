import { setTimeout as pause } from 'node:timers/promises';
import { startLoop } from '@recado/loops';
import type { DemandKey } from '../pace/demand.ts';
import { listDueChannels, releaseClaims } from '../store.ts';
import { claimAndSend } from './claim.ts';
import { createSending, type SenderDeps, type Sending } from './sending.ts';

export interface Sender {
  /** A channel may have something to send: looked at now instead of at the next poll. */
  wake(channel: DemandKey, count?: number): void;
  /** Claims nothing more and waits for what is on its way. */
  stop(): Promise<void>;
}

/**
 * Milliseconds between looks at the table: finds retries that are due and what other copies left.
 */
const POLL_MS = 250;
/**
 * With so many on their way, a claim waits some milliseconds for places to get free. It costs the
 * database about the same for one row as for ten.
 */
const BUSY_FROM = 32;
const GATHER_MS = 5;
/** Milliseconds of rest after the database failed. */
const REST_MS = 200;

/**
 * Sends what is queued; runs in every copy. Claimed rows are committed as `sending` before a byte
 * goes out. A conversation's messages go one after the other. README.md says more.
 */
export function startSender(deps: SenderDeps): Sender {
  const sending = createSending(deps, () => loop.wake());
  const { demand, recorder, log } = sending;
  const loop = startLoop({
    round: () => look(sending),
    log,
    failure: 'sender: the database is not available, trying again',
    failurePauseMs: REST_MS,
  });
  return {
    wake(channel, count = 1) {
      demand.add(channel, count);
      loop.wake();
    },
    async stop() {
      await loop.stop();
      while (demand.inFlight() > 0) await pause(50);
      await recorder.drain();
    },
  };
}

/** One look for what may go. Returns how long to sleep. */
async function look(sending: Sending): Promise<number> {
  const { demand, lostClaims, workerDb, perChannel } = sending;
  if (lostClaims.size > 0) await release(sending);
  if (performance.now() - sending.polledAt >= POLL_MS) {
    for (const one of await listDueChannels(workerDb.sql, perChannel)) demand.add(one, one.due);
    sending.polledAt = performance.now();
  }
  if (demand.inFlight() >= BUSY_FROM) await pause(GATHER_MS);
  if ((await claimAndSend(sending)) > 0) return 0;
  const untilPoll = sending.polledAt + POLL_MS - performance.now();
  const untilFree = demand.nextAt(performance.now()) - performance.now();
  return Math.max(1, Math.min(untilPoll, untilFree));
}

async function release({ workerDb, demand, lostClaims }: Sending): Promise<void> {
  const tokens = [...lostClaims];
  for (const channel of await releaseClaims(workerDb.sql, tokens)) demand.add(channel, 1);
  for (const token of tokens) lostClaims.delete(token);
}
