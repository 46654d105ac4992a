import { columns, type Sql, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { files } from '../schema.ts';

const fileColumns = columns(files, { alias: 'f' });
export type FileRow = typeof fileColumns.$row;

/** What is known of a file once its bytes are here. */
export type StoredParts = Pick<
  FileRow,
  'type' | 'size' | 'storedBytes' | 'sha256' | 'width' | 'height' | 'thumbnailType' | 'playbackType'
>;

export type NewUpload = StoredParts & Pick<FileRow, 'tenantId' | 'id' | 'name' | 'createdBy'>;

export async function insertUpload(tx: Tx, row: NewUpload): Promise<FileRow> {
  const [made] = await tx<FileRow[]>`
    insert into files as f (tenant_id, id, name, type, size, stored_bytes, sha256, width, height, thumbnail_type,
                            playback_type, state, source, created_by)
    values (${row.tenantId}, ${row.id}, ${row.name}, ${row.type}, ${row.size}, ${row.storedBytes}, ${row.sha256},
            ${row.width}, ${row.height}, ${row.thumbnailType}, ${row.playbackType}, 'uploaded', 'upload', ${row.createdBy})
    returning ${fileColumns(tx)}`;
  return made!;
}

export function selectFile(tx: Tx, tenantId: string, id: string) {
  return tx<FileRow[]>`select ${fileColumns(tx)} from files f where f.tenant_id = ${tenantId} and f.id = ${id}`;
}

/** @throws NotFound */
export async function lockFile(tx: Tx, tenantId: string, id: string): Promise<FileRow> {
  const [row] = await tx<FileRow[]>`
    select ${fileColumns(tx)} from files f where f.tenant_id = ${tenantId} and f.id = ${id} for update`;
  if (!row) throw new NotFound('file', id);
  return row;
}

export async function markReady(
  tx: Tx,
  { tenantId, id }: Pick<FileRow, 'tenantId' | 'id'>,
  related: Pick<FileRow, 'relatedType' | 'relatedId'>,
): Promise<FileRow> {
  const [row] = await tx<FileRow[]>`
    update files f set state = 'ready', related_type = ${related.relatedType}, related_id = ${related.relatedId}
    where f.tenant_id = ${tenantId} and f.id = ${id} returning ${fileColumns(tx)}`;
  return row!;
}

/** Removes rows; what they took of the plan is free again. `sendable`: messages may name it. */
export function deleteFiles(tx: Tx, tenantId: string, ids: readonly string[]) {
  return tx<{ id: string; sendable: boolean }[]>`
    with gone as (
      delete from files where tenant_id = ${tenantId} and id = any(${ids as string[]}::uuid[])
      returning tenant_id, id, stored_bytes, source = 'upload' and state = 'ready' as sendable
    ), freed as (
      update file_usage u set bytes = greatest(0, u.bytes - (select coalesce(sum(stored_bytes), 0) from gone))
      where u.tenant_id = ${tenantId} and exists (select from gone)
    )
    select id, sendable from gone order by id`;
}

/** What the tenant's files take. */
export function selectUsage(tx: Tx, tenantId: string) {
  return tx<{ bytes: number }[]>`select bytes::float8 as bytes from file_usage where tenant_id = ${tenantId}`;
}

/**
 * Takes room of the plan. The row is locked until the transaction ends, so two at once never take
 * more than there is. @param max null: no limit
 * @returns false when there is not enough
 */
export async function takeRoom(tx: Tx, tenantId: string, bytes: number, max: number | null): Promise<boolean> {
  await tx`insert into file_usage (tenant_id, bytes) values (${tenantId}, 0) on conflict do nothing`;
  const taken = await tx`
    update file_usage set bytes = bytes + ${bytes}
    where tenant_id = ${tenantId} and (${max}::bigint is null or bytes + ${bytes} <= ${max}::bigint) returning 1`;
  return taken.length > 0;
}

/** Uploads that no form confirmed within an hour, of all tenants. Worker role. */
export function selectAbandoned(sql: Sql, limit: number) {
  return sql<{ tenantId: string; id: string }[]>`
    select tenant_id as "tenantId", id from files
    where state = 'uploaded' and created_at < now() - interval '1 hour' order by created_at limit ${limit}`;
}

export type NewFetch = Pick<FileRow, 'tenantId' | 'id' | 'name' | 'type'> & {
  channelId: string;
  providerMessageId: string;
  media: NonNullable<FileRow['media']>;
};

/** Rows of files that are to be fetched. A message has one file, so a repeat adds none. */
export function insertFetching(tx: Tx, rows: readonly NewFetch[]) {
  return tx<{ tenantId: string; id: string }[]>`
    insert into files (tenant_id, id, name, type, size, state, source, channel_id, provider_message_id, media)
    select tenant_id, id, name, type, 0, 'fetching', 'inbound', channel_id, provider_message_id, media
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.name)}::text[],
                ${rows.map((r) => r.type)}::text[], ${rows.map((r) => r.channelId)}::uuid[],
                ${rows.map((r) => r.providerMessageId)}::text[], ${rows.map((r) => JSON.stringify(r.media))}::text[]::jsonb[])
      as new (tenant_id, id, name, type, channel_id, provider_message_id, media)
    on conflict do nothing
    returning tenant_id as "tenantId", id`;
}

/** What a fetch made of a row; null when the row is gone, or another copy was faster. */
export async function markFetched(
  tx: Tx,
  { tenantId, id }: Pick<FileRow, 'tenantId' | 'id'>,
  parts: StoredParts,
): Promise<FileRow | null> {
  const [row] = await tx<FileRow[]>`
    update files f set state = 'ready', type = ${parts.type}, size = ${parts.size}, stored_bytes = ${parts.storedBytes},
      sha256 = ${parts.sha256}, width = ${parts.width}, height = ${parts.height}, thumbnail_type = ${parts.thumbnailType},
      playback_type = ${parts.playbackType}, error_code = null, error_message = null
    where f.tenant_id = ${tenantId} and f.id = ${id} and f.state = 'fetching' returning ${fileColumns(tx)}`;
  return row ?? null;
}

export async function markFailed(
  tx: Tx,
  { tenantId, id }: Pick<FileRow, 'tenantId' | 'id'>,
  error: { code: string; message: string },
): Promise<FileRow | null> {
  const [row] = await tx<FileRow[]>`
    update files f set state = 'failed', error_code = ${error.code}, error_message = ${error.message}
    where f.tenant_id = ${tenantId} and f.id = ${id} and f.state = 'fetching' returning ${fileColumns(tx)}`;
  return row ?? null;
}
