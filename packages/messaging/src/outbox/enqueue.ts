import { hash } from 'node:crypto';
import type { BuiltEvent } from '@recado/contracts';
import type { Tx, WorkerSql } from '../types.ts';
import { notifyAfterCommit } from './committed.ts';
import { type EventBatch, packEvents } from './event-batch.ts';

/**
 * An event on its way to the outbox. `dedupeKey`: a second one with the same key of the same tenant
 * is dropped.
 */
export type OutgoingEvent = BuiltEvent & { dedupeKey?: string };

/** What an enqueue wrote. */
export interface Enqueued {
  /** Events that were new. */
  ids: string[];
  /**
   * Their event batches. Null when Postgres cut known events out of some: only the table knows what
   * was written.
   */
  batches: readonly EventBatch[] | null;
}

/**
 * Writes events to the outbox in the caller's transaction, as event batches by subject, and
 * notifies the relay after the commit. One statement, so a pool works too.
 * @returns the new ids, without known dedupe keys and event batches
 * @throws when an envelope is larger than NATS takes
 */
export async function enqueue(
  executor: Tx | WorkerSql,
  events: OutgoingEvent | readonly OutgoingEvent[],
): Promise<string[]> {
  const { ids, batches } = await writeBatches(executor, events);
  notifyAfterCommit(executor, batches);
  return ids;
}

/** Writes the rows of enqueue() and notifies no relay. */
export async function writeBatches(
  tx: Tx | WorkerSql,
  events: OutgoingEvent | readonly OutgoingEvent[],
): Promise<Enqueued> {
  const list: readonly OutgoingEvent[] = Array.isArray(events) ? events : [events as OutgoingEvent];
  if (list.length === 0) return { ids: [], batches: [] };
  const { kept, keys } = readKeys(list);
  const batches = packEvents(kept);
  if (keys.size > 0) return insertKeyed(tx, batches, keys);
  const { ids, tenants, subjects, counts, envelopes } = columns(batches);
  const rows = await tx<{ id: string }[]>`
    insert into outbox (id, tenant_id, subject, events, envelope)
    select * from unnest(string_to_array(${ids}, ',')::uuid[], string_to_array(${tenants}, ',')::uuid[],
                         string_to_array(${subjects}, ','), string_to_array(${counts}, ',')::smallint[],
                         string_to_array(${envelopes}, e'\\x1e'))
    on conflict do nothing returning id`;
  return asWritten(batches, new Set(rows.map((row) => row.id)));
}

/**
 * The key of each event that has one, hashed; of several events with the same key the first is
 * kept.
 */
function readKeys(list: readonly OutgoingEvent[]): {
  kept: readonly OutgoingEvent[];
  keys: Map<OutgoingEvent, string>;
} {
  const keys = new Map<OutgoingEvent, string>();
  const taken = new Set<string>();
  const kept = list.filter((event) => {
    if (event.dedupeKey === undefined) return true;
    const key = hash('sha256', event.dedupeKey, 'hex').slice(0, 32);
    if (taken.has(key + event.envelope.tenantid)) return false;
    taken.add(key + event.envelope.tenantid);
    keys.set(event, key);
    return true;
  });
  return { kept, keys };
}

/**
 * Takes the keys and writes the event batches in one statement; Postgres removes events with known
 * keys, since a second statement could see other rows. Sorted keys avoid deadlocks.
 */
