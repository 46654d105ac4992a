import { columns, type Tx } from '@recado/database';
import { messageColumns, type StoredMessage } from '../messages/store.ts';
import { messages } from '../schema.ts';

const readColumns = columns(messages, {
  alias: 'm',
  only: [
    'tenantId',
    'id',
    'conversationId',
    'channelId',
    'direction',
    'status',
    'content',
    'providerMessageId',
    'sentTime',
  ],
});
/** A message whose words are to go. */
export type WordedMessage = typeof readColumns.$row & { hasContent: boolean };

/** Read and changed in one transaction. Each may rewrite a segment of the search index. */
export const MESSAGES_AT_ONCE = 100;
/** Of a group most messages are another person's. */
const GROUP_MESSAGES_AT_ONCE = 1000;

interface Place {
  at: string;
  id: string;
}

/** The next messages of a chat, in its order. */
const selectNext = (tx: Tx, tenantId: string, conversationId: string, place: Place | undefined, limit: number) => tx`
  select m.tenant_id, m.id, m.sent_time, m.details from messages m
  where m.tenant_id = ${tenantId} and m.conversation_id = ${conversationId}
    ${place ? tx`and (m.sent_time, m.id) > (${place.at}::text::timestamptz, ${place.id}::uuid)` : tx``}
  order by m.sent_time, m.id limit ${limit}`;

export interface NextMessages {
  /** Locked in the common order. */
  rows: WordedMessage[];
  /** Null at the end of the chat. */
  place: Place | null;
}

/** The next messages of a chat that hold something. */
export const lockNext = (tx: Tx, tenantId: string, conversationId: string, place: Place | undefined) =>
  lockOf(tx, tenantId, conversationId, place, MESSAGES_AT_ONCE, tx`true`);

/** The next messages of a group that were written from one of these addresses. */
export const lockNextOf = (
  tx: Tx,
  tenantId: string,
  conversationId: string,
  place: Place | undefined,
  addresses: readonly string[],
) => {
  const own = addresses as string[];
  const from = tx`n.details->'group'->'from'`;
  return lockOf(
    tx,
    tenantId,
    conversationId,
    place,
    GROUP_MESSAGES_AT_ONCE,
    tx`(${from}->>'waId' = any(${own}::text[]) or ${from}->>'userId' = any(${own}::text[]) or ${from}->>'phone' = any(${own}::text[]))`,
  );
};

async function lockOf(
  tx: Tx,
  tenantId: string,
  conversationId: string,
  place: Place | undefined,
  limit: number,
  own: ReturnType<Tx>,
): Promise<NextMessages> {
  const next = await tx<{ id: string; at: Date; isOwn: boolean }[]>`
    select n.id, n.sent_time as at, (${own}) as "isOwn"
    from (${selectNext(tx, tenantId, conversationId, place, limit)}) n order by n.sent_time, n.id`;
  const ids = next.filter(({ isOwn }) => isOwn).map(({ id }) => id);
  const rows = ids.length === 0 ? [] : await lockWorded(tx, tenantId, ids);
  const last = next.at(-1);
  return { rows, place: next.length < limit ? null : { at: last!.at.toISOString(), id: last!.id } };
}

const lockWorded = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx<WordedMessage[]>`
    select ${readColumns(tx)}, m.content <> '' as "hasContent" from messages m
    where m.tenant_id = ${tenantId} and m.id = any(${ids as string[]}::uuid[])
      and (m.content <> '' or m.metadata is not null or m.provider_message_id is not null
           or m.reply_to_provider_message_id is not null or m.error_message is not null
           or m.details is not null and (m.file->>'state') is distinct from 'erased')
    order by m.tenant_id, m.id for update of m`;

/**
 * The files of these messages that this contact sent, or that it alone got. Templates, menus
 * and canned answers show files that serve many.
 */
export const selectOwnFiles = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx<{ fileId: string }[]>`
    select distinct m.details->'media'->>'fileId' as "fileId"
    from messages m join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
    where m.tenant_id = ${tenantId} and m.id = any(${ids as string[]}::uuid[])
      and m.details->'media'->>'fileId' is not null and (m.file->>'state') is distinct from 'erased'
      and (m.direction = 'inbound' or m.type in ('image', 'video', 'audio', 'document', 'sticker') and not exists (
        select from messages o join conversations oc on oc.tenant_id = o.tenant_id and oc.id = o.conversation_id
        where o.tenant_id = m.tenant_id and o.direction = 'outbound'
          and o.details->'media'->>'fileId' = m.details->'media'->>'fileId'
          and (o.file->>'state') is distinct from 'erased'
          and (oc.contact_id is distinct from c.contact_id or o.type in ('template', 'interactive')))
        and not exists (
          select from canned_answers a
          where a.tenant_id = m.tenant_id and a.media->>'fileId' = m.details->'media'->>'fileId'))`;

/** Leaves of locked messages their kind, times, status and who sent them. */
export async function blankMessages(tx: Tx, tenantId: string, rows: readonly WordedMessage[]): Promise<void> {
  const ids = rows.map(({ id }) => id);
  const keyed = rows.filter(({ providerMessageId }) => providerMessageId !== null);
  const keys = tx`
    unnest(${keyed.map(({ channelId }) => channelId)}::uuid[], ${keyed.map((m) => m.providerMessageId)}::text[])
      as k (channel_id, provider_message_id)`;
  const ofKeys = (table: 'message_versions' | 'pending_statuses' | 'pending_files') => tx`
    delete from ${tx(table)} p using ${keys}
    where p.tenant_id = ${tenantId} and p.channel_id = k.channel_id and p.provider_message_id = k.provider_message_id`;
  await Promise.all([
    ...(keyed.length > 0 ? [ofKeys('message_versions'), ofKeys('pending_statuses'), ofKeys('pending_files')] : []),
    tx`
      update message_statuses set details = null, error_message = null
      where tenant_id = ${tenantId} and message_id = any(${ids}::uuid[])
        and (details is not null or error_message is not null)`,
    tx`
      update messages m set content = '', metadata = null, provider_message_id = null,
        reply_to_provider_message_id = null, error_message = null,
        details = case when m.details->'media'->>'fileId' is not null then jsonb_build_object('media', jsonb_strip_nulls(
          jsonb_build_object('fileId', m.details->'media'->'fileId', 'type', m.details->'media'->'type',
                             'voice', m.details->'media'->'voice'))) end,
        file = case when m.details->'media'->>'fileId' is not null
                    then jsonb_build_object('fileId', m.details->'media'->>'fileId', 'state', 'erased') end
      where m.tenant_id = ${tenantId} and m.id = any(${ids}::uuid[])`,
  ]);
}

/** Those of the messages that show the trace of a file. */
export const selectCarriers = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx<StoredMessage[]>`
    select ${messageColumns(tx)} from messages m
    where m.tenant_id = ${tenantId} and m.id = any(${ids as string[]}::uuid[]) and m.file is not null`;
