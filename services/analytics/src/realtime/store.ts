import type { RealtimeMetrics } from '@recado/contracts';
import type { Tx } from '@recado/messaging';

interface Row {
  day: string;
  timezone: string;
  sent: string;
  received: string;
  failed: string;
  ai: string;
  conversations: string;
  active: string;
  last_hour: string;
}

/**
 * The day's counts so far of one tenant: one statement over the rollups' keys. `fallback`: its zone
 * while unknown.
 */
export async function findRealtime(tx: Tx, tenantId: string, now: Date, fallback: string): Promise<RealtimeMetrics> {
  const [row] = await tx<[Row]>`
    with zone as (select coalesce((select timezone from tenants where tenant_id = ${tenantId}), ${fallback}) as name),
         today as (select (${now}::timestamptz at time zone name)::date as day, name from zone),
         counts as (select coalesce(jsonb_object_agg(metric, value), '{}') as by_metric
                    from daily_counts, today where tenant_id = ${tenantId} and daily_counts.day = today.day)
    select today.day::text as day, today.name as timezone,
           coalesce(by_metric ->> 'sent', '0') as sent, coalesce(by_metric ->> 'received', '0') as received,
           coalesce(by_metric ->> 'failed', '0') as failed, coalesce(by_metric ->> 'ai', '0') as ai,
           coalesce(by_metric ->> 'conversations', '0') as conversations,
           (select count(*) from conversation_states where tenant_id = ${tenantId} and open) as active,
           (select coalesce(sum(value), 0) from minute_counts
            where tenant_id = ${tenantId} and minute > ${new Date(now.getTime() - 3_600_000)}) as last_hour
    from today, counts`;
  return {
    day: row.day,
    timezone: row.timezone,
    messagesSentToday: Number(row.sent),
    messagesReceivedToday: Number(row.received),
    failedMessagesToday: Number(row.failed),
    aiMessagesToday: Number(row.ai),
    conversationsOpenedToday: Number(row.conversations),
    activeConversations: Number(row.active),
    messagesLastHour: Number(row.last_hour),
    updatedAt: now.toISOString(),
  };
}