async function insertKeyed(
  tx: Tx | WorkerSql,
  batches: readonly EventBatch<OutgoingEvent>[],
  keys: ReadonlyMap<OutgoingEvent, string>,
): Promise<Enqueued> {
  const { ids, tenants, subjects, counts, envelopes } = columns(batches);
  const sorted = [...keys].map(([event, key]) => key + event.envelope.tenantid).sort();
  const keyTenants = sorted.map((one) => one.slice(32)).join();
  const keyList = sorted.map((one) => one.slice(0, 32)).join();
  const batchKeys = batches.map(({ events }) => events.map((event) => keys.get(event) ?? '').join()).join('\x1e');
  const [row] = await tx<[{ fresh: number; written: string | null; taken: string | null }]>`
    with fresh as (
      insert into outbox_keys (tenant_id, key)
      select * from unnest(string_to_array(${keyTenants}, ',')::uuid[], string_to_array(${keyList}, ',')::uuid[])
      on conflict do nothing returning tenant_id, key
    ), tally as (
      select count(*)::int as n from fresh
    ), batch as (
      select * from unnest(string_to_array(${ids}, ',')::uuid[], string_to_array(${tenants}, ',')::uuid[],
                           string_to_array(${subjects}, ','), string_to_array(${counts}, ',')::smallint[],
                           string_to_array(${envelopes}, e'\\x1e'), string_to_array(${batchKeys}, e'\\x1e'))
      as t(id, tenant_id, subject, events, envelope, keys)
    ), whole as (
      insert into outbox (id, tenant_id, subject, events, envelope)
      select id, tenant_id, subject, events, envelope from batch
      where (select n from tally) = ${keys.size}
      on conflict do nothing returning id
    ), cut as (
      insert into outbox (id, tenant_id, subject, events, envelope)
      select p.id, p.tenant_id, p.subject, count(*)::smallint,
             case count(*) when 1 then min(one.text) else '[' || string_agg(one.text, e',\\n' order by one.ord) || ']' end
      from batch p
      cross join unnest(
        string_to_array(case p.events when 1 then p.envelope else substr(p.envelope, 2, length(p.envelope) - 2) end, e',\\n'),
        string_to_array(p.keys, ',')) with ordinality as one(text, key, ord)
      left join fresh on fresh.tenant_id = p.tenant_id and fresh.key = nullif(one.key, '')::uuid
      where (select n from tally) < ${keys.size} and (coalesce(one.key, '') = '' or fresh.key is not null)
      group by p.id, p.tenant_id, p.subject
      on conflict do nothing returning id
    )
    select (select n from tally) as fresh,
           (select string_agg(id::text, ',') from (select id from whole union all select id from cut) as t) as written,
           (select string_agg(replace(key::text, '-', '') || tenant_id::text, ',') from fresh
            where (select n from tally) < ${keys.size}) as taken`;
  const written = new Set(row.written?.split(','));
  if (row.fresh === keys.size) return asWritten(batches, written);
  const taken = new Set(row.taken?.split(','));
  const isNew = (event: OutgoingEvent) => {
    const key = keys.get(event);
    return key === undefined || taken.has(key + event.envelope.tenantid);
  };
  return { ids: eventIds(batches, written, isNew), batches: null };
}

function asWritten(batches: readonly EventBatch<OutgoingEvent>[], written: ReadonlySet<string>): Enqueued {
  const kept = written.size === batches.length ? batches : batches.filter(({ id }) => written.has(id));
  return { ids: eventIds(kept, written), batches: kept };
}

/**
 * Texts joined by a character that JSON never holds unescaped: Postgres splits them faster than
 * either side escapes and parses an array of JSON texts (test/bench.ts).
 */
function columns(batches: readonly EventBatch[]) {
  return {
    ids: batches.map((batch) => batch.id).join(),
    tenants: batches.map((batch) => batch.tenantId).join(),
    subjects: batches.map((batch) => batch.subject).join(),
    counts: batches.map((batch) => batch.events.length).join(),
    envelopes: batches.map((batch) => batch.text).join('\x1e'),
  };
}

function eventIds(
  batches: readonly EventBatch<OutgoingEvent>[],
  written: ReadonlySet<string>,
  isNew: (event: OutgoingEvent) => boolean = () => true,
): string[] {
  const ids: string[] = [];
  for (const { id, events } of batches) {
    if (!written.has(id)) continue;
    for (const event of events) if (isNew(event)) ids.push(event.envelope.id);
  }
  return ids;
}
