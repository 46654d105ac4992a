import type { ImportError, ImportStatus } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { joined, texts } from '../columns.ts';
import { imports } from '../schema.ts';
import type { FileRow } from './reading/limits.ts';

const importColumns = columns(imports, { alias: 'i' });
export type ImportRow = typeof importColumns.$row;
export type NewImport = Pick<
  ImportRow,
  'tenantId' | 'id' | 'fileName' | 'format' | 'encoding' | 'separator' | 'headers' | 'mapping' | 'origin' | 'createdBy'
> & { owner: string | null };

export const insertImport = (tx: Tx, row: NewImport) => tx`
  insert into imports (tenant_id, id, status, file_name, format, encoding, separator, headers, mapping, origin,
                       created_by, owner)
  values (${row.tenantId}, ${row.id}, 'reading', ${row.fileName}, ${row.format}, ${row.encoding}, ${row.separator},
          ${JSON.stringify(row.headers)}::text::jsonb, ${JSON.stringify(row.mapping)}::text::jsonb,
          ${JSON.stringify(row.origin)}::text::jsonb, ${row.createdBy}, ${row.owner})`;

/** A caller who sees only own rows sees only own imports. */
const seen = (tx: Tx, tenantId: string, owner: string | null) => tx`
  i.tenant_id = ${tenantId} ${owner === null ? tx`` : tx`and i.created_by = ${owner}`}`;

export const selectImport = (tx: Tx, tenantId: string, owner: string | null, id: string) =>
  tx<ImportRow[]>`select ${importColumns(tx)} from imports i where ${seen(tx, tenantId, owner)} and i.id = ${id}`;

export const selectImports = (tx: Tx, tenantId: string, owner: string | null, slice: Slice<{ id: string }>) =>
  tx<ImportRow[]>`
    select ${importColumns(tx)} from imports i
    where ${seen(tx, tenantId, owner)} ${slice.after ? tx`and i.id < ${slice.after.id}::uuid` : tx``}
    order by i.id desc limit ${slice.limit} offset ${slice.offset}`;

export const countImports = (tx: Tx, tenantId: string, owner: string | null) =>
  tx<{ count: number }[]>`select count(*)::int as count from imports i where ${seen(tx, tenantId, owner)}`;

/** @throws NotFound `import` for one that the caller does not see */
export async function lockImport(tx: Tx, tenantId: string, owner: string | null, id: string): Promise<ImportRow> {
  const [row] = await tx<ImportRow[]>`
    select ${importColumns(tx)} from imports i where ${seen(tx, tenantId, owner)} and i.id = ${id} for update`;
  if (!row) throw new NotFound('import', id);
  return row;
}

