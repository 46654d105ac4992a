import type { MessageFile } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { messageColumns, type ProviderKey, type StoredMessage } from '../messages/store.ts';

/** What became of the file of a message. */
export type FileNews = ProviderKey & { file: MessageFile };

const keysOf = (tx: Tx, keys: readonly ProviderKey[]) => tx`
  ${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.channelId)}::uuid[],
  ${keys.map((k) => k.providerMessageId)}::text[]`;

/** Of a file that was erased: only that there was one, and of what kind. */
const traceOf = (tx: Tx) => tx`
  jsonb_set(m.details, '{media}', jsonb_strip_nulls(jsonb_build_object('fileId', m.details->'media'->'fileId',
    'type', m.details->'media'->'type', 'voice', m.details->'media'->'voice')))`;

/** Writes files on their messages, in the common order; those that changed. */
export function writeFiles(tx: Tx, news: readonly FileNews[]) {
  return tx<StoredMessage[]>`
    with found as (
      select m.tenant_id, m.id, k.file
      from unnest(${keysOf(tx, news)}, ${news.map(({ file }) => JSON.stringify(file))}::text[]::jsonb[])
        as k (tenant_id, channel_id, provider_message_id, file)
      join messages m using (tenant_id, channel_id, provider_message_id)
      where m.file is distinct from k.file and (m.file->>'state') is distinct from 'erased'
      order by m.tenant_id, m.id for update of m
    )
    update messages m set file = f.file,
      details = case when f.file->>'state' = 'erased' and m.details->'media' is not null then ${traceOf(tx)}
                     else m.details end
    from found f
    where m.tenant_id = f.tenant_id and m.id = f.id returning ${messageColumns(tx)}`;
}

/** Leaves of files only that there were some, on the messages that we sent with them. */
export const eraseSentFiles = (tx: Tx, files: readonly { tenantId: string; fileId: string }[]) =>
  tx<StoredMessage[]>`
    with found as (
      select m.tenant_id, m.id
      from unnest(${files.map((f) => f.tenantId)}::uuid[], ${files.map((f) => f.fileId)}::text[]) as k (tenant_id, file_id)
      join messages m on m.tenant_id = k.tenant_id and m.direction = 'outbound'
        and m.details->'media'->>'fileId' = k.file_id
      where (m.file->>'state') is distinct from 'erased'
      order by m.tenant_id, m.id for update of m
    )
    update messages m set ${erased(tx)} from found f
    where m.tenant_id = f.tenant_id and m.id = f.id returning ${messageColumns(tx)}`;

const erased = (tx: Tx) => tx`
  file = jsonb_build_object('fileId', m.details->'media'->>'fileId', 'state', 'erased'), details = ${traceOf(tx)}`;

/** Keeps files until their messages come. */
export function keepWaiting(tx: Tx, news: readonly FileNews[]) {
  return tx`
    insert into pending_files (tenant_id, channel_id, provider_message_id, file)
    select * from unnest(${keysOf(tx, news)}, ${news.map(({ file }) => JSON.stringify(file))}::text[]::jsonb[])
    on conflict (tenant_id, channel_id, provider_message_id) do update set file = excluded.file`;
}

/** The files that wait for these messages; they wait no more. */
export function takeWaiting(tx: Tx, keys: readonly ProviderKey[]) {
  return tx<FileNews[]>`
    delete from pending_files p
    using unnest(${keysOf(tx, keys)}) as k (tenant_id, channel_id, provider_message_id)
    where p.tenant_id = k.tenant_id and p.channel_id = k.channel_id and p.provider_message_id = k.provider_message_id
    returning p.tenant_id as "tenantId", p.channel_id as "channelId", p.provider_message_id as "providerMessageId", p.file`;
}

/** Forgets files whose message never came, at most 10,000. */
export async function pruneFiles(tx: Tx): Promise<void> {
  await tx`
    delete from pending_files where ctid in (
      select ctid from pending_files where created_at < now() - interval '8 days' limit 10000)`;
}
