import type { FileForm } from '@recado/contracts';
import { columns, type Sql, type Tx } from '@recado/database';
import { files, providerFiles } from '../schema.ts';

const fileColumns = columns(files, {
  alias: 'f',
  only: ['id', 'tenantId', 'name', 'type', 'size', 'state', 'playbackType'],
});
export type SentFileRow = typeof fileColumns.$row;

const broughtColumns = columns(providerFiles, {
  alias: 'p',
  only: ['fileId', 'form', 'providerFileId', 'failure', 'updatedAt'],
});
export type BroughtRow = typeof broughtColumns.$row;

/** A file that is to be at the provider of a number. */
export interface WantedFile {
  tenantId: string;
  channelId: string;
  fileId: string;
  form: FileForm;
}

/** Files of the tenant by their ids. */
export const selectFiles = (sql: Sql | Tx, tenantId: string, ids: readonly string[]) => sql<SentFileRow[]>`
  select ${fileColumns(sql)} from files f where f.tenant_id = ${tenantId} and f.id = any(${ids as string[]}::uuid[])`;

/** What of these files is at the provider now, or failed to get there within a minute. */
export const selectBrought = (sql: Sql, tenantId: string, channelId: string, ids: readonly string[]) => sql<
  BroughtRow[]
>`
  select ${broughtColumns(sql)} from provider_files p
  where p.tenant_id = ${tenantId} and p.channel_id = ${channelId} and p.file_id = any(${ids as string[]}::uuid[])
    and (p.expires_at > now() or (p.failure is not null and p.updated_at > now() - interval '1 minute'))`;

/**
 * Notes that files are on their way, where neither they are there nor another job brings them.
 * @returns those that a job is needed for
 */
export function markOrdered(tx: Tx, wanted: readonly WantedFile[]) {
  const column = <K extends keyof WantedFile>(name: K) => wanted.map((one) => one[name]);
  return tx<WantedFile[]>`
    insert into provider_files as p (tenant_id, channel_id, file_id, form, ordered_at)
    select tenant_id, channel_id, file_id, form, now()
    from unnest(${column('tenantId')}::uuid[], ${column('channelId')}::uuid[], ${column('fileId')}::uuid[],
                ${column('form')}::text[]) as w (tenant_id, channel_id, file_id, form)
    on conflict (tenant_id, file_id, channel_id, form) do update
      set ordered_at = now(), provider_file_id = null, expires_at = null, failure = null, updated_at = now()
      where (p.expires_at is null or p.expires_at <= now())
        and (p.ordered_at is null or p.ordered_at < now() - interval '5 minutes')
    returning tenant_id as "tenantId", channel_id as "channelId", file_id as "fileId", form`;
}

/** How bringing a file ended. One that was erased in between leaves nothing. */
export function saveBrought(
  tx: Tx,
  { tenantId, channelId, fileId, form }: WantedFile,
  result: { providerFileId: string; keepMs: number } | { failure: NonNullable<BroughtRow['failure']> },
) {
  const done = 'providerFileId' in result ? result : null;
  const failure = 'failure' in result ? JSON.stringify(result.failure) : null;
  return tx`
    update provider_files set provider_file_id = ${done?.providerFileId ?? null}, ordered_at = null, updated_at = now(),
      expires_at = now() + make_interval(secs => ${done ? done.keepMs / 1000 : null}::float8), failure = ${failure}::text::jsonb
    where tenant_id = ${tenantId} and channel_id = ${channelId} and file_id = ${fileId} and form = ${form}`;
}

/** Files that are there no more for us; those that the provider still has. */
export const deleteBrought = (tx: Tx, tenantId: string, ids: readonly string[]) => tx<
  { channelId: string; providerFileId: string }[]
>`
  with gone as (
    delete from provider_files where tenant_id = ${tenantId} and file_id = any(${ids as string[]}::uuid[])
    returning channel_id, provider_file_id
  )
  select channel_id as "channelId", provider_file_id as "providerFileId" from gone where provider_file_id is not null`;

/** The next message that needs them brings them anew. */
export const forgetBrought = (sql: Sql, tenantId: string, channelId: string, ids: readonly string[]) => sql`
  delete from provider_files
  where tenant_id = ${tenantId} and channel_id = ${channelId} and file_id = any(${ids as string[]}::uuid[])
    and ordered_at is null`;

/** Messages that waited for a file may go now; how many there were. */
export async function wakeWaiting(tx: Tx, { tenantId, channelId, fileId }: WantedFile): Promise<number> {
  const rows = await tx`
    update dispatches set due_at = now(), updated_at = now()
    where tenant_id = ${tenantId} and channel_id = ${channelId} and state = 'queued' and error_code = ${WAITS_FOR_FILE}
      and due_at > now() and strpos(content::text, ${fileId}) > 0 returning 1`;
  return rows.length;
}

/** Code of a message that waits until its file is at the provider. */
export const WAITS_FOR_FILE = 'file_on_its_way';

/** Drops what is at providers no more, at most 10,000. Worker role. */
export async function pruneProviderFiles(sql: Sql): Promise<void> {
  await sql`
    delete from provider_files where ctid in (
      select ctid from provider_files where expires_at < now() limit 10000)`;
}
