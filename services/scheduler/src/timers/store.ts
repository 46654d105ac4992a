import type { Timer } from '@recado/contracts';
import { columns, type Database, type Tx } from '@recado/database';
import type { PendingQuery, Row } from 'postgres';
import { timers } from '../schema.ts';
import type { TimerWord } from './rules.ts';

/** The columns of a TimerRow. */
const timerColumns = columns(timers, { alias: 'timers', except: ['eventTime', 'eventId', 'updatedAt'] });
export type TimerRow = typeof timerColumns.$row;

/**
 * How long fired and cancelled rows stay. They are the memory that tells a repeated order from a
 * new one, so it must be longer than streams and outboxes can repeat (72 h).
 */
const KEEP_DONE = '7 days';

/**
 * Applies distinct timer events; an older one or a repeat changes nothing. A newer order arms the
 * timer again, also after firing. A newer cancellation leaves a fired timer.
 */
export async function applyWords(tx: Tx, words: readonly (TimerWord & { id: string })[]): Promise<void> {
  if (words.length === 0) return;
  const of = <K extends keyof (typeof words)[number]>(key: K) => words.map((word) => word[key]);
  await tx`
    insert into timers (tenant_id, id, owner, key, fire_at, state, payload, event_time, event_id)
    select tenant_id, id, owner, key, fire_at, state, payload::jsonb, event_time, event_id
    from unnest(${of('tenantId')}::uuid[], ${of('id')}::uuid[], ${of('owner')}::text[], ${of('key')}::text[],
                ${of('fireAt')}::timestamptz[], ${of('state')}::text[],
                ${words.map((word) => JSON.stringify(word.payload))}::text[],
                ${of('eventTime')}::timestamptz[], ${of('eventId')}::uuid[])
         as word (tenant_id, id, owner, key, fire_at, state, payload, event_time, event_id)
    on conflict (tenant_id, owner, key) do update set
      state = case when excluded.state = 'cancelled' and timers.state = 'fired' then 'fired' else excluded.state end,
      fire_at = case when excluded.state = 'cancelled' and timers.state = 'fired' then timers.fire_at else excluded.fire_at end,
      fired_at = case when excluded.state = 'cancelled' then timers.fired_at end,
      payload = case when excluded.state = 'cancelled' and timers.state = 'fired' then timers.payload else excluded.payload end,
      event_time = excluded.event_time, event_id = excluded.event_id, updated_at = now()
    where (timers.event_time, timers.event_id) < (excluded.event_time, excluded.event_id)`;
}

/**
 * Marks due timers fired, oldest first; each goes to one caller. Due by the database's
 * `statement_timestamp()`: a volatile bound would be tested on every armed row.
 */
export const claimDue = (tx: Tx, limit: number) =>
  fire(
    tx,
    tx`select tenant_id, id from timers
       where state = 'armed' and fire_at <= statement_timestamp()
       order by fire_at limit ${limit}
       for update skip locked`,
  );

/**
 * The same, but `limitEach` of every tenant: a tenant with many due does not hold up the others.
 */
export const claimDueOfEach = (tx: Tx, limitEach: number) =>
  fire(
    tx,
    tx`select due.tenant_id, due.id
       from (
         with recursive waiting as (
           (select tenant_id from timers where state = 'armed' order by tenant_id limit 1)
           union all
           select (select t.tenant_id from timers t
                   where t.state = 'armed' and t.tenant_id > waiting.tenant_id order by t.tenant_id limit 1)
           from waiting where waiting.tenant_id is not null
         )
         select tenant_id from waiting where tenant_id is not null
       ) as waiting
       cross join lateral (
         select t.tenant_id, t.id from timers t
         where t.tenant_id = waiting.tenant_id and t.state = 'armed' and t.fire_at <= statement_timestamp()
         order by t.fire_at limit ${limitEach}
         for update skip locked
       ) as due`,
  );

const fire = (tx: Tx, due: PendingQuery<Row[]>) =>
  tx<(TimerRow & { firedAt: Date })[]>`
    with due as materialized (${due})
    update timers set state = 'fired', fired_at = clock_timestamp(), updated_at = now()
    from due where timers.tenant_id = due.tenant_id and timers.id = due.id
    returning ${timerColumns(tx)}`;

/** Milliseconds until the next timer is due (0 or less: one is), null when none is armed. */
export async function untilNext({ sql }: Database): Promise<number | null> {
  const [row] = await sql<{ ms: number }[]>`
    select (extract(epoch from fire_at - clock_timestamp()) * 1000)::float8 as ms
    from timers where state = 'armed' order by fire_at limit 1`;
  return row?.ms ?? null;
}

/** Removes timers done long ago, `limit` at most. Returns how many. */
export async function pruneDone(tx: Tx, limit: number): Promise<number> {
  const { count } = await tx`
    delete from timers where ctid = any(array(
      select ctid from timers where state <> 'armed' and updated_at < now() - ${KEEP_DONE}::interval limit ${limit}))`;
  return count;
}

export interface TimerFilter {
  state?: Timer['state'] | undefined;
  owner?: string | undefined;
  /** Only what comes after this one. */
  after?: { fireAt: string; id: string } | undefined;
}

/** A tenant's timers by due time. */
export const selectTimers = (tx: Tx, tenantId: string, { state, owner, after }: TimerFilter, limit: number) =>
  tx<TimerRow[]>`
    select ${timerColumns(tx)} from timers
    where tenant_id = ${tenantId}
      ${state ? tx`and state = ${state}` : tx``}
      ${owner ? tx`and owner = ${owner}` : tx``}
      ${after ? tx`and (fire_at, id) > (${after.fireAt}::timestamptz, ${after.id}::uuid)` : tx``}
    order by fire_at, id limit ${limit}`;

/** The timer as the internal API shows it. */
export function timerView(row: TimerRow): Timer {
  const { tenantId: _, fireAt, firedAt, createdAt, ...rest } = row;
  return {
    ...rest,
    fireAt: fireAt.toISOString(),
    firedAt: firedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
