import { columns, type Tx } from '@recado/database';
import type { Ticks } from '../messages/rules.ts';
import { type ProviderKey, providerKey, type StoredMessage } from '../messages/store.ts';
import { messageStatuses, messages, pendingStatuses } from '../schema.ts';

/** An outbound message as the rules of status see it. */
export type OutboundState = Pick<
  StoredMessage,
  'tenantId' | 'id' | 'conversationId' | 'channelId' | 'author' | 'providerMessageId'
> & { ticks: Ticks };
const outboundColumns = columns(messages, {
  alias: 'm',
  only: [
    'tenantId',
    'id',
    'conversationId',
    'channelId',
    'author',
    'providerMessageId',
    'status',
    'errorCode',
    'errorMessage',
    'sentAt',
    'deliveredAt',
    'readAt',
    'failedAt',
  ],
});

/** A report, under the id of its event. */
const parkedColumns = columns(pendingStatuses, { alias: 'p', except: ['createdAt'] });
export type ParkedStatus = typeof parkedColumns.$row;

/**
 * Takes a lock per provider id until the end of the transaction, in one order for all. Only
 * transactions that may park a report or learn a provider id take them.
 */
export function lockProviderIds(tx: Tx, keys: readonly ProviderKey[]) {
  return tx`
    select pg_advisory_xact_lock(hash) from (
      select distinct hashtextextended(key, 0) as hash from unnest(${keys.map(providerKey)}::text[]) as k (key) order by 1
    ) sorted`;
}

type Wanted = { tenantId: string; channelId: string; messageId: string | null; providerMessageId: string | null };

/**
 * Locks, in one order for all, the outbound messages named by our id or by (channel, provider id).
 */
export async function lockOutbound(tx: Tx, wanted: readonly Wanted[]): Promise<OutboundState[]> {
  const rows = await tx<(typeof outboundColumns.$row)[]>`
    with wanted as (
      select * from unnest(${wanted.map((w) => w.tenantId)}::uuid[], ${wanted.map((w) => w.channelId)}::uuid[],
                           ${wanted.map((w) => w.messageId)}::uuid[], ${wanted.map((w) => w.providerMessageId)}::text[])
        as w (tenant_id, channel_id, message_id, provider_message_id)
    ), found as (
      select m.tenant_id, m.id from wanted w join messages m on m.tenant_id = w.tenant_id and m.id = w.message_id
      union
      select m.tenant_id, m.id from wanted w join messages m using (tenant_id, channel_id, provider_message_id)
    )
    select ${outboundColumns(tx)}
    from found join messages m using (tenant_id, id)
    where m.direction = 'outbound'
    order by m.tenant_id, m.id
    for update of m`;
  return rows.map(({ status, errorCode, errorMessage, sentAt, deliveredAt, readAt, failedAt, ...rest }) => ({
    ...rest,
    ticks: {
      status,
      error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
      sentAt,
      deliveredAt,
      readAt,
      failedAt,
    },
  }));
}

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

/** Writes what is known of locked messages. */
export function writeTicks(
  tx: Tx,
  rows: readonly (Ticks & { tenantId: string; id: string; providerMessageId: string | null })[],
) {
  return tx`
    update messages m set
      provider_message_id = t.provider_message_id, status = t.status, error_code = t.error_code,
      error_message = t.error_message, sent_at = t.sent_at, delivered_at = t.delivered_at, read_at = t.read_at,
      failed_at = t.failed_at
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[],
                ${rows.map((r) => r.providerMessageId)}::text[], ${rows.map((r) => r.status)}::text[],
                ${rows.map((r) => r.error?.code ?? null)}::text[], ${rows.map((r) => r.error?.message ?? null)}::text[],
                ${rows.map((r) => iso(r.sentAt))}::text[]::timestamptz[],
                ${rows.map((r) => iso(r.deliveredAt))}::text[]::timestamptz[],
                ${rows.map((r) => iso(r.readAt))}::text[]::timestamptz[],
                ${rows.map((r) => iso(r.failedAt))}::text[]::timestamptz[])
      as t (tenant_id, id, provider_message_id, status, error_code, error_message, sent_at, delivered_at, read_at, failed_at)
    where m.tenant_id = t.tenant_id and m.id = t.id`;
}

/** Keeps reports until their message is known. */
export function park(tx: Tx, rows: readonly ParkedStatus[]) {
  return tx`
    insert into pending_statuses (tenant_id, id, channel_id, provider_message_id, status, at, error_code, error_message,
                                  details)
    select * from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[],
                         ${rows.map((r) => r.channelId)}::uuid[], ${rows.map((r) => r.providerMessageId)}::text[],
                         ${rows.map((r) => r.status)}::text[], ${rows.map((r) => iso(r.at))}::text[]::timestamptz[],
                         ${rows.map((r) => r.errorCode)}::text[], ${rows.map((r) => r.errorMessage)}::text[],
                         ${rows.map((r) => r.details && JSON.stringify(r.details))}::text[]::jsonb[])
    on conflict do nothing`;
}

/** Takes out the reports that waited for these provider ids. */
export function takeParked(tx: Tx, keys: readonly ProviderKey[]) {
  return tx<ParkedStatus[]>`
    delete from pending_statuses p
    using unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.channelId)}::uuid[],
                 ${keys.map((k) => k.providerMessageId)}::text[]) as k (tenant_id, channel_id, provider_message_id)
    where p.tenant_id = k.tenant_id and p.channel_id = k.channel_id and p.provider_message_id = k.provider_message_id
    returning ${parkedColumns(tx)}`;
}

/**
 * Forgets reports whose message never came within 24 hours. Called when something is parked, so
 * that the table stays small without a clock of its own.
 */
export function pruneParked(tx: Tx) {
  return tx`
    delete from pending_statuses where (tenant_id, id) in (
      select tenant_id, id from pending_statuses where created_at < now() - interval '24 hours'
      order by created_at limit 1000 for update skip locked
    )`;
}

const recordedColumns = columns(messageStatuses, { alias: 's' });
/** A report as the history of its message keeps it. */
export type RecordedStatus = Omit<typeof recordedColumns.$row, 'createdAt'>;

/** Keeps reports of known messages; a report that comes again is kept once. */
export function recordStatuses(tx: Tx, rows: readonly RecordedStatus[]) {
  return tx`
    insert into message_statuses (tenant_id, message_id, id, status, source, at, error_code, error_message, details)
    select * from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.messageId)}::uuid[],
                         ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.status)}::text[],
                         ${rows.map((r) => r.source)}::text[], ${rows.map((r) => iso(r.at))}::text[]::timestamptz[],
                         ${rows.map((r) => r.errorCode)}::text[], ${rows.map((r) => r.errorMessage)}::text[],
                         ${rows.map((r) => r.details && JSON.stringify(r.details))}::text[]::jsonb[])
    on conflict do nothing`;
}

/** The reports of one message, the oldest first. */
export function selectStatuses(tx: Tx, tenantId: string, messageId: string) {
  return tx<(typeof recordedColumns.$row)[]>`
    select ${recordedColumns(tx)} from message_statuses s
    where s.tenant_id = ${tenantId} and s.message_id = ${messageId} order by s.at, s.created_at, s.id`;
}

/** Drops reports older than 90 days, at most 10,000. */
export async function pruneStatuses(tx: Tx): Promise<void> {
  await tx`
    delete from message_statuses where ctid in (
      select ctid from message_statuses where created_at < now() - interval '90 days' limit 10000)`;
}
