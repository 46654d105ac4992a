import { uuidv7 } from '@recado/contracts';
import type { DeadLetterRow, DeliveryTryRow } from '../tables.ts';
import type { Sql, Tx } from '../types.ts';

/**
 * Claims ids, of events or of whole event batches, for a consumer in the caller's transaction;
 * returns those that were free.
 */
export async function claimInbox(tx: Tx, consumer: string, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ event_id: string }[]>`
    insert into inbox (consumer, event_id)
    select ${consumer}, id from unnest(${uuids(ids)}::text::uuid[]) as t(id)
    on conflict do nothing returning event_id`;
  return new Set(rows.map((row) => row.event_id));
}

/**
 * Notes that an event batch is handled event by event: from now on each of its events is claimed by
 * itself.
 */
export async function claimInParts(tx: Tx, consumer: string, eventBatchId: string): Promise<void> {
  await tx`insert into inbox (consumer, event_id, whole) values (${consumer}, ${eventBatchId}, false) on conflict do nothing`;
}

/** Of event batches that are claimed already, those that were handled event by event. */
export async function findInParts(tx: Tx, consumer: string, eventBatchIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ event_id: string }[]>`
    select event_id from inbox
    where consumer = ${consumer} and event_id = any(${uuids(eventBatchIds)}::text::uuid[]) and not whole`;
  return new Set(rows.map((row) => row.event_id));
}

/** An event that a consumer could not handle. */
export type Letter = Pick<
  DeadLetterRow,
  'tenantId' | 'consumer' | 'eventId' | 'subject' | 'envelope' | 'error' | 'tries'
>;

/**
 * Parks an event: out of the way, but kept with its error. From then on only a replay handles it
 * again.
 */
export async function park(tx: Tx, letter: Letter): Promise<void> {
  await tx`
    insert into dead_letters (id, tenant_id, consumer, event_id, subject, envelope, error, tries)
    values (${uuidv7()}, ${letter.tenantId}, ${letter.consumer}, ${letter.eventId}, ${letter.subject},
            ${letter.envelope}, ${letter.error}, ${letter.tries})
    on conflict (consumer, event_id) do update
    set error = excluded.error, tries = excluded.tries, parked_at = now(), replayed_at = null`;
  if (letter.eventId === null) return;
  await tx`delete from delivery_tries where consumer = ${letter.consumer} and event_id = ${letter.eventId}`;
}

/**
 * Notes a failed try of an event and when the next is due, and returns how many tries there were.
 * Not due any more after the last of the pauses: then it is to be parked.
 */
export async function recordTry(
  tx: Tx,
  { consumer, eventId, tenantId, subject, envelope, error }: Letter,
  pausesMs: readonly number[],
): Promise<number> {
  const pauses = `{${pausesMs.join(',')}}`;
  const [row] = await tx<[{ tries: number }]>`
    insert into delivery_tries as known (consumer, event_id, tries, last_error, tenant_id, subject, envelope, next_try_at)
    values (${consumer}, ${eventId}, 1, ${error}, ${tenantId}, ${subject}, ${envelope},
            now() + (${pauses}::text::float8[])[1] * interval '1 millisecond')
    on conflict (consumer, event_id) do update
    set tries = known.tries + 1, last_error = excluded.last_error, updated_at = now(), subject = excluded.subject,
        envelope = excluded.envelope, tenant_id = excluded.tenant_id,
        next_try_at = now() + (${pauses}::text::float8[])[known.tries + 1] * interval '1 millisecond'
    returning tries`;
  return row.tries;
}

/** An event that waits for its next try. */
export type WaitingEvent = Pick<DeliveryTryRow, 'eventId' | 'tries'> & { subject: string; envelope: string };

/**
 * How long a copy has for the tries it took; then another copy may take them. Only saves work:
 * finishTry decides.
 */
const LEASE = '30 seconds';

/** Tries taken at once, and of one tenant at once. */
const CLAIM = 32;
const CLAIM_OF_A_TENANT = 8;

/**
 * Events of a consumer whose next try is due, taken by this copy, alternating between tenants. More
 * may be due when some were returned.
 */
export function claimDue(db: Sql, consumer: string): Promise<WaitingEvent[]> {
  return db<WaitingEvent[]>`
    with recursive tenant as (
      (select tenant_id from delivery_tries
       where consumer = ${consumer} and next_try_at is not null and tenant_id is not null order by tenant_id limit 1)
      union all
      select (select tenant_id from delivery_tries
              where consumer = ${consumer} and next_try_at is not null and tenant_id > tenant.tenant_id
              order by tenant_id limit 1)
      from tenant where tenant.tenant_id is not null
    ), due as (
      select own.event_id, own.turn
      from tenant cross join lateral (
        select event_id, row_number() over (order by next_try_at) as turn from delivery_tries
        where consumer = ${consumer} and tenant_id = tenant.tenant_id and next_try_at <= now() and envelope is not null
        order by next_try_at limit ${CLAIM_OF_A_TENANT}
      ) as own
      where tenant.tenant_id is not null
      union all
      (select event_id, 1 from delivery_tries
       where consumer = ${consumer} and tenant_id is null and next_try_at <= now() and envelope is not null
       limit ${CLAIM_OF_A_TENANT})
    ), taken as (
      select t.event_id from delivery_tries as t
      where t.consumer = ${consumer} and t.next_try_at <= now()
        and t.event_id in (select event_id from due order by turn limit ${CLAIM})
      for update skip locked
    )
    update delivery_tries as t set next_try_at = now() + ${LEASE}::interval
    from taken
    where t.consumer = ${consumer} and t.event_id = taken.event_id
    returning t.event_id as "eventId", t.subject, t.envelope, t.tries`;
}

/**
 * Takes a waiting event out in the transaction that handles it; false when another copy was faster.
 */
export async function finishTry(tx: Tx, consumer: string, { eventId, tries }: WaitingEvent): Promise<boolean> {
  const { count } = await tx`
    delete from delivery_tries where consumer = ${consumer} and event_id = ${eventId} and tries = ${tries}`;
  return count === 1;
}

/**
 * Notes one more failed try of a waiting event, like recordTry; null when another copy has had it
 * first: what that one made of it counts.
 */
export async function recordAnotherTry(
  tx: Tx,
  consumer: string,
  { eventId, tries }: WaitingEvent,
  error: string,
  pausesMs: readonly number[],
): Promise<number | null> {
  const [row] = await tx<{ tries: number }[]>`
    update delivery_tries
    set tries = tries + 1, last_error = ${error}, updated_at = now(),
        next_try_at = now() + (${`{${pausesMs.join(',')}}`}::text::float8[])[tries + 1] * interval '1 millisecond'
    where consumer = ${consumer} and event_id = ${eventId} and tries = ${tries}
    returning tries`;
  return row?.tries ?? null;
}

/** Error text fit for a column: no NUL, not endless. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replaceAll('\0', '�').slice(0, 4000);
}

function uuids(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}
