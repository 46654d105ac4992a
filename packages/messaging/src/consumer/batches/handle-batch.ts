import type { Delivered, Tx } from '../../types.ts';
import { ack, giveBack, giveBackFor } from '../acks.ts';
import type { Context } from '../context.ts';
import type { Entry } from '../delivery.ts';
import { parkMalformed, putAside } from '../failures/put-aside.ts';
import { tellHandled } from '../tell.ts';
import { attempt } from './attempt.ts';
import { claimEntries, claimPart } from './claim.ts';
import { splitBatch } from './split-batch.ts';

/** Milliseconds until an entry that could not be put aside is delivered again. */
const AGAIN_MS = 1000;

/** Handles entries: transactions, acks, and what becomes of events that fail. */
export async function handleBatch(context: Context, entries: readonly Entry[]): Promise<void> {
  for (const entry of entries) if (entry.malformed.length > 0) await parkMalformed(context, entry);
  const good = entries.filter(({ held }) => !held.settled);
  if (good.length > 0) await run(context, good);
}

/** Runs entries in one transaction; when that fails, in parts, until what fails stands alone. */
async function run(context: Context, entries: Entry[]): Promise<void> {
  const result = await attempt(context, () => commitEntries(context, entries));
  if (result === 'done') return;
  if (result === 'stopping') {
    for (const { held } of entries) giveBack(context, held);
    return;
  }
  const [entry] = entries as [Entry];
  if (entries.length > 1) {
    const fields = { err: result.error, consumer: context.name, size: entries.length };
    context.log.debug(fields, 'consumer: batch failed, splitting it');
    for (const part of splitBatch(entries)) await run(context, part);
  } else if (await runParts(context, entry, entry.events, result.error)) ack(context, entry.held);
  else giveBackFor(context, entry.held, AGAIN_MS);
}

async function commitEntries(context: Context, entries: readonly Entry[]): Promise<void> {
  const count = entries.reduce((sum, entry) => sum + entry.events.length, 0);
  const taken = await commit(context, count, (tx) => claimEntries(context, tx, entries));
  // Never before the commit.
  for (const { held } of entries) ack(context, held);
  await tellHandled(context, taken, count);
}

/**
 * An entry whose transaction failed: its events in halves, each in a transaction of its own; what
 * fails alone is put aside for its next try. False when something could not even be put aside.
 */
async function runParts(context: Context, entry: Entry, events: Delivered[], error: unknown): Promise<boolean> {
  if (events.length === 1) return putAside(context, entry, events[0]!, error);
  const middle = events.length >> 1;
  let settled = true;
  for (const part of [events.slice(0, middle), events.slice(middle)]) {
    const result = await attempt(context, () => commitPart(context, entry, part));
    if (result === 'stopping') return false;
    if (result !== 'done') settled = (await runParts(context, entry, part, result.error)) && settled;
  }
  return settled;
}

async function commitPart(context: Context, entry: Entry, events: Delivered[]): Promise<void> {
  const taken = await commit(context, events.length, (tx) => claimPart(context, tx, entry, events));
  await tellHandled(context, taken, events.length);
}

/** Claims events and handles them, in one transaction. Returns those that were new. */
async function commit(
  { db, handle, counts }: Context,
  count: number,
  claim: (tx: Tx) => Promise<Delivered[]>,
): Promise<Delivered[]> {
  counts.sizes.observe(count);
  return db.begin(async (tx) => {
    const taken = await claim(tx);
    if (taken.length > 0) await handle(tx, taken);
    return taken;
  });
}
