import { firstIdAt, UNCERTAIN } from '@recado/contracts';
import type { Tx } from '@recado/database';

/** Notes which message sends a failed one again; false when another one does already. */
export async function insertRetry(tx: Tx, tenantId: string, messageId: string, retryId: string): Promise<boolean> {
  const inserted = await tx`
    insert into message_retries (tenant_id, message_id, retry_id) values (${tenantId}, ${messageId}, ${retryId})
    on conflict do nothing returning 1`;
  return inserted.length > 0;
}

/** What a message sends again, and what sends it again. */
export function selectRetries(tx: Tx, tenantId: string, messageId: string) {
  return tx<{ messageId: string; retryId: string }[]>`
    select message_id as "messageId", retry_id as "retryId" from message_retries
    where tenant_id = ${tenantId} and (message_id = ${messageId} or retry_id = ${messageId})`;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * Messages of the last day that failed for good, were not sent again, and whose conversation may be
 * written to. @param windows hours by provider
 */
export function selectFailed(
  tx: Tx,
  tenantId: string,
  now: Date,
  windows: ReadonlyMap<string, number | null>,
  limit: number,
) {
  return tx<{ id: string }[]>`
    select m.id from messages m
    join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
    left join unnest(${[...windows.keys()]}::text[], ${[...windows.values()]}::int[]) as w (provider, hours)
      on w.provider = c.provider
    where m.tenant_id = ${tenantId} and m.id >= ${firstIdAt(now.getTime() - DAY_MS)}
      and m.direction = 'outbound' and m.status = 'failed'
      and m.error_code is distinct from ${UNCERTAIN}
      and c.status <> 'closed'
      and (w.hours is null or m.type = 'template' or c.last_inbound_at > ${now}::timestamptz - make_interval(hours => w.hours))
      and not exists (select from message_retries r where r.tenant_id = m.tenant_id and r.message_id = m.id)
    order by m.id desc limit ${limit}`;
}
