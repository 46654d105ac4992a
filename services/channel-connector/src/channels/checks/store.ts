import type { Channel, channelReported, EventData } from '@recado/contracts';
import { columns, type Sql, type Tx } from '@recado/database';
import { channels } from '../../schema.ts';
import { type ChannelRow, channelColumns } from '../store.ts';

export interface StatusChange {
  status: Channel['status'];
  reason: string | null;
  /** Nothing is sent before. */
  blockedUntil: Date | null;
  /** Of a check: how long the provider took. */
  responseMs?: number | null;
}

/**
 * Changes status and reason, and returns the row when they differ. Notes the check. A channel
 * without its number never becomes connected; a disconnected one stays so.
 */
export async function updateStatus(
  tx: Tx,
  tenantId: string,
  id: string,
  change: StatusChange,
): Promise<ChannelRow | null> {
  const [row] = await tx<(ChannelRow & { changed: boolean })[]>`
    with before as (
      select status, last_error from channels where tenant_id = ${tenantId} and id = ${id} for update
    )
    update channels set status = ${change.status}, last_error = ${change.reason}, checked_at = now(),
      blocked_until = ${change.blockedUntil}, response_ms = coalesce(${change.responseMs ?? null}::int, channels.response_ms),
      check_error = ${change.status === 'connected' ? null : change.reason},
      last_connected_at = case when ${change.status} = 'connected' and before.status <> 'connected' then now()
                               else channels.last_connected_at end,
      status_at = case when before.status <> ${change.status} then now() else channels.status_at end,
      lost_at = case when before.status = 'connected' and ${change.status} <> 'connected' then now()
                     else channels.lost_at end,
      lost_reason = case when before.status = 'connected' and ${change.status} <> 'connected' then ${change.reason}
                         else channels.lost_reason end,
      updated_at = case when before.status <> ${change.status} or before.last_error is distinct from ${change.reason}
                        then now() else channels.updated_at end
    from before
    where channels.tenant_id = ${tenantId} and channels.id = ${id} and (${change.status} <> 'connected' or channels.provider_id is not null)
      and before.status <> 'disconnected'
    returning ${channelColumns(tx)},
      before.status <> ${change.status} or before.last_error is distinct from ${change.reason} as changed`;
  if (!row?.changed) return null;
  const { changed: _, ...channel } = row;
  return channel;
}

/** A number of which nothing was told. */
const NO_FACTS = JSON.stringify({ quality: null, messagingLimit: null, throughput: null, verifiedName: null });

/**
 * Notes the latest quality and limit of a number, once for each report; null for an older word. A
 * channel that is removed hears nothing.
 */
export async function noteReport(
  tx: Tx,
  tenantId: string,
  { channelId, kind, at, quality, messagingLimit }: EventData<typeof channelReported>,
): Promise<ChannelRow | null> {
  const [row] = await tx<ChannelRow[]>`
    update channels set
      facts = ${NO_FACTS}::text::jsonb || coalesce(channels.facts, '{}')
              || jsonb_strip_nulls(jsonb_build_object('quality', ${quality ?? null}::text,
                                                      'messagingLimit', ${messagingLimit ?? null}::text)),
      reported_at = channels.reported_at || jsonb_build_object(${kind}::text, ${at}::text)
    where tenant_id = ${tenantId} and id = ${channelId} and removed_at is null
      and coalesce(channels.reported_at ->> ${kind}, '') < ${at}
    returning ${channelColumns(tx)}`;
  return row ?? null;
}

const keyColumns = columns(channels, { only: ['tenantId', 'id'] });

/** Takes failing channels whose last check is long ago; each goes to one caller. Worker role. */
export function takeAiling(sql: Sql, providers: string[], afterSeconds: number, limit: number) {
  return sql<(typeof keyColumns.$row)[]>`
    update channels set checked_at = now()
    where (tenant_id, id) in (
      select tenant_id, id from channels
      where status in ('connecting', 'error') and provider = any(${providers})
        and coalesce(checked_at, created_at) < now() - make_interval(secs => ${afterSeconds})
        and coalesce(blocked_until, '-infinity') < now()
      order by checked_at nulls first limit ${limit} for update skip locked
    )
    returning ${keyColumns(sql)}`;
}

/** The same for channels that work: their health is measured now and then. Worker role. */
export function takeWorking(sql: Sql, providers: string[], afterSeconds: number, limit: number) {
  return sql<(typeof keyColumns.$row)[]>`
    update channels set checked_at = now()
    where (tenant_id, id) in (
      select tenant_id, id from channels
      where status = 'connected' and provider = any(${providers})
        and checked_at < now() - make_interval(secs => ${afterSeconds})
      order by checked_at limit ${limit} for update skip locked
    )
    returning ${keyColumns(sql)}`;
}

/** The provider could not be asked about a number that works: that says nothing of the number. */
export async function noteUnreachable(
  sql: Sql,
  { tenantId, id }: Pick<ChannelRow, 'tenantId' | 'id'>,
  reason: string,
): Promise<boolean> {
  const noted = await sql`
    update channels set check_error = ${reason}, response_ms = null, checked_at = now()
    where tenant_id = ${tenantId} and id = ${id} and status = 'connected' returning 1`;
  return noted.length > 0;
}
