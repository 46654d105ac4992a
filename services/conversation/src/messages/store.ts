import { columns, type Tx } from '@recado/database';
import { joined, texts } from '../columns.ts';
import { messages, type pendingStatuses } from '../schema.ts';

/** The columns of a StoredMessage; the table is `m` in every statement. */
export const messageColumns = columns(messages, { alias: 'm' });
/** As the driver gives it: times are dates. */
export type StoredMessage = typeof messageColumns.$row;

/** Our id of the message that one quotes or reacts to. */
export const aboutId = (tx: Tx) => tx`(
  select q.id from messages q
  where q.tenant_id = m.tenant_id and q.channel_id = m.channel_id
    and q.provider_message_id = m.reply_to_provider_message_id) as "aboutId"`;
/** The latest reactions to a message. One of a person replaces the one before. */
export const reactionsTo = (tx: Tx) => tx`(
  select json_agg(r) from (
    select r.content as emoji, r.direction, r.details->'group'->'from' as "from", r.sent_time as at
    from messages r
    where r.tenant_id = m.tenant_id and r.channel_id = m.channel_id and r.type = 'reaction'
      and r.reply_to_provider_message_id = m.provider_message_id
    order by r.sent_time desc, r.id desc limit 100
  ) r) as reactions`;
/** A reaction, the latest first. */
export interface ListedReaction {
  /** Empty: it took the one before back. */
  emoji: string;
  direction: StoredMessage['direction'];
  /** Who it was in a group. */
  from: unknown;
  at: string;
}
/** A message of a thread. */
export type ListedMessage = StoredMessage & { aboutId: string | null; reactions: ListedReaction[] | null };

/** A message as it is first stored: the ticks come later. */
export type NewMessage = Omit<
  StoredMessage,
  'file' | 'errorCode' | 'errorMessage' | 'sentTime' | 'sentAt' | 'deliveredAt' | 'readAt' | 'failedAt'
> & {
  /** ISO 8601, milliseconds. */
  sentTime: string;
};

/**
 * Inserts messages that are not there yet by any of the unique keys; the result's `count` says how
 * many.
 */
export function insertInbound(tx: Tx, rows: readonly NewMessage[]) {
  return tx`
    insert into messages (tenant_id, id, conversation_id, channel_id, direction, type, content, metadata, status,
                          provider_message_id, author, reply_to_provider_message_id, sent_time, created_at, details)
    select tenant_id, id, conversation_id, channel_id, 'inbound', type, content, metadata::jsonb, 'delivered', provider_id,
           'contact', reply_to, sent_time, ${rows[0]!.createdAt.toISOString()}::timestamptz, details::jsonb
    from unnest(${joined(rows.map((r) => r.tenantId))}::uuid[], ${joined(rows.map((r) => r.id))}::uuid[],
                ${joined(rows.map((r) => r.conversationId))}::uuid[], ${joined(rows.map((r) => r.channelId))}::uuid[],
                ${texts(tx, column(rows, 'type'))}, ${texts(tx, column(rows, 'content'))},
                ${texts(
                  tx,
                  rows.map((r) => r.metadata && JSON.stringify(r.metadata)),
                )},
                ${texts(tx, column(rows, 'providerMessageId'))}, ${texts(tx, column(rows, 'replyToProviderMessageId'))},
                ${joined(rows.map((r) => r.sentTime))}::timestamptz[],
                ${texts(
                  tx,
                  rows.map((r) => r.details && JSON.stringify(r.details)),
                )})
      as n (tenant_id, id, conversation_id, channel_id, type, content, metadata, provider_id, reply_to, sent_time, details)
    on conflict do nothing`;
}

const column = <K extends keyof NewMessage>(rows: readonly NewMessage[], key: K): NewMessage[K][] =>
  rows.map((row) => row[key]);

/**
 * Which of these rows this very transaction inserted; one that stood there before may have the same
 * id.
 */
export function findInsertedHere(tx: Tx, rows: readonly NewMessage[]) {
  return tx<{ id: string }[]>`
    select m.id
    from unnest(${joined(rows.map((r) => r.tenantId))}::uuid[], ${joined(rows.map((r) => r.id))}::uuid[]) as k (tenant_id, id)
    join messages m using (tenant_id, id)
    where m.xmin = pg_current_xact_id()::xid`;
}

/**
 * Inserts outbound messages, `pending`. An AI reply to a customer's message that has one already is
 * left out.
 */
export function insertOutbound(tx: Tx, rows: readonly NewMessage[]) {
  return tx<{ id: string }[]>`
    insert into messages (tenant_id, id, conversation_id, channel_id, direction, type, content, metadata, status, author,
                          user_id, ai_model, reply_to_inbound_id, sent_time, created_at, details,
                          reply_to_provider_message_id)
    select tenant_id, id, conversation_id, channel_id, 'outbound', type, content, metadata, 'pending', author, user_id,
           ai_model, reply_to, sent_time, sent_time, details, about
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[],
                ${rows.map((r) => r.conversationId)}::uuid[], ${rows.map((r) => r.channelId)}::uuid[],
                ${rows.map((r) => r.type)}::text[], ${rows.map((r) => r.content)}::text[],
                ${rows.map((r) => r.metadata && JSON.stringify(r.metadata))}::text[]::jsonb[],
                ${rows.map((r) => r.author)}::text[], ${rows.map((r) => r.userId)}::uuid[],
                ${rows.map((r) => r.aiModel)}::text[], ${rows.map((r) => r.replyToInboundId)}::uuid[],
                ${rows.map((r) => r.sentTime)}::text[]::timestamptz[],
                ${rows.map((r) => r.details && JSON.stringify(r.details))}::text[]::jsonb[],
                ${rows.map((r) => r.replyToProviderMessageId)}::text[])
      as n (tenant_id, id, conversation_id, channel_id, type, content, metadata, author, user_id, ai_model, reply_to, sent_time,
            details, about)
    on conflict do nothing
    returning id`;
}

/** By what a provider names a message. */
export type ProviderKey = Pick<typeof pendingStatuses.$inferSelect, 'tenantId' | 'channelId' | 'providerMessageId'>;
const keyColumns = columns(messages, { alias: 'm', only: ['tenantId', 'channelId', 'providerMessageId'] });

/** One text per provider id of a channel: for maps and locks. */
export const providerKey = (k: ProviderKey): string => `${k.tenantId} ${k.channelId} ${k.providerMessageId}`;

/** Which of these provider ids are stored. */
export function findStored(tx: Tx, keys: readonly ProviderKey[]) {
  return tx<ProviderKey[]>`
    select ${keyColumns(tx)}
    from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.channelId)}::uuid[],
                ${keys.map((k) => k.providerMessageId)}::text[]) as k (tenant_id, channel_id, provider_message_id)
    join messages m using (tenant_id, channel_id, provider_message_id)`;
}