/** Imports of a tenant that wait or run. */
export const countOpen = (tx: Tx, tenantId: string) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from imports
    where tenant_id = ${tenantId} and status in ('reading', 'queued', 'running')`;

/** Locks the files that were read and not started, but for the latest ones. */
export const lockUnstarted = (tx: Tx, tenantId: string, keep: number) =>
  tx<ImportRow[]>`
    select ${importColumns(tx)} from imports i
    where i.tenant_id = ${tenantId} and i.status = 'read' and i.id in (
      select o.id from imports o where o.tenant_id = ${tenantId} and o.status = 'read' order by o.id desc offset ${keep})
    order by i.id for update`;

/** What may change of an import. */
type Changed = Partial<
  Pick<
    ImportRow,
    | 'status'
    | 'mapping'
    | 'onDuplicate'
    | 'totalRows'
    | 'createdRows'
    | 'updatedRows'
    | 'unchangedRows'
    | 'duplicateRows'
    | 'invalidRows'
    | 'nextChunk'
    | 'startedAt'
    | 'endedAt'
  >
>;

/** Writes a locked import, and returns it as it is now. */
export async function updateImport(tx: Tx, row: ImportRow, changed: Changed): Promise<ImportRow> {
  const now = { ...row, ...changed };
  await tx`
    update imports set
      status = ${now.status}, mapping = ${JSON.stringify(now.mapping)}::text::jsonb, on_duplicate = ${now.onDuplicate},
      total_rows = ${now.totalRows}, created_rows = ${now.createdRows}, updated_rows = ${now.updatedRows},
      unchanged_rows = ${now.unchangedRows}, duplicate_rows = ${now.duplicateRows}, invalid_rows = ${now.invalidRows},
      next_chunk = ${now.nextChunk}, started_at = ${now.startedAt}, ended_at = ${now.endedAt}
    where tenant_id = ${row.tenantId} and id = ${row.id}`;
  return now;
}

type ImportKey = Pick<ImportRow, 'tenantId' | 'id'>;

export const insertChunk = (tx: Tx, { tenantId, id }: ImportKey, number: number, rows: readonly FileRow[]) => tx`
  insert into import_chunks (tenant_id, import_id, number, rows)
  values (${tenantId}, ${id}, ${number}, ${JSON.stringify(rows.map(({ row, cells }) => [row, cells]))})`;

export async function findChunk(tx: Tx, { tenantId, id }: ImportKey, number: number): Promise<FileRow[] | null> {
  const [chunk] = await tx<{ rows: string }[]>`
    select rows from import_chunks where tenant_id = ${tenantId} and import_id = ${id} and number = ${number}`;
  if (!chunk) return null;
  return (JSON.parse(chunk.rows) as [number, string[]][]).map(([row, cells]) => ({ row, cells }));
}

/** Rows hold what people wrote of their customers: they go as soon as they are read. */
export const deleteChunks = (tx: Tx, { tenantId, id }: ImportKey, upTo?: number) => tx`
  delete from import_chunks
  where tenant_id = ${tenantId} and import_id = ${id} ${upTo === undefined ? tx`` : tx`and number <= ${upTo}`}`;

export const deleteImport = (tx: Tx, { tenantId, id }: ImportKey) => tx`
  delete from imports where tenant_id = ${tenantId} and id = ${id}`;

export const insertErrors = (tx: Tx, { tenantId, id }: ImportKey, errors: readonly ImportError[]) => tx`
  insert into import_errors (tenant_id, import_id, row, field, code, params)
  select ${tenantId}::uuid, ${id}::uuid, e.row, e.field, e.code, e.params::jsonb
  from unnest(${joined(errors.map((e) => e.row))}::int[],
              ${texts(
                tx,
                errors.map((e) => e.field),
              )},
              ${texts(
                tx,
                errors.map((e) => e.code),
              )},
              ${texts(
                tx,
                errors.map((e) => e.params && JSON.stringify(e.params)),
              )}) as e (row, field, code, params)
  on conflict do nothing`;

export const selectErrors = (tx: Tx, { tenantId, id }: ImportKey, slice: Slice<{ row: number; field: string }>) =>
  tx<ImportError[]>`
    select e.row, e.field, e.code, e.params from import_errors e
    where e.tenant_id = ${tenantId} and e.import_id = ${id}
      ${slice.after ? tx`and (e.row, e.field) > (${slice.after.row}::int, ${slice.after.field}::text)` : tx``}
    order by e.row, e.field limit ${slice.limit} offset ${slice.offset}`;

export const countErrors = (tx: Tx, { tenantId, id }: ImportKey) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from import_errors where tenant_id = ${tenantId} and import_id = ${id}`;

/** The import of the tenant that is running; null when there is none. */
export async function findRunning(tx: Tx, tenantId: string): Promise<Pick<ImportRow, 'id'> | null> {
  const [row] = await tx<{ id: string }[]>`
    select id from imports where tenant_id = ${tenantId} and status = 'running'`;
  return row ?? null;
}

/** Phones of the list that are contacts of others in the address book, by their keys. */
export async function findOthers(
  tx: Tx,
  tenantId: string,
  owner: string,
  phoneKeys: readonly string[],
): Promise<Set<string>> {
  const rows = await tx<{ value: string }[]>`
    select i.value from contact_identities i join contacts k on k.tenant_id = i.tenant_id and k.id = i.contact_id
    where i.tenant_id = ${tenantId} and i.kind = 'phone' and i.value = any(${phoneKeys as string[]}::text[])
      and k.entered_at is not null and k.deleted_at is null and k.created_by is distinct from ${owner}`;
  return new Set(rows.map(({ value }) => value));
}

/** Ends imports whose job was given up, and forgets what is old or was never started. */
export async function pruneImports(tx: Tx): Promise<void> {
  await tx`
    update imports i set status = 'failed', ended_at = now() from jobs j
    where j.tenant_id = i.tenant_id and j.name = 'import-contacts' and j.key = i.id::text and j.state = 'dead'
      and i.status in ('queued', 'running')`;
  await tx`
    with old as (
      delete from imports where ctid in (
        select ctid from imports
        where created_at < now() - interval '30 days'
           or status in ('reading', 'read') and created_at < now() - interval '1 day'
        limit 100)
      returning tenant_id, id
    ), chunks as (
      delete from import_chunks c using old where c.tenant_id = old.tenant_id and c.import_id = old.id
    )
    delete from import_errors e using old where e.tenant_id = old.tenant_id and e.import_id = old.id`;
  const ended: ImportStatus[] = ['cancelled', 'failed', 'done'];
  await tx`
    delete from import_chunks c using imports i
    where i.tenant_id = c.tenant_id and i.id = c.import_id and i.status = any(${ended}::text[])`;
}
