import { columns, type Sql, type Tx } from '@recado/database';
import { readReceipts } from '../schema.ts';

const receiptColumns = columns(readReceipts, { alias: 'r' });
export type ReceiptRow = typeof receiptColumns.$row;

/** A message that was read, as it is ordered. Times are ISO 8601. */
export type NewReceipt = Pick<
  ReceiptRow,
  'tenantId' | 'conversationId' | 'channelId' | 'messageId' | 'providerMessageId' | 'earlier' | 'recipient'
> & { sentTime: string; readAt: string };

const orderColumns = columns(readReceipts, { alias: 'r', only: ['tenantId', 'conversationId', 'messageId'] });

/**
 * Keeps the last message read of each conversation; a row comes once. One that was due becomes one
 * of the earlier ones.
 * @returns those that are later than what was known
 */
export function upsertReceipts(tx: Tx, rows: readonly NewReceipt[]) {
  const column = <K extends keyof NewReceipt>(name: K) => rows.map((row) => row[name]);
  return tx<(typeof orderColumns.$row)[]>`
    insert into read_receipts as r (tenant_id, conversation_id, channel_id, message_id, provider_message_id, earlier,
                                    recipient, sent_time, read_at)
    select * from unnest(${column('tenantId')}::uuid[], ${column('conversationId')}::uuid[],
                         ${column('channelId')}::uuid[], ${column('messageId')}::uuid[],
                         ${column('providerMessageId')}::text[],
                         ${rows.map(({ earlier }) => JSON.stringify(earlier))}::text[]::jsonb[],
                         ${rows.map(({ recipient }) => JSON.stringify(recipient))}::text[]::jsonb[],
                         ${column('sentTime')}::text[]::timestamptz[], ${column('readAt')}::text[]::timestamptz[])
      as n (tenant_id, conversation_id, channel_id, message_id, provider_message_id, earlier, recipient, sent_time,
            read_at)
    order by n.tenant_id, n.conversation_id
    on conflict (tenant_id, conversation_id) do update set
      channel_id = excluded.channel_id, message_id = excluded.message_id,
      provider_message_id = excluded.provider_message_id, recipient = excluded.recipient,
      earlier = case when r.state = 'due' then jsonb_path_query_array(
        excluded.earlier || to_jsonb(r.provider_message_id) || r.earlier, '$[0 to 99]') else excluded.earlier end,
      sent_time = excluded.sent_time, read_at = excluded.read_at, state = 'due', error_code = null,
      error_message = null, updated_at = now()
    where (excluded.sent_time, excluded.message_id) > (r.sent_time, r.message_id)
    returning ${orderColumns(tx)}`;
}

/** A receipt that is due; null when a later message of its conversation took its place. */
export async function findDue(
  sql: Sql,
  tenantId: string,
  conversationId: string,
  messageId: string,
): Promise<ReceiptRow | null> {
  const [row] = await sql<ReceiptRow[]>`
    select ${receiptColumns(sql)} from read_receipts r
    where r.tenant_id = ${tenantId} and r.conversation_id = ${conversationId}
      and r.message_id = ${messageId} and r.state = 'due'`;
  return row ?? null;
}

/** Notes the end of a receipt, unless a later message took its place. */
export function endReceipt(
  tx: Tx,
  { tenantId, conversationId, messageId }: ReceiptRow,
  end: { state: 'sent' | 'skipped' | 'failed'; code?: string; message?: string },
) {
  return tx`
    update read_receipts set state = ${end.state}, error_code = ${end.code ?? null},
      error_message = ${end.message ?? null}, updated_at = now()
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and message_id = ${messageId}`;
}

/** Forgets receipts of conversations in which nothing was read for 90 days, at most 10,000. */
export async function pruneReceipts(sql: Sql): Promise<void> {
  await sql`
    delete from read_receipts where ctid in (
      select ctid from read_receipts where updated_at < now() - interval '90 days' limit 10000)`;
}

/** Forgets to whom ticks went, and which messages they were about. */
export const eraseReceipts = (tx: Tx, tenantId: string, conversationIds: readonly string[]) => tx`
  delete from read_receipts where tenant_id = ${tenantId} and conversation_id = any(${conversationIds as string[]}::uuid[])`;
