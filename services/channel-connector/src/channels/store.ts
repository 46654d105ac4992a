import type { Channel, PlanName } from '@recado/contracts';
import { columns, type Sql, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { channels, type LinkOrder } from '../schema.ts';

/** More than all calls of an order may take together. */
export const LINK_LEASE_SECONDS = 45;

const plainColumns = columns(channels, {
  alias: 'channels',
  only: [
    'tenantId',
    'id',
    'name',
    'provider',
    'status',
    'key',
    'settings',
    'dailyMessageLimit',
    'ratePerMinute',
    'webhookUrl',
    'lastConnectedAt',
    'lastError',
    'checkedAt',
    'responseMs',
    'checkError',
    'blockedUntil',
    'sentTotal',
    'receivedTotal',
    'createdAt',
    'updatedAt',
    'removedAt',
    'statusAt',
    'lostAt',
    'lostReason',
    'linkCode',
    'linkCodeUntil',
    'profile',
    'facts',
    'templatesError',
  ],
});

/** A row without its credentials. */
export type ChannelRow = typeof plainColumns.$row & {
  /** E.164; of a removed number too. */
  phone: string | null;
  /** The provider's id of the number that the tenant named, proved or not. */
  providerId: string | null;
};

const secretColumns = columns(channels, {
  alias: 'channels',
  only: [
    'tenantId',
    'id',
    'provider',
    'credentials',
    'ratePerMinute',
    'dailyMessageLimit',
    'status',
    'lastError',
    'blockedUntil',
    'phone',
    'settings',
    'updatedAt',
    'accountId',
    'facts',
  ],
});

/** What webhooks and sends need of a channel, of any tenant. */
export type ChannelSecretsRow = typeof secretColumns.$row & {
  providerId: string | null;
  /** A token of this channel proved that the number is the tenant's. */
  proven: boolean;
  /** Null while nothing is known of the tenant. */
  plan: PlanName | null;
};

export interface NewChannel
  extends Pick<
    typeof channels.$inferSelect,
    | 'tenantId'
    | 'id'
    | 'name'
    | 'key'
    | 'settings'
    | 'dailyMessageLimit'
    | 'ratePerMinute'
    | 'webhookUrl'
    | 'credentials'
  > {
  provider: string;
  phone: string | null;
  /** Claimed: the channel holds it once a token proved it. */
  providerId: string;
  verifyTokenDigest: string;
  /** `connecting`, or `disconnected` until a person connects it. */
  status: Channel['status'];
  /** What is to be done at the provider first; null: its credentials are tried. */
  linkOrder: LinkOrder | null;
}

/**
 * The number is held once the provider confirmed it: before 0004 `provider_id` was written at
 * creation, unasked.
 */
const isProven = (sql: Sql | Tx) => sql`(provider_id is not null and last_connected_at is not null)`;

export const channelColumns = (tx: Sql | Tx) => tx`
  ${plainColumns(tx)}, coalesce(phone, removed_phone) as phone, coalesce(provider_id, claimed_provider_id) as "providerId"`;

/** Throws a unique violation on channels_phone. */
export async function insertChannel(tx: Tx, row: NewChannel): Promise<ChannelRow> {
  const [inserted] = await tx<ChannelRow[]>`
    insert into channels (tenant_id, id, name, provider, phone, status, key, settings, daily_message_limit,
                          rate_per_minute, webhook_url, claimed_provider_id, claimed_at, credentials,
                          verify_token_digest, status_at, link_order, link_due_at, link_begun_at)
    values (${row.tenantId}, ${row.id}, ${row.name}, ${row.provider}, ${row.phone}, ${row.status}, ${row.key},
            ${tx.json(row.settings as never)}, ${row.dailyMessageLimit}, ${row.ratePerMinute}, ${row.webhookUrl},
            ${row.providerId}, clock_timestamp(), ${row.credentials}, ${row.verifyTokenDigest}, now(),
            ${row.linkOrder}, ${leaseFor(tx, row.linkOrder)}, ${row.linkOrder ? tx`now()` : null})
    returning ${channelColumns(tx)}`;
  return inserted!;
}

/** Until then the caller carries the order out; after it anybody may. */
const leaseFor = (tx: Tx, order: LinkOrder | null) =>
  order === null ? tx`null` : tx`now() + make_interval(secs => ${LINK_LEASE_SECONDS})`;

/**
 * Connects an unproved channel again: with what the tenant says now, and as unproved as a new one.
 */
export async function renewClaim(tx: Tx, row: NewChannel): Promise<ChannelRow> {
  const [renewed] = await tx<ChannelRow[]>`
    update channels set name = ${row.name}, status = ${row.status}, settings = ${tx.json(row.settings as never)},
      daily_message_limit = ${row.dailyMessageLimit}, rate_per_minute = ${row.ratePerMinute}, webhook_url = ${row.webhookUrl}, provider_id = null,
      claimed_provider_id = ${row.providerId}, claimed_at = clock_timestamp(), credentials = ${row.credentials},
      verify_token_digest = ${row.verifyTokenDigest}, status_at = now(), link_tries = 0, link_code = null,
      link_order = ${row.linkOrder}, link_due_at = ${leaseFor(tx, row.linkOrder)},
      link_begun_at = ${row.linkOrder ? tx`now()` : null},
      last_error = null, checked_at = null, response_ms = null, check_error = null, blocked_until = null,
      updated_at = now()
    where tenant_id = ${row.tenantId} and id = ${row.id}
    returning ${channelColumns(tx)}`;
  return renewed!;
}

/** The tenant's own channels with this phone, and those that hold this id at the provider. */
export function selectSameNumber(tx: Tx, tenantId: string, phone: string | null, provider: string, providerId: string) {
  return tx<(ChannelRow & { proven: boolean })[]>`
    select ${channelColumns(tx)}, ${isProven(tx)} as proven from channels
    where tenant_id = ${tenantId}
      and (phone = ${phone} or (provider = ${provider} and provider_id = ${providerId} and ${isProven(tx)}))
    for update`;
}

export function selectChannel(tx: Tx, tenantId: string, id: string) {
  return tx<ChannelRow[]>`
    select ${channelColumns(tx)} from channels where tenant_id = ${tenantId} and id = ${id} and removed_at is null`;
}

/** Locks a channel until the transaction ends. @throws NotFound */
export async function lockChannel(tx: Tx, tenantId: string, id: string): Promise<ChannelRow & SealedPart> {
  const [row] = await tx<(ChannelRow & SealedPart)[]>`
    select ${channelColumns(tx)}, credentials from channels
    where tenant_id = ${tenantId} and id = ${id} and removed_at is null for update`;
  if (!row) throw new NotFound('channel', id);
  return row;
}

type SealedPart = Pick<typeof channels.$inferSelect, 'credentials'>;

/** What a tenant may change of a channel. */
export type ChannelPatch = Pick<ChannelRow, 'name' | 'settings' | 'dailyMessageLimit' | 'ratePerMinute' | 'webhookUrl'>;

/**
 * Writes a changed channel. New credentials are a new claim to the number, and their proof follows.
 */
export async function patchChannel(
  tx: Tx,
  { tenantId, id }: Pick<ChannelRow, 'tenantId' | 'id'>,
  patch: ChannelPatch,
  renewed: { credentials: string; verifyTokenDigest: string; linkOrder: LinkOrder | null } | null,
): Promise<ChannelRow> {
  const secrets = renewed
    ? tx`credentials = ${renewed.credentials}, verify_token_digest = ${renewed.verifyTokenDigest},
         claimed_at = clock_timestamp(), link_order = ${renewed.linkOrder}, link_due_at = ${leaseFor(tx, renewed.linkOrder)},`
    : tx``;
  const [row] = await tx<ChannelRow[]>`
    update channels set name = ${patch.name}, settings = ${tx.json(patch.settings as never)},
      daily_message_limit = ${patch.dailyMessageLimit}, rate_per_minute = ${patch.ratePerMinute},
      webhook_url = ${patch.webhookUrl}, ${secrets} updated_at = now()
    where tenant_id = ${tenantId} and id = ${id}
    returning ${channelColumns(tx)}`;
  return row!;
}

/** Keeps other secrets for the same number; false when another call changed them first. */
export async function replaceSecrets(
  tx: Tx,
  { tenantId, id, credentials }: Pick<ChannelRow, 'tenantId' | 'id'> & SealedPart,
  sealed: string,
): Promise<boolean> {
  const written = await tx`
    update channels set credentials = ${sealed}
    where tenant_id = ${tenantId} and id = ${id} and credentials = ${credentials} and removed_at is null`;
  return written.count === 1;
}

/** Takes the number off its channel by hand. The claim stays, for who connects it again. */
export async function switchOff(
  tx: Tx,
  { tenantId, id }: Pick<ChannelRow, 'tenantId' | 'id'>,
  order: LinkOrder | null,
): Promise<ChannelRow> {
  const [row] = await tx<ChannelRow[]>`
    update channels set status = 'disconnected', claimed_provider_id = coalesce(claimed_provider_id, provider_id),
      provider_id = null, last_error = null, blocked_until = null, status_at = now(), history_read_at = null,
      lost_at = case when status = 'connected' then now() else lost_at end,
      lost_reason = case when status = 'connected' then null else lost_reason end, ${orderColumns(tx, order)}
      updated_at = now()
    where tenant_id = ${tenantId} and id = ${id}
    returning ${channelColumns(tx)}`;
  return row!;
}

/** Ends what a person began, and orders something else of the provider. */
const orderColumns = (tx: Tx, order: LinkOrder | null) => tx`
  link_order = ${order}, link_due_at = ${leaseFor(tx, order)},
  link_begun_at = ${order === 'begin' ? tx`now()` : null}, link_tries = 0, link_code = null, link_code_until = null,`;

/** Makes a channel that does not work a claim of this moment, to be proved again. */
export async function claimAgain(
  tx: Tx,
  { tenantId, id }: Pick<ChannelRow, 'tenantId' | 'id'>,
  link: { pairWith: string | null } | null,
): Promise<ChannelRow> {
  const begin = link ? tx`${orderColumns(tx, 'begin')} link_pair_with = ${link.pairWith},` : tx``;
  const [row] = await tx<ChannelRow[]>`
    update channels set status = 'connecting', claimed_provider_id = coalesce(claimed_provider_id, provider_id),
      claimed_at = clock_timestamp(), last_error = null, checked_at = null, blocked_until = null, ${begin}
      status_at = now(), updated_at = now()
    where tenant_id = ${tenantId} and id = ${id}
    returning ${channelColumns(tx)}`;
  return row!;
}

/**
 * Removes a channel: its secrets are gone, its number and its phone are free. With an order the
 * secrets stay until the provider took it.
 */
export async function markRemoved(
  tx: Tx,
  { tenantId, id }: Pick<ChannelRow, 'tenantId' | 'id'>,
  order: LinkOrder | null,
): Promise<ChannelRow> {
  const secrets =
    order === null
      ? tx`credentials = '', claimed_provider_id = null,`
      : tx`claimed_provider_id = coalesce(claimed_provider_id, provider_id),`;
  const [row] = await tx<ChannelRow[]>`
    update channels set removed_at = now(), removed_phone = phone, phone = null, provider_id = null, ${secrets}
      verify_token_digest = '', webhook_url = null, ${orderColumns(tx, order)} profile = null,
      status = 'disconnected', status_at = now(), last_error = null, blocked_until = null, updated_at = now()
    where tenant_id = ${tenantId} and id = ${id}
    returning ${channelColumns(tx)}`;
  return row!;
}

export interface ChannelFilter {
  /** Finds removed ones too: what is shown beside old conversations. */
  ids?: string[] | undefined;
  status?: string | undefined;
  provider?: string | undefined;
}

/** A page, oldest first: ids are UUIDv7, so they follow the time. */
export function selectChannels(tx: Tx, tenantId: string, filter: ChannelFilter, after: string | null, limit: number) {
  return tx<ChannelRow[]>`
    select ${channelColumns(tx)} from channels
    where ${matches(tx, tenantId, filter)} ${after ? tx`and id > ${after}` : tx``}
    order by id limit ${limit}`;
}

export function countChannels(tx: Tx, tenantId: string, filter: ChannelFilter) {
  return tx<{ total: number }[]>`select count(*)::int as total from channels where ${matches(tx, tenantId, filter)}`;
}

function matches(tx: Tx, tenantId: string, { ids, status, provider }: ChannelFilter) {
  return tx`tenant_id = ${tenantId}
    ${ids ? tx`and id = any(${ids})` : tx`and removed_at is null`}
    ${status ? tx`and status = ${status}` : tx``}
    ${provider ? tx`and provider = ${provider}` : tx``}`;
}

/** Channels of any tenant by id, or by one of the ids at one of the providers. Worker role. */
export function selectSecrets(sql: Sql, ids: string[], providers: string[], providerIds: string[]) {
  return sql<ChannelSecretsRow[]>`
    select ${secretColumns(sql)}, coalesce(provider_id, claimed_provider_id) as "providerId",
           ${isProven(sql)} as proven, (select plan from tenants t where t.tenant_id = channels.tenant_id) as plan
    from channels where id = any(${ids}::uuid[]) or (provider = any(${providers}) and provider_id = any(${providerIds}))`;
}

/**
 * Adds what was counted in memory. Rows are locked in one order, so that two copies can't wait for
 * each other.
 */
export async function addTotals(sql: Sql, ids: string[], sent: number[], received: number[]): Promise<void> {
  await sql`
    with added as (
      select * from unnest(${ids}::uuid[], ${sent}::int[], ${received}::int[]) as a(id, sent, received)
    ), locked as (
      select c.tenant_id, c.id from channels c join added using (id) order by c.id for update of c
    )
    update channels c set sent_total = sent_total + added.sent, received_total = received_total + added.received
    from locked join added using (id)
    where c.tenant_id = locked.tenant_id and c.id = locked.id`;
}

/**
 * Notes that the tenant is notified of its limit. Returns the row when it was not in the last hour.
 * Worker role.
 */
export async function noteLimited(tx: Tx, tenantId: string, id: string): Promise<ChannelRow | null> {
  const [row] = await tx<ChannelRow[]>`
    update channels set inbound_limited_at = now()
    where tenant_id = ${tenantId} and id = ${id}
      and coalesce(inbound_limited_at, '-infinity') < now() - interval '1 hour'
    returning ${channelColumns(tx)}`;
  return row ?? null;
}
