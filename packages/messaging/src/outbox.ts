import type { BuiltEvent } from '@recado/contracts';
import type { Tx } from './types.ts';

/** Just under the 1 MiB that NATS takes, headers included. */
export const MAX_ENVELOPE_BYTES = 1_040_000;

/** An event on its way to the outbox. `dedupeKey`: a second one with the same key of the same tenant is dropped. */
export type OutgoingEvent = BuiltEvent & { dedupeKey?: string };

/**
 * Writes events into the outbox of the caller's transaction: they go out if and when it commits, and never otherwise.
 * One statement for any number of events. Returns the ids that were new; those left out have an id or a dedupe key that
 * is already there. Throws when an envelope is larger than NATS takes. Call the relay's `kick()` after the commit, or it takes up to 250 ms longer.
 */
export async function enqueue(tx: Tx, events: OutgoingEvent | readonly OutgoingEvent[]): Promise<string[]> {
  const list: readonly OutgoingEvent[] = Array.isArray(events) ? events : [events as OutgoingEvent];
  if (list.length === 0) return [];
  const rows = await insertOutbox(tx, list);
  return rows.map((row) => row.id);
}

/**
 * Texts joined by a control character, which JSON never holds unescaped: Postgres splits them faster than either side
 * escapes and parses an array of JSON texts (test/bench.ts).
 */
function insertOutbox(tx: Tx, list: readonly OutgoingEvent[]) {
  let ids = '';
  let tenants = '';
  let subjects = '';
  let envelopes = '';
  let keys = '';
  let keyed = false;
  for (let i = 0; i < list.length; i++) {
    const { subject, envelope, dedupeKey } = list[i]!;
    const separator = i === 0 ? '' : '\x1e';
    ids += separator + envelope.id;
    tenants += separator + envelope.tenantid;
    subjects += separator + subject;
    const text = JSON.stringify(envelope);
    // A character is at most 3 bytes in UTF-8; only long texts are worth counting.
    if (text.length * 3 > MAX_ENVELOPE_BYTES && Buffer.byteLength(text) > MAX_ENVELOPE_BYTES) {
      throw new Error(`Event ${envelope.type} ${envelope.id} is larger than ${MAX_ENVELOPE_BYTES} bytes`);
    }
    envelopes += separator + text;
    keys += separator + (dedupeKey ?? '');
    keyed ||= dedupeKey !== undefined;
  }
  if (!keyed) {
    return tx<{ id: string }[]>`
      insert into outbox (id, tenant_id, subject, envelope)
      select * from unnest(string_to_array(${ids}, e'\\x1e')::uuid[], string_to_array(${tenants}, e'\\x1e')::uuid[],
                           string_to_array(${subjects}, e'\\x1e'), string_to_array(${envelopes}, e'\\x1e'))
      on conflict do nothing returning id`;
  }
  if (keys.split('\x1e').length !== list.length) throw new Error('A dedupe key may not contain U+001E');
  return tx<{ id: string }[]>`
    insert into outbox (id, tenant_id, subject, envelope, dedupe_key)
    select * from unnest(string_to_array(${ids}, e'\\x1e')::uuid[], string_to_array(${tenants}, e'\\x1e')::uuid[],
                         string_to_array(${subjects}, e'\\x1e'), string_to_array(${envelopes}, e'\\x1e'),
                         string_to_array(${keys}, e'\\x1e', ''))
    on conflict do nothing returning id`;
}
