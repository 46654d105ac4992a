import { hash } from 'node:crypto';
import type { BuiltEvent } from '@recado/contracts';

/** Just under the 1 MiB that NATS takes, headers included. */
export const MAX_ENVELOPE_BYTES = 1_040_000;

/** Events in one parcel at most: what one poisonous event can hold up, and what a reader must take at once. */
export const PARCEL_EVENTS = 64;

/** Bytes of a parcel of several events at most; a larger event travels alone. */
export const PARCEL_BYTES = 256 * 1024;

/** Events of one subject on their way together: one row of the outbox, one message of the stream. */
export interface Parcel<E extends BuiltEvent = BuiltEvent> {
  /** Of one event its own id. Of several a UUID made of all their ids, as old as the first: the same list makes the same parcel. */
  id: string;
  tenantId: string;
  subject: string;
  events: E[];
  /** One CloudEvents object, or an array of them with a line for each: between two events stands `,\n`, inside one never. */
  text: string;
}

/** Puts events into parcels: one for each subject and 64 events or 256 KiB, in the order of their first events. */
export function pack<E extends BuiltEvent>(events: readonly E[]): Parcel<E>[] {
  const parcels: (Parcel<E> & { texts: string[]; bytes: number })[] = [];
  const open = new Map<string, (typeof parcels)[number]>();
  for (const event of events) {
    const { subject, envelope } = event;
    const text = JSON.stringify(envelope);
    const bytes = Buffer.byteLength(text) + 2;
    if (bytes > MAX_ENVELOPE_BYTES) {
      throw new Error(`Event ${envelope.type} ${envelope.id} is larger than ${MAX_ENVELOPE_BYTES} bytes`);
    }
    const parcel = open.get(subject);
    if (parcel && parcel.texts.length < PARCEL_EVENTS && parcel.bytes + bytes <= PARCEL_BYTES) {
      parcel.events.push(event);
      parcel.texts.push(text);
      parcel.bytes += bytes;
      continue;
    }
    const next = { id: '', tenantId: envelope.tenantid, subject, events: [event], text: '', texts: [text], bytes };
    parcels.push(next);
    open.set(subject, next);
  }
  for (const parcel of parcels) {
    parcel.id = parcelId(parcel.events);
    parcel.text = parcel.texts.length === 1 ? parcel.texts[0]! : `[${parcel.texts.join(',\n')}]`;
  }
  return parcels;
}

/** Time and order of the first event's id, the rest a hash of all: `xxxxxxxx-xxxx-7xxx-` and 62 bits. */
function parcelId(events: readonly BuiltEvent[]): string {
  const first = events[0]!.envelope.id;
  if (events.length === 1) return first;
  const digest = hash('sha256', events.map((event) => event.envelope.id).join(), 'hex');
  return `${first.slice(0, 19)}${'89ab'[Number.parseInt(digest[0]!, 16) & 3]}${digest.slice(1, 4)}-${digest.slice(4, 16)}`;
}
