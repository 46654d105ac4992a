import { KEEP_HOURS } from '../jetstream/streams.ts';
import type { RelayStateRow } from '../tables.ts';
import type { Sql } from '../types.ts';

/**
 * An event batch on its way out, as the driver read it: bytes that go to the socket as they are.
 */
export interface UnsentRow {
  id: string;
  subject: string;
  envelope: Uint8Array;
  /** How many it holds. */
  events: number;
  /** It was in the stream before the stream was lost. */
  replay: boolean;
}

/**
 * The leader's session. A lost mark costs a second publish, so commits need not sync. The index is
 * always right, statistics are not. Generic plans walk the ids in flight for each row.
 */
export async function prepareSession(sql: Sql): Promise<void> {
  await sql.unsafe(
    'set synchronous_commit = off; set plan_cache_mode = force_custom_plan; set enable_seqscan = off; set enable_sort = off',
  );
}

export interface UnsentBatch {
  rows: UnsentRow[];
  /** When the last of them was written, as Postgres writes it; null when there are none. */
  lastCreated: string | null;
}

/**
 * The next unsent rows not in flight. No "later than": commits are out of order. `near` skips rows
 * 5 s older than that time, because published index entries stay during a backup.
 */
export async function readUnsent(
  sql: Sql,
  inFlight: Iterable<string>,
  limit: number,
  near: string | null,
): Promise<UnsentBatch> {
  const inFlightIds = `{${[...inFlight].join(',')}}`;
  const found = await sql`
    select id, subject, envelope, events, stream_seq is not null, created_at
    from outbox
    where published_at is null and id <> all(${inFlightIds}::uuid[])
      and created_at >= ${near ?? '-infinity'}::text::timestamptz - interval '5 seconds'
    order by created_at, id
    limit ${limit}`.raw();
  const raw = found as unknown as RawRow[];
  return { rows: raw.map(toRow), lastCreated: raw.at(-1)?.[5].toString('latin1') ?? null };
}

/** `id, subject, envelope, events, replay, created_at or tenant_id` as bytes. */
type RawRow = [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];

function toRow([id, subject, envelope, events, replay]: RawRow): UnsentRow {
  return {
    id: id.toString('latin1'),
    subject: subject.toString(),
    envelope,
    events: Number(events.toString('latin1')),
    replay: replay[0] === 0x74, // 't'
  };
}

/** Tenants that have a turn in one read. */
export const TENANTS_A_READ = 64;
/** Comes before every tenant. */
export const NO_TENANT = '00000000-0000-0000-0000-000000000000';

export interface RoundRobinRows {
  /** Of each tenant its oldest row, then of each the next, and so on. */
  rows: UnsentRow[];
  /** How many tenants had rows. */
  tenants: number;
  /** The last of them. */
  lastTenant: string | null;
  /** The most rows that one of them had. */
  most: number;
}

export interface TurnsWanted {
  limit: number;
  perTenant: number;
  after: string;
  /** Tenants that have no turn. */
  except?: Iterable<string>;
}

/**
 * Unsent rows round-robin: the oldest rows of each next tenant after `after`, at most `perTenant`.
 * The index is jumped through, so a backlog costs no more than a short queue.
 */
export async function readRoundRobin(
  sql: Sql,
  inFlight: Iterable<string>,
  { limit, perTenant, after, except = [] }: TurnsWanted,
): Promise<RoundRobinRows> {
  const inFlightIds = `{${[...inFlight].join(',')}}`;
  const passedOver = `{${[...except].join(',')}}`;
  const found = await sql`
    with recursive tenant as (
      (select tenant_id, 1 as n from outbox
       where published_at is null and tenant_id > ${after}::text::uuid order by tenant_id limit 1)
      union all
      select (select tenant_id from outbox
              where published_at is null and tenant_id > tenant.tenant_id order by tenant_id limit 1), tenant.n + 1
      from tenant where tenant.tenant_id is not null and tenant.n < ${TENANTS_A_READ}::int
    )
    select id, subject, envelope, events, replay, tenant_id, turn, (select max(n) from tenant where tenant_id is not null)
    from tenant cross join lateral (
      select id, subject, envelope, events, stream_seq is not null as replay, row_number() over (order by created_at, id) as turn
      from outbox
      where published_at is null and outbox.tenant_id = tenant.tenant_id and id <> all(${inFlightIds}::uuid[])
      order by created_at, id limit ${perTenant}
    ) as own
    where tenant.tenant_id is not null and tenant.tenant_id <> all(${passedOver}::uuid[])
    order by turn, tenant_id limit ${limit}`.raw();
  const raw = found as unknown as [...RawRow, Buffer, Buffer][];
  const tenants = raw.map((row) => row[5].toString('latin1'));
  return {
    rows: raw.map((row) => toRow(row.slice(0, 6) as unknown as RawRow)),
    tenants: Number(raw[0]?.[7].toString('latin1') ?? 0),
    lastTenant: tenants.reduce<string | null>((last, one) => (last === null || one > last ? one : last), null),
    most: Math.max(0, ...raw.map((row) => Number(row[6].toString('latin1')))),
  };
}

/** Notes what the stream acknowledged, and the highest sequence seen, in one statement. */
export async function markPublished(sql: Sql, stream: string, acked: ReadonlyMap<string, number>, highWater: number) {
  const ids = `{${[...acked.keys()].join(',')}}`;
  const seqs = `{${[...acked.values()].join(',')}}`;
  await sql`
    with marked as (
      update outbox set published_at = now(), stream_seq = acked.seq
      from unnest(${ids}::uuid[], ${seqs}::bigint[]) as acked(id, seq)
      where outbox.id = acked.id
    )
    update relay_state set high_water = greatest(high_water, ${highWater}), updated_at = now() where stream = ${stream}`;
}

export type RelayState = Pick<RelayStateRow, 'streamCreated' | 'highWater'>;

export async function findRelayState(sql: Sql, stream: string): Promise<RelayState | null> {
  const [row] = await sql<{ stream_created: string; high_water: string }[]>`
    select stream_created, high_water from relay_state where stream = ${stream}`;
  return row ? { streamCreated: row.stream_created, highWater: Number(row.high_water) } : null;
}

export async function saveRelayState(sql: Sql, stream: string, streamCreated: string, highWater: number) {
  await sql`
    insert into relay_state (stream, stream_created, high_water)
    values (${stream}, ${streamCreated}, ${highWater})
    on conflict (stream) do update
    set stream_created = excluded.stream_created, high_water = excluded.high_water, updated_at = now()`;
}

/**
 * Marks all kept rows unsent, in pieces because there may be millions. After a crash in between,
 * the next verification repairs it: the stream's identity is still unknown.
 */
export async function markAllUnsent(sql: Sql): Promise<number> {
  for (let total = 0; ; ) {
    const { count } = await sql`
      update outbox set published_at = null
      where id in (select id from outbox
                   where published_at is not null and created_at > now() - make_interval(hours => ${KEEP_HOURS})
                   limit 10000)`;
    total += count;
    if (count === 0) return total;
  }
}

/** Events, not rows: a row may hold 64. */
export async function outboxBacklog(sql: Sql): Promise<{ unsent: number; oldestSeconds: number }> {
  const [row] = await sql<{ unsent: number; oldest: number }[]>`
    select coalesce(sum(events), 0)::int as unsent,
           coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest
    from outbox where published_at is null`;
  return { unsent: row?.unsent ?? 0, oldestSeconds: row?.oldest ?? 0 };
}
