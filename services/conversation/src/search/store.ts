import { columns, type Tx } from '@recado/database';
import { messages, searchSegments } from '../schema.ts';
import type { Indexed, Segment } from './segment.ts';

const indexedColumns = columns(messages, { alias: 'm', only: ['id', 'content', 'sentTime'] });
const openColumns = columns(searchSegments, { alias: 's', only: ['id', 'messageIds'] });

/** What is found: words of people. Reactions have none. */
const hasWords = (tx: Tx) => tx`m.content <> '' and m.type <> 'reaction'`;

/** Messages of these ids that have words. */
export const selectIndexed = (tx: Tx, tenantId: string, ids: readonly string[]) => tx<Indexed[]>`
  select ${indexedColumns(tx)} from messages m
  where m.tenant_id = ${tenantId} and m.id = any(${ids as string[]}::uuid[]) and ${hasWords(tx)}
  order by m.sent_time, m.id`;

/** The next messages before an id, the latest first; null: before none. */
export const selectBefore = (tx: Tx, tenantId: string, id: string | null, limit: number) =>
  tx<(Indexed & { hasWords: boolean })[]>`
    select ${indexedColumns(tx)}, ${hasWords(tx)} as "hasWords" from messages m
    where m.tenant_id = ${tenantId} ${id === null ? tx`` : tx`and m.id < ${id}::uuid`}
    order by m.id desc limit ${limit}`;

/** Locks the segment that takes new messages, and makes one if there is none. */
export async function lockOpen(tx: Tx, tenantId: string, id: string): Promise<{ id: string; messageIds: string[] }> {
  await tx`
    insert into search_segments (tenant_id, id, message_ids, oldest_at, newest_at)
    values (${tenantId}, ${id}, '{}', now(), now()) on conflict (tenant_id) where words is null do nothing`;
  const [row] = await tx<(typeof openColumns.$row)[]>`
    select ${openColumns(tx)} from search_segments s where s.tenant_id = ${tenantId} and s.words is null for update`;
  return row!;
}

export const setOpen = (tx: Tx, tenantId: string, id: string, messageIds: readonly string[]) => tx`
  update search_segments set message_ids = ${messageIds as string[]}::uuid[]
  where tenant_id = ${tenantId} and id = ${id}`;

export async function insertSegments(tx: Tx, tenantId: string, segments: readonly (Segment & { id: string })[]) {
  for (const { id, messageIds, words, oldestAt, newestAt } of segments) {
    await tx`
      insert into search_segments (tenant_id, id, message_ids, words, oldest_at, newest_at)
      values (${tenantId}, ${id}, ${messageIds}::uuid[], ${words}::text::tsvector, ${oldestAt}, ${newestAt})`;
  }
}

/** Locks the segments that hold one of these messages. */
export const lockHolding = (tx: Tx, tenantId: string, ids: readonly string[], from: Date, to: Date) =>
  tx<(typeof openColumns.$row)[]>`
    select ${openColumns(tx)} from search_segments s
    where s.tenant_id = ${tenantId} and s.words is not null
      and s.oldest_at <= ${to} and s.newest_at >= ${from} and s.message_ids && ${ids as string[]}::uuid[]
    order by s.id for update`;

export const setWords = (tx: Tx, tenantId: string, id: string, words: string) => tx`
  update search_segments set words = ${words}::text::tsvector where tenant_id = ${tenantId} and id = ${id}`;

/** One row when the tenant's messages from before the index are still to be read. */
export const selectBackfill = (tx: Tx, tenantId: string) => tx<{ beforeId: string | null }[]>`
  select before_id as "beforeId" from search_backfills where tenant_id = ${tenantId}`;

/** Notes that the messages before an id are to be read. False when they are, or were. */
export async function insertBackfill(tx: Tx, tenantId: string, beforeId: string): Promise<boolean> {
  const { count } = await tx`
    insert into search_backfills (tenant_id, before_id) values (${tenantId}, ${beforeId}) on conflict do nothing`;
  return count > 0;
}

export const setBackfill = (tx: Tx, tenantId: string, beforeId: string | null) =>
  tx`update search_backfills set before_id = ${beforeId} where tenant_id = ${tenantId}`;

/** Some tenants with messages that the index knows nothing of. Worker role. */
export const selectUnknownTenants = (tx: Tx, limit: number) => tx<{ tenantId: string }[]>`
  with recursive t as (
    (select tenant_id from messages order by tenant_id limit 1)
    union all
    select (select m.tenant_id from messages m where m.tenant_id > t.tenant_id order by m.tenant_id limit 1)
    from t where t.tenant_id is not null
  )
  select tenant_id as "tenantId" from t
  where tenant_id is not null and not exists (select from search_backfills b where b.tenant_id = t.tenant_id)
  limit ${limit}`;
