import { columns, type Sql, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { webhookEndpoints } from '../schema.ts';

const plainColumns = columns(webhookEndpoints, {
  alias: 'e',
  only: [
    'tenantId',
    'id',
    'name',
    'url',
    'eventTypes',
    'channelIds',
    'channelId',
    'enabled',
    'disabledReason',
    'disabledAt',
    'failingSince',
    'lastSuccessAt',
    'previousSecretUntil',
    'createdAt',
    'updatedAt',
  ],
});

/** A row without its secrets. */
export type EndpointRow = typeof plainColumns.$row;

export type NewEndpoint = Pick<
  typeof webhookEndpoints.$inferSelect,
  'tenantId' | 'id' | 'name' | 'url' | 'eventTypes' | 'channelIds' | 'channelId' | 'secret'
>;

export async function insertEndpoint(tx: Tx, row: NewEndpoint): Promise<EndpointRow> {
  const [inserted] = await tx<EndpointRow[]>`
    insert into webhook_endpoints as e (tenant_id, id, name, url, event_types, channel_ids, channel_id, secret)
    values (${row.tenantId}, ${row.id}, ${row.name}, ${row.url}, ${row.eventTypes}::text[],
            ${row.channelIds}::uuid[], ${row.channelId}, ${row.secret})
    returning ${plainColumns(tx)}`;
  return inserted!;
}

export const selectEndpoint = (tx: Tx, tenantId: string, id: string) =>
  tx<EndpointRow[]>`select ${plainColumns(tx)} from webhook_endpoints e where tenant_id = ${tenantId} and id = ${id}`;

/** Locks an endpoint until the transaction ends. @throws NotFound */
export async function lockEndpoint(tx: Tx, tenantId: string, id: string): Promise<EndpointRow & { secret: string }> {
  const [row] = await tx<(EndpointRow & { secret: string })[]>`
    select ${plainColumns(tx)}, secret from webhook_endpoints e
    where tenant_id = ${tenantId} and id = ${id} for update`;
  if (!row) throw new NotFound('webhook_endpoint', id);
  return row;
}

/** The endpoint of a channel's own address. */
export const lockOfChannel = (tx: Tx, tenantId: string, channelId: string) =>
  tx<EndpointRow[]>`
    select ${plainColumns(tx)} from webhook_endpoints e
    where tenant_id = ${tenantId} and channel_id = ${channelId} for update`;

/** A page, oldest first: ids are UUIDv7. */
export const selectEndpoints = (
  tx: Tx,
  tenantId: string,
  channelId: string | undefined,
  { after, limit, offset }: Slice<{ id: string }>,
) =>
  tx<EndpointRow[]>`
    select ${plainColumns(tx)} from webhook_endpoints e
    where ${ofTenant(tx, tenantId, channelId)} ${after ? tx`and id > ${after.id}` : tx``}
    order by id limit ${limit} offset ${offset}`;

/** `own`: those that are no channel's. */
export const countEndpoints = (tx: Tx, tenantId: string, channelId?: string) =>
  tx<{ total: number; own: number }[]>`
    select count(*)::int as total, (count(*) filter (where channel_id is null))::int as own
    from webhook_endpoints where ${ofTenant(tx, tenantId, channelId)}`;

const ofTenant = (tx: Tx, tenantId: string, channelId: string | undefined) =>
  tx`tenant_id = ${tenantId} ${channelId ? tx`and channel_id = ${channelId}` : tx``}`;

/** What a tenant may change. */
export type EndpointPatch = Pick<EndpointRow, 'name' | 'url' | 'eventTypes' | 'channelIds' | 'enabled'>;

/** Switched on, it forgets what failed and gets what happens from now on. */
export async function patchEndpoint(tx: Tx, before: EndpointRow, patch: EndpointPatch): Promise<EndpointRow> {
  const on = patch.enabled && !before.enabled;
  const off = !patch.enabled && before.enabled;
  const life = on
    ? tx`enabled_at = now(), disabled_reason = null, disabled_at = null, failing_since = null, paused_until = null,`
    : off
      ? tx`disabled_reason = 'user', disabled_at = now(),`
      : tx``;
  // Another address did not fail yet.
  const fresh = patch.url !== before.url && !on ? tx`failing_since = null, paused_until = null,` : tx``;
  const [row] = await tx<EndpointRow[]>`
    update webhook_endpoints e set name = ${patch.name}, url = ${patch.url}, event_types = ${patch.eventTypes}::text[],
      channel_ids = ${patch.channelIds}::uuid[], enabled = ${patch.enabled}, ${life} ${fresh} updated_at = now()
    where tenant_id = ${before.tenantId} and id = ${before.id}
    returning ${plainColumns(tx)}`;
  return row!;
}

/** The former secret signs as well until `until`; null ends it now. */
export async function replaceSecret(
  tx: Tx,
  { tenantId, id }: Pick<EndpointRow, 'tenantId' | 'id'>,
  secret: string,
  until: Date | null,
): Promise<EndpointRow> {
  const [row] = await tx<EndpointRow[]>`
    update webhook_endpoints e set secret = ${secret}, previous_secret = ${until ? tx`e.secret` : null},
      previous_secret_until = ${until}, updated_at = now()
    where tenant_id = ${tenantId} and id = ${id}
    returning ${plainColumns(tx)}`;
  return row!;
}

export const deleteEndpoint = (tx: Tx, tenantId: string, id: string) =>
  tx`delete from webhook_endpoints where tenant_id = ${tenantId} and id = ${id}`;

/** Of these channels, those that the tenant has. */
export const selectOwnChannels = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx<{ id: string }[]>`
    select id from channels where tenant_id = ${tenantId} and id = any(${ids as string[]}::uuid[])`;

/** Keeps a channel's address equal to that of its endpoint. */
export const setChannelUrl = (tx: Tx, tenantId: string, channelId: string, url: string | null) =>
  tx`update channels set webhook_url = ${url}, updated_at = now()
     where tenant_id = ${tenantId} and id = ${channelId} and removed_at is null`;

export interface AddressedChannel {
  tenantId: string;
  id: string;
  name: string;
  webhookUrl: string;
}

/** Channels with an address that no endpoint serves: from before endpoints were. Worker role. */
export const selectUnserved = (sql: Sql, limit: number) =>
  sql<AddressedChannel[]>`
    select c.tenant_id as "tenantId", c.id, c.name, c.webhook_url as "webhookUrl" from channels c
    where c.webhook_url is not null and c.removed_at is null and not exists (
      select from webhook_endpoints e where e.tenant_id = c.tenant_id and e.channel_id = c.id)
    limit ${limit}`;
