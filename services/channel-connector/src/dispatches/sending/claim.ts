import { randomUUID } from 'node:crypto';
import { isUniqueViolation } from '@recado/database';
import { rateOf } from '../pace/bucket.ts';
import type { DemandKey } from '../pace/demand.ts';
import { takeRecipientPace } from '../pace/recipient-pace.ts';
import { type ClaimedDispatch, claimDispatches } from '../store.ts';
import { sendClaimed } from './send.ts';
import type { Sending } from './sending.ts';

interface Granted extends DemandKey {
  /** What demand gave it. */
  amount: number;
  /** What its pace allows of that. */
  granted: number;
}

/** The pace is asked for again so often: a person may have changed it since the last time. */
const LONGEST_HOLD_MS = 1000;

/** Claims what may go now, and starts to send it. Returns how many were claimed. */
export async function claimAndSend(sending: Sending): Promise<number> {
  const going = await grant(sending);
  if (going.length === 0) return 0;
  const rows: ClaimedDispatch[] = [];
  const token = randomUUID();
  try {
    const claimed = await claim(sending, token, going);
    const waits = await takeRecipientPace(sending, claimed);
    for (const row of claimed) {
      const waitMs = waits.get(row.messageId) ?? 0;
      // A row that waits leaves its part of the number's pace to others.
      if (waitMs === 0) rows.push(row);
      void sendClaimed(sending, row, waitMs);
    }
    return claimed.length;
  } catch (error) {
    // Another copy took an older row of a conversation at this very moment: look again.
    if (!isUniqueViolation(error, 'dispatches_in_flight')) {
      sending.lostClaims.add(token);
      throw error;
    }
    for (const one of going) sending.demand.add(one, one.amount);
    return 1;
  } finally {
    for (const { channelId, granted } of going) {
      const unused = granted - rows.filter((row) => row.channelId === channelId).length;
      if (unused <= 0) continue;
      sending.breakers.giveBack(channelId);
      void giveBack(sending, channelId, unused);
    }
  }
}

const claim = ({ workerDb, config }: Sending, token: string, going: readonly Granted[]) =>
  claimDispatches(
    workerDb.sql,
    token,
    going.map((one) => one.channelId),
    going.map((one) => one.granted),
    config.RECADO_SEND_LEASE_MS,
  );

/** What demand has for now, as far as the pace of each channel allows. */
async function grant(sending: Sending): Promise<Granted[]> {
  const wanted = sending.demand.take(performance.now());
  const all = await Promise.all(
    wanted.map(async (one) => ({ ...one, granted: await takePace(sending, one, one.amount) })),
  );
  return all.filter(({ granted }) => granted > 0);
}

async function takePace(sending: Sending, key: DemandKey, amount: number): Promise<number> {
  const { breakers, demand, directory, pace } = sending;
  const { channelId } = key;
  const { allowed, until } = breakers.admit(channelId, amount, performance.now());
  if (allowed < amount) {
    demand.hold(key, until);
    demand.add(key, amount - allowed);
  }
  if (allowed === 0) return 0;
  const channel = await directory.find(`id:${channelId}`);
  const { granted, waitMs } = await pace.take(channelId, rateOf(channel), allowed);
  if (granted < allowed) {
    demand.hold(key, performance.now() + Math.min(Math.max(1, waitMs), LONGEST_HOLD_MS));
    demand.add(key, allowed - granted);
    if (granted === 0) breakers.giveBack(channelId);
  }
  return granted;
}

async function giveBack({ directory, pace }: Sending, channelId: string, unused: number): Promise<void> {
  const channel = directory.peek(`id:${channelId}`);
  await pace.take(channelId, rateOf(channel), -unused);
}
