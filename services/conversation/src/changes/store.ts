import { uuidv7 } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import { joined, texts } from '../columns.ts';
import { messageColumns, type ProviderKey, type StoredMessage } from '../messages/store.ts';
import { messageVersions } from '../schema.ts';

const versionColumns = columns(messageVersions, { alias: 'v', except: ['createdAt'] });
export type VersionRow = typeof versionColumns.$row;

const keysOf = (tx: Tx, keys: readonly ProviderKey[]) => tx`${joined(keys.map((k) => k.tenantId))}::uuid[],
  ${joined(keys.map((k) => k.channelId))}::uuid[], ${texts(
    tx,
    keys.map((k) => k.providerMessageId),
  )}`;

/** Keeps versions, each once. The result's `count` says how many were new. */
export function insertVersions(tx: Tx, rows: readonly VersionRow[]) {
  return tx`
    insert into message_versions (tenant_id, channel_id, provider_message_id, change_id, kind, direction, at, type, content,
                                  details, message_id)
    select * from unnest(${keysOf(tx, rows)}, ${rows.map((r) => r.changeId)}::text[], ${rows.map((r) => r.kind)}::text[],
                         ${rows.map((r) => r.direction)}::text[],
                         ${rows.map((r) => r.at.toISOString())}::text[]::timestamptz[], ${rows.map((r) => r.type)}::text[],
                         ${rows.map((r) => r.content)}::text[],
                         ${rows.map((r) => r.details && JSON.stringify(r.details))}::text[]::jsonb[],
                         ${rows.map((r) => r.messageId)}::uuid[])
    on conflict do nothing`;
}

/** Which of these messages have changes that came before them. */
export const findWaiting = (tx: Tx, keys: readonly ProviderKey[]) => tx<ProviderKey[]>`
  select distinct v.tenant_id as "tenantId", v.channel_id as "channelId", v.provider_message_id as "providerMessageId"
  from unnest(${keysOf(tx, keys)}) as k (tenant_id, channel_id, provider_message_id)
  join message_versions v using (tenant_id, channel_id, provider_message_id)`;

/** The conversations in which these messages are. */
export const findPlaces = (tx: Tx, keys: readonly ProviderKey[]) => tx<{ tenantId: string; id: string }[]>`
  select distinct m.tenant_id as "tenantId", m.conversation_id as id
  from unnest(${keysOf(tx, keys)}) as k (tenant_id, channel_id, provider_message_id)
  join messages m using (tenant_id, channel_id, provider_message_id)`;

/** Whose conversation each message is in. */
export const contactsOfMessages = (tx: Tx, keys: readonly Pick<StoredMessage, 'tenantId' | 'id'>[]) => tx<
  { tenantId: string; id: string; contactId: string }[]
>`
  select m.tenant_id as "tenantId", m.id, c.contact_id as "contactId"
  from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as k (tenant_id, id)
  join messages m on m.tenant_id = k.tenant_id and m.id = k.id
  join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id`;

/** Removes changes that were none of their makers'. */
export const deleteVersions = (tx: Tx, rows: readonly VersionRow[]) => tx`
  delete from message_versions v
  using unnest(${keysOf(tx, rows)}, ${rows.map((r) => r.changeId)}::text[])
    as k (tenant_id, channel_id, provider_message_id, change_id)
  where v.tenant_id = k.tenant_id and v.channel_id = k.channel_id and v.provider_message_id = k.provider_message_id
    and v.change_id = k.change_id`;

/** Locks messages in the common order. */
export const lockMessages = (tx: Tx, keys: readonly ProviderKey[]) => tx<StoredMessage[]>`
  select ${messageColumns(tx)}
  from unnest(${keysOf(tx, keys)}) as k (tenant_id, channel_id, provider_message_id)
  join messages m using (tenant_id, channel_id, provider_message_id)
  order by m.tenant_id, m.id for update of m`;

export const findVersions = (tx: Tx, keys: readonly ProviderKey[]) => tx<VersionRow[]>`
  select ${versionColumns(tx)}
  from unnest(${keysOf(tx, keys)}) as k (tenant_id, channel_id, provider_message_id)
  join message_versions v using (tenant_id, channel_id, provider_message_id)`;

/**
 * Holds unknown keys by rows that go away at once. A copy that stores such a message waits for our
 * commit and then sees what we wrote. True when one is there by now.
 */
export async function holdUnknown(tx: Tx, keys: readonly ProviderKey[]): Promise<boolean> {
  const ids = keys.map(() => uuidv7());
  const { count } = await tx`
    insert into messages (tenant_id, id, conversation_id, channel_id, direction, type, content, status, author,
                          provider_message_id, sent_time)
    select tenant_id, id, id, channel_id, 'inbound', 'system', '', 'delivered', 'contact', provider_message_id, now()
    from unnest(${keysOf(tx, keys)}, ${ids}::uuid[]) as k (tenant_id, channel_id, provider_message_id, id)
    on conflict do nothing`;
  await tx`
    delete from messages m using unnest(${keys.map((k) => k.tenantId)}::uuid[], ${ids}::uuid[]) as k (tenant_id, id)
    where m.tenant_id = k.tenant_id and m.id = k.id`;
  return count < keys.length;
}

type Changed = Pick<StoredMessage, 'tenantId' | 'id' | 'type' | 'content' | 'metadata' | 'details'>;

/** Writes what locked messages are by now, and that their versions wait no more. */
export async function writeChanged(tx: Tx, rows: readonly Changed[], keys: readonly ProviderKey[]): Promise<void> {
  await tx`
    update messages m set type = n.type, content = n.content, metadata = n.metadata, details = n.details
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.type)}::text[],
                ${rows.map((r) => r.content)}::text[],
                ${rows.map((r) => r.metadata && JSON.stringify(r.metadata))}::text[]::jsonb[],
                ${rows.map((r) => r.details && JSON.stringify(r.details))}::text[]::jsonb[])
      as n (tenant_id, id, type, content, metadata, details)
    where m.tenant_id = n.tenant_id and m.id = n.id`;
  await tx`
    update message_versions v set message_id = m.id
    from unnest(${keysOf(tx, keys)}) as k (tenant_id, channel_id, provider_message_id)
    join messages m using (tenant_id, channel_id, provider_message_id)
    where v.tenant_id = k.tenant_id and v.channel_id = k.channel_id and v.provider_message_id = k.provider_message_id
      and v.message_id is null`;
}

/** The versions of one message, the oldest first. */
export const selectVersions = (tx: Tx, tenantId: string, messageId: string) => tx<VersionRow[]>`
  select ${versionColumns(tx)} from message_versions v
  where v.tenant_id = ${tenantId} and v.message_id = ${messageId} order by v.at, v.change_id`;

/** Forgets changes whose message never came, at most 10,000. Providers try again for 7 days. */
export async function pruneVersions(tx: Tx): Promise<void> {
  await tx`
    delete from message_versions where ctid in (
      select ctid from message_versions where message_id is null and created_at < now() - interval '8 days' limit 10000)`;
}
