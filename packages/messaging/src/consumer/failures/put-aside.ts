import type { Delivered, Tx } from '../../types.ts';
import { ack, giveBackFor } from '../acks.ts';
import { attempt } from '../batches/attempt.ts';
import { claimPart } from '../batches/claim.ts';
import type { Context } from '../context.ts';
import { rawEvent, tenantOf } from '../decode.ts';
import type { Entry } from '../delivery.ts';
import { claimInbox, errorText, park, recordTry } from '../store.ts';
import { tellFailed } from '../tell.ts';

const TEXT = new TextDecoder();
/** Milliseconds until a malformed event that could not be parked is delivered again. */
const AGAIN_MS = 1000;

/**
 * One event failed alone: it is kept in the database until its next try, or parked. False when
 * that was not possible.
 */
export async function putAside(context: Context, entry: Entry, one: Delivered, error: unknown): Promise<boolean> {
  const { db, counts, log, name } = context;
  counts.failed.inc();
  const result = await attempt(context, async () => {
    const tries = await db.begin((tx) => recordFailure(context, tx, entry, one, error));
    if (tries !== null) tellFailed(context, one, tries, error);
  });
  if (typeof result === 'object') {
    log.error({ err: result.error, consumer: name, event: one.id }, 'consumer: could not put an event aside');
  }
  return result === 'done';
}

/** Returns how many tries there were; null when another copy has taken the event. */
async function recordFailure(
  context: Context,
  tx: Tx,
  entry: Entry,
  one: Delivered,
  error: unknown,
): Promise<number | null> {
  // With its own id taken, a redelivery of the rest leaves it to its retries.
  if ((await claimPart(context, tx, entry, [one])).length === 0) return null;
  const { name: consumer, pausesMs } = context;
  const { subject, data } = entry.held.message;
  const { id: eventId, tenantId } = one;
  const envelope = rawEvent(data, eventId);
  const letter = { tenantId, consumer, eventId, subject, envelope, error: errorText(error) };
  const tries = await recordTry(tx, { ...letter, tries: 1 }, pausesMs);
  if (tries > pausesMs.length) await park(tx, { ...letter, tries });
  return tries;
}

/** The rest of the entry goes on without them. */
export async function parkMalformed(context: Context, entry: Entry): Promise<void> {
  const { db, counts, log, name } = context;
  const { held, events, malformed } = entry;
  const result = await attempt(context, () => db.begin((tx) => parkAll(context, tx, entry)));
  if (result !== 'done') {
    log.warn({ err: result, consumer: name }, 'consumer: could not park a malformed event');
    giveBackFor(context, held, AGAIN_MS);
    return;
  }
  counts.parked.inc(malformed.length);
  for (const { reason, eventId } of malformed) {
    const fields = { consumer: name, subject: held.message.subject, event: eventId, reason };
    log.error(fields, 'consumer: malformed event parked as a dead letter');
  }
  if (events.length === 0) ack(context, held);
}

async function parkAll({ name: consumer, inbox }: Context, tx: Tx, { held, malformed }: Entry): Promise<void> {
  const { subject, data } = held.message;
  const tenantId = tenantOf(subject);
  for (const { reason, eventId, text } of malformed) {
    // Taken, so that a redelivery does not park it again.
    if (inbox && eventId !== null && (await claimInbox(tx, consumer, [eventId])).size === 0) continue;
    const envelope = (text ?? TEXT.decode(data)).replaceAll('\0', '�');
    const error = errorText(`malformed: ${reason}`);
    await park(tx, { tenantId, consumer, eventId, subject, envelope, error, tries: 1 });
  }
}
