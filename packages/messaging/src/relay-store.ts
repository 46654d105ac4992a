import { KEEP_HOURS } from './streams.ts';
import type { WorkerSql } from './types.ts';

/** A row on its way out, as the driver read it: bytes that go to the socket as they are. */
export interface UnsentRow {
  id: string;
  subject: string;
  envelope: Uint8Array;
  /** It was in the stream before the stream was lost. */
  replay: boolean;
}

/**
 * The next unsent rows that are not on their way already. Never "later than the last one": transactions commit out of
 * order, and a row may turn up behind those that were read.
 */
export async function readUnsent(sql: WorkerSql, inFlight: Iterable<string>, limit: number): Promise<UnsentRow[]> {
  const flying = `{${[...inFlight].join(',')}}`;
  const rows = await sql`
    select id, subject, envelope, stream_seq is not null
    from outbox
    where published_at is null and id <> all(${flying}::text::uuid[])
    order by created_at, id
    limit ${limit}`.raw();
  return (rows as unknown as [Buffer, Buffer, Buffer, Buffer][]).map(([id, subject, envelope, replay]) => ({
    id: id.toString('latin1'),
    subject: subject.toString(),
    envelope,
    replay: replay[0] === 0x74, // 't'
  }));
}

/** Notes what the stream acknowledged, and the highest sequence seen, in one statement. */
export async function markPublished(
  sql: WorkerSql,
  stream: string,
  acked: ReadonlyMap<string, number>,
  highWater: number,
) {
  const ids = `{${[...acked.keys()].join(',')}}`;
  const seqs = `{${[...acked.values()].join(',')}}`;
  await sql`
    with marked as (
      update outbox set published_at = now(), stream_seq = acked.seq
      from unnest(${ids}::text::uuid[], ${seqs}::text::bigint[]) as acked(id, seq)
      where outbox.id = acked.id
    )
    update relay_state set high_water = greatest(high_water, ${highWater}), updated_at = now() where stream = ${stream}`;
}

export interface RelayState {
  streamCreated: string;
  highWater: number;
}

export async function findRelayState(sql: WorkerSql, stream: string): Promise<RelayState | null> {
  const [row] = await sql<{ stream_created: string; high_water: string }[]>`
    select stream_created, high_water from relay_state where stream = ${stream}`;
  return row ? { streamCreated: row.stream_created, highWater: Number(row.high_water) } : null;
}

export async function saveRelayState(sql: WorkerSql, stream: string, streamCreated: string, highWater: number) {
  await sql`
    insert into relay_state (stream, stream_created, high_water)
    values (${stream}, ${streamCreated}, ${highWater})
    on conflict (stream) do update
    set stream_created = excluded.stream_created, high_water = excluded.high_water, updated_at = now()`;
}

/**
 * Marks everything the outbox still remembers as unsent. In pieces, because it may be millions of rows; a crash between
 * two of them is repaired by the next verification, which finds the stream's identity still unknown.
 */
export async function markAllUnsent(sql: WorkerSql): Promise<number> {
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

export async function outboxBacklog(sql: WorkerSql): Promise<{ unsent: number; oldestSeconds: number }> {
  const [row] = await sql<{ unsent: number; oldest: number }[]>`
    select count(*)::int as unsent,
           coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest
    from outbox where published_at is null`;
  return { unsent: row?.unsent ?? 0, oldestSeconds: row?.oldest ?? 0 };
}
