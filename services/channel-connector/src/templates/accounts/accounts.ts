import type { Sql, Tx } from '@recado/database';
import { columns } from '@recado/database';
import { channels } from '../../schema.ts';
import type { AccountKey } from '../store.ts';

const ownerColumns = columns(channels, {
  alias: 'c',
  only: ['tenantId', 'id', 'provider', 'credentials', 'accountId', 'templatesReadAt', 'templatesError'],
});
/** A channel as the opener of its account. */
export type OwnerRow = typeof ownerColumns.$row & { providerId: string | null };

const rowColumns = (sql: Sql | Tx) => sql`
  ${ownerColumns(sql)}, coalesce(c.provider_id, c.claimed_provider_id) as "providerId"`;

export const selectOwner = (sql: Sql | Tx, tenantId: string, channelId: string) =>
  sql<OwnerRow[]>`
    select ${rowColumns(sql)} from channels c
    where c.tenant_id = ${tenantId} and c.id = ${channelId} and c.removed_at is null`;

/** A connected channel of an account; the one that was connected last opens it best. */
export const selectOwnerOfAccount = (tx: Tx, { tenantId, provider, accountId }: AccountKey) =>
  tx<OwnerRow[]>`
    select ${rowColumns(tx)} from channels c
    where c.tenant_id = ${tenantId} and c.provider = ${provider} and c.account_id = ${accountId}
      and c.removed_at is null
    order by (c.status = 'connected') desc, c.last_connected_at desc nulls last limit 1`;

/** Ids of the channels of an account, of any tenant. Worker role. */
export const selectChannelsOfAccount = (sql: Sql, provider: string, accountIds: readonly string[]) =>
  sql<{ id: string; accountId: string }[]>`
    select c.id, c.account_id as "accountId" from channels c
    where c.provider = ${provider} and c.account_id = any(${accountIds as string[]}) and c.removed_at is null`;

/** Notes the account of a channel, as the provider or a proved webhook named it. */
export const saveAccount = (sql: Sql | Tx, tenantId: string, channelId: string, accountId: string) =>
  sql`
    update channels set account_id = ${accountId}
    where tenant_id = ${tenantId} and id = ${channelId} and removed_at is null
      and account_id is distinct from ${accountId}`;

/** The same, from a webhook that the channel's secret signed: the templates are to be read. */
export const learnAccount = async (sql: Sql, tenantId: string, channelId: string, accountId: string): Promise<void> => {
  await sql`
    update channels set account_id = ${accountId}, templates_asked_at = null
    where tenant_id = ${tenantId} and id = ${channelId} and removed_at is null
      and account_id is distinct from ${accountId}`;
};

/** Notes how reading ended, for all channels of the account that the job read. */
export async function noteReading(
  tx: Sql | Tx,
  { tenantId, id, provider }: Pick<OwnerRow, 'tenantId' | 'id' | 'provider'>,
  accountId: string | null,
  error: string | null,
): Promise<void> {
  await tx`
    update channels set templates_error = ${error},
      templates_read_at = case when ${error}::text is null then now() else templates_read_at end
    where tenant_id = ${tenantId}
      and (id = ${id} or (provider = ${provider} and account_id = ${accountId}::text)) and removed_at is null`;
}

/**
 * Takes connected channels whose templates are to be read: never read since they were connected, or
 * asked for long ago. Each goes to one caller. Worker role.
 */
export const takeUnread = (tx: Tx, providers: string[], afterSeconds: number, limit: number) =>
  tx<{ tenantId: string; id: string }[]>`
    update channels set templates_asked_at = now()
    where (tenant_id, id) in (
      select c.tenant_id, c.id from channels c
      where c.status = 'connected' and c.provider = any(${providers}) and c.removed_at is null
        and (c.templates_asked_at is null or c.templates_asked_at < c.last_connected_at
             or c.templates_asked_at < now() - make_interval(secs => ${afterSeconds}))
      order by c.templates_asked_at nulls first limit ${limit} for update skip locked
    )
    returning tenant_id as "tenantId", id`;

/** A person asks now; the daily reading counts from here. */
export const noteAsked = (tx: Tx, tenantId: string, channelId: string) =>
  tx`update channels set templates_asked_at = now() where tenant_id = ${tenantId} and id = ${channelId}`;
