import type { Sql, Tx } from '@recado/database';

/** Takes numbers whose messages were not compared since they were connected, or for so long. */
export const takeDueHistory = (tx: Tx, providers: string[], afterSeconds: number, limit: number) =>
  tx<{ tenantId: string; id: string }[]>`
    update channels set history_ordered_at = now()
    where (tenant_id, id) in (
      select c.tenant_id, c.id from channels c
      where c.status = 'connected' and c.provider = any(${providers}) and c.removed_at is null
        and (c.history_ordered_at is null or c.history_ordered_at < c.last_connected_at
             or c.history_ordered_at < now() - make_interval(secs => ${afterSeconds}))
      order by c.history_ordered_at nulls first limit ${limit} for update skip locked
    )
    returning tenant_id as "tenantId", id`;

/** Until when the messages of a number were read; null: never. Worker role. */
export const selectReadAt = (sql: Sql, tenantId: string, channelId: string) =>
  sql<{ readAt: Date | null }[]>`
    select history_read_at as "readAt" from channels where tenant_id = ${tenantId} and id = ${channelId}`;

/** A person who disconnected it in the meantime began anew. */
export const noteRead = (tx: Tx, tenantId: string, channelId: string, until: Date) =>
  tx`
    update channels set history_read_at = ${until}
    where tenant_id = ${tenantId} and id = ${channelId} and status <> 'disconnected'`;
