import { hash } from 'node:crypto';
import type { BuiltEvent } from '@recado/contracts';

/** Just under the 1 MiB that NATS takes, headers included. */
export const MAX_ENVELOPE_BYTES = 1_040_000;

/**
 * Events in one event batch at most: what one poisonous event can hold up, and what a reader must
 * take at once.
 */
export const MAX_BATCH_EVENTS = 64;

/** Bytes of an event batch of several events at most; a larger event travels alone. */
export const MAX_BATCH_BYTES = 256 * 1024;

/**
 * Events of one subject on their way together: one row of the outbox, one message of the stream.
 */
export interface EventBatch<E extends BuiltEvent = BuiltEvent> {
  /**
   * Of one event its own id. Of several a UUID made of all their ids, as old as the first: the same
   * list makes the same event batch.
   */
  id: string;
  tenantId: string;
  subject: string;
  events: E[];
  /**
   * One CloudEvents object, or an array of them with a line for each: between two events stands
   * `,\n`, inside one never.
   */
  text: string;
}

/**
 * Puts events into event batches: one for each subject and 64 events or 256 KiB, in the order of
 * their first events.
 */
export function packEvents<E extends BuiltEvent>(events: readonly E[]): EventBatch<E>[] {
  const batches: (EventBatch<E> & { texts: string[]; bytes: number })[] = [];
  const open = new Map<string, (typeof batches)[number]>();
  for (const event of events) {
    const { subject, envelope } = event;
    const text = JSON.stringify(envelope);
    const bytes = Buffer.byteLength(text) + 2;
    if (bytes > MAX_ENVELOPE_BYTES) {
      throw new Error(`Event ${envelope.type} ${envelope.id} is larger than ${MAX_ENVELOPE_BYTES} bytes`);
    }
    const batch = open.get(subject);
    if (batch && batch.texts.length < MAX_BATCH_EVENTS && batch.bytes + bytes <= MAX_BATCH_BYTES) {
      batch.events.push(event);
      batch.texts.push(text);
      batch.bytes += bytes;
      continue;
    }
    const next = { id: '', tenantId: envelope.tenantid, subject, events: [event], text: '', texts: [text], bytes };
    batches.push(next);
    open.set(subject, next);
  }
  for (const batch of batches) {
    batch.id = batchId(batch.events);
    batch.text = batch.texts.length === 1 ? batch.texts[0]! : `[${batch.texts.join(',\n')}]`;
  }
  return batches;
}

/**
 * Time and order of the first event's id, the rest a hash of all: `xxxxxxxx-xxxx-7xxx-` and 62
 * bits.
 */
function batchId(events: readonly BuiltEvent[]): string {
  const first = events[0]!.envelope.id;
  if (events.length === 1) return first;
  const digest = hash('sha256', events.map((event) => event.envelope.id).join(), 'hex');
  return `${first.slice(0, 19)}${'89ab'[Number.parseInt(digest[0]!, 16) & 3]}${digest.slice(1, 4)}-${digest.slice(4, 16)}`;
}
