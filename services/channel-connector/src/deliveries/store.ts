import type { WebhookAttempt } from '@recado/contracts';
import { columns, type Sql, type Tx } from '@recado/database';
import { webhookDeliveries, webhookEndpoints } from '../schema.ts';

const shownColumns = columns(webhookDeliveries, {
  alias: 'd',
  only: [
    'tenantId',
    'id',
    'endpointId',
    'eventId',
    'eventType',
    'status',
    'tries',
    'attempts',
    'nextTryAt',
    'createdAt',
    'endedAt',
    'erasedAt',
  ],
});
export type DeliveryRow = Omit<typeof shownColumns.$row, 'attempts'> & { attempts: WebhookAttempt[] };

const targetColumns = columns(webhookEndpoints, {
  alias: 'e',
  only: ['id', 'tenantId', 'enabledAt', 'eventTypes', 'channelIds', 'pausedUntil'],
});
/** What decides whether an endpoint gets an event. */
export type Target = typeof targetColumns.$row;

/** The endpoints of these tenants that are switched on. */
export const selectTargets = (tx: Tx, tenantIds: readonly string[]) =>
  tx<Target[]>`
    select ${targetColumns(tx)} from webhook_endpoints e
    where e.tenant_id = any(${tenantIds as string[]}::uuid[]) and e.enabled`;

export type NewDelivery = Pick<
  typeof webhookDeliveries.$inferSelect,
  'tenantId' | 'id' | 'endpointId' | 'eventId' | 'eventType' | 'payload' | 'contactId' | 'conversationId'
>;

/** Adds what an endpoint has not got yet; a repeat adds nothing. In one order, for two at once. */
export async function insertDeliveries(tx: Tx, rows: readonly NewDelivery[]): Promise<Set<string>> {
  const column = <K extends keyof NewDelivery>(name: K) => rows.map((row) => row[name]);
  const added = await tx<{ id: string }[]>`
    insert into webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, payload, contact_id, conversation_id,
                                    next_try_at)
    select d.*, now() from unnest(${column('tenantId')}::uuid[], ${column('id')}::uuid[], ${column('endpointId')}::uuid[],
                                  ${column('eventId')}::uuid[], ${column('eventType')}::text[],
                                  ${column('payload')}::text[], ${column('contactId')}::uuid[],
                                  ${column('conversationId')}::uuid[])
         as d (tenant_id, id, endpoint_id, event_id, event_type, payload, contact_id, conversation_id)
    order by d.tenant_id, d.endpoint_id, d.event_id
    on conflict (tenant_id, endpoint_id, event_id) do nothing returning id`;
  return new Set(added.map(({ id }) => id));
}

const loadedColumns = columns(webhookDeliveries, {
  alias: 'd',
  only: ['tenantId', 'id', 'endpointId', 'eventId', 'payload', 'status', 'tries'],
});
const receiverColumns = columns(webhookEndpoints, {
  alias: 'e',
  only: ['name', 'url', 'enabled', 'pausedUntil', 'secret', 'previousSecret', 'previousSecretUntil'],
});
/** What a try needs. */
export type Loaded = typeof loadedColumns.$row & typeof receiverColumns.$row;

/** Deliveries with their endpoints; those whose endpoint was removed are missing. Worker role. */
export const loadDeliveries = (sql: Sql, keys: readonly { tenantId: string; id: string }[]) =>
  sql<Loaded[]>`
    select ${loadedColumns(sql)}, ${receiverColumns(sql)}
    from unnest(${keys.map(({ tenantId }) => tenantId)}::uuid[], ${keys.map(({ id }) => id)}::uuid[]) as k (tenant_id, id)
    join webhook_deliveries d using (tenant_id, id)
    join webhook_endpoints e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id`;

/** How a job ends for its delivery. `attempt` null: the endpoint is switched off. */
export interface DeliveryEnd {
  tenantId: string;
  id: string;
  status: DeliveryRow['status'];
  attempt: WebhookAttempt | null;
  pauseMs: number | null;
}

/** Tries that the log keeps of one delivery. */
const KEPT_ATTEMPTS = 20;

export const endDeliveries = (tx: Tx, ends: readonly DeliveryEnd[]) =>
  tx`
    update webhook_deliveries d set
      status = e.status, tries = d.tries + case when e.attempt is null then 0 else 1 end,
      attempts = case when e.attempt is null then d.attempts
                      when jsonb_array_length(d.attempts) < ${KEPT_ATTEMPTS} then d.attempts || e.attempt::jsonb
                      else (d.attempts - 0) || e.attempt::jsonb end,
      next_try_at = now() + e.pause * interval '1 millisecond',
      ended_at = case when e.status = 'pending' then null else now() end
    from unnest(${ends.map(({ tenantId }) => tenantId)}::uuid[], ${ends.map(({ id }) => id)}::uuid[],
                ${ends.map(({ status }) => status)}::text[],
                ${ends.map(({ attempt }) => (attempt ? JSON.stringify(attempt) : null))}::text[],
                ${ends.map(({ pauseMs }) => pauseMs)}::float8[])
         as e (tenant_id, id, status, attempt, pause)
    where d.tenant_id = e.tenant_id and d.id = e.id and d.status = 'pending'`;

/** What the tries of a moment say of an endpoint. */
export interface Health {
  tenantId: string;
  id: string;
  ok: boolean;
  gone: boolean;
  /** It asked for so long a rest. */
  restMs: number | null;
}

export interface Disabled {
  tenantId: string;
  id: string;
  name: string;
  url: string;
  reason: 'gone' | 'failing';
}

/**
 * Notes how endpoints fare; a row changes only when that says something new. Returns those that
 * are switched off by it.
 */
export async function noteHealth(tx: Tx, notes: readonly Health[], giveUpAfterMs: number): Promise<Disabled[]> {
  const rows = await tx<(Omit<Disabled, 'reason'> & { reason: Disabled['reason'] | null })[]>`
    with noted as (
      select e.tenant_id, e.id, n.ok = 1 as ok, n.rest,
             case when not e.enabled or n.ok = 1 then null when n.gone = 1 then 'gone'
                  when e.failing_since < now() - ${giveUpAfterMs} * interval '1 millisecond' then 'failing' end as reason
      from unnest(${notes.map(({ tenantId }) => tenantId)}::uuid[], ${notes.map(({ id }) => id)}::uuid[],
                  ${notes.map(({ ok }) => Number(ok))}::int[], ${notes.map(({ gone }) => Number(gone))}::int[],
                  ${notes.map(({ restMs }) => restMs)}::float8[]) as n (tenant_id, id, ok, gone, rest)
      join webhook_endpoints e using (tenant_id, id)
      where case when n.ok = 1 then e.failing_since is not null or e.paused_until is not null
                               or e.last_success_at is null or e.last_success_at < now() - interval '1 minute'
                 else e.failing_since is null or n.gone = 1 or n.rest is not null
                      or e.failing_since < now() - ${giveUpAfterMs} * interval '1 millisecond' end
      order by e.tenant_id, e.id for update of e
    )
    update webhook_endpoints e set
      failing_since = case when n.ok then null else coalesce(e.failing_since, now()) end,
      last_success_at = case when n.ok then now() else e.last_success_at end,
      paused_until = case when n.ok then null when n.rest is null then e.paused_until
                          else greatest(e.paused_until, now() + n.rest * interval '1 millisecond') end,
      enabled = e.enabled and n.reason is null,
      disabled_reason = coalesce(n.reason, e.disabled_reason),
      disabled_at = case when n.reason is null then e.disabled_at else now() end,
      updated_at = case when n.reason is null then e.updated_at else now() end
    from noted n where e.tenant_id = n.tenant_id and e.id = n.id
    returning e.tenant_id as "tenantId", e.id, e.name, e.url, n.reason`;
  return rows.filter((row): row is Disabled => row.reason !== null);
}

export interface DeliveryFilter {
  status?: DeliveryRow['status'] | undefined;
  eventType?: string | undefined;
  /** Ids follow the time: the first of the span, and the first after it. */
  from: string | null;
  to: string | null;
}

/** A page of the log, the latest first. */
export const selectDeliveries = (
  tx: Tx,
  tenantId: string,
  endpointId: string,
  { status, eventType, from, to }: DeliveryFilter,
  { after, limit }: { after: { id: string } | null; limit: number },
) =>
  tx<DeliveryRow[]>`
    select ${shownColumns(tx)} from webhook_deliveries d
    where d.tenant_id = ${tenantId} and d.endpoint_id = ${endpointId}
      ${status ? tx`and d.status = ${status}` : tx``} ${eventType ? tx`and d.event_type = ${eventType}` : tx``}
      ${from ? tx`and d.id >= ${from}` : tx``} ${to ? tx`and d.id < ${to}` : tx``}
      ${after ? tx`and d.id < ${after.id}` : tx``}
    order by d.id desc limit ${limit}`;

/** One whose endpoint is still there. */
export const selectDelivery = (tx: Tx, tenantId: string, id: string) =>
  tx<(DeliveryRow & { payload: string; enabled: boolean })[]>`
    select ${shownColumns(tx)}, d.payload, e.enabled from webhook_deliveries d
    join webhook_endpoints e on e.tenant_id = d.tenant_id and e.id = d.endpoint_id
    where d.tenant_id = ${tenantId} and d.id = ${id}`;

/** Makes one that ended wait again. Nothing when it waits already. */
export const reopenDelivery = (tx: Tx, tenantId: string, id: string) =>
  tx<DeliveryRow[]>`
    update webhook_deliveries d set status = 'pending', tries = 0, next_try_at = now(), ended_at = null
    where d.tenant_id = ${tenantId} and d.id = ${id} and d.status <> 'pending' and d.erased_at is null
    returning ${shownColumns(tx)}`;

/** Makes the oldest that failed in a span wait again. Worker role. */
export const reopenFailed = (
  tx: Tx,
  tenantId: string,
  endpointId: string,
  { since, before }: { since: string; before: string },
  limit: number,
) =>
  tx<{ id: string }[]>`
    update webhook_deliveries d set status = 'pending', tries = 0, next_try_at = now(), ended_at = null
    where d.tenant_id = ${tenantId} and d.status = 'failed' and d.erased_at is null and d.id in (
      select id from webhook_deliveries
      where tenant_id = ${tenantId} and endpoint_id = ${endpointId} and status = 'failed' and erased_at is null
        and created_at >= ${since}::timestamptz and ended_at < ${before}::timestamptz
      order by id limit ${limit} for update skip locked)
    returning d.id`;

/**
 * Erases the log's events of a contact and its chats. What waits goes out no more if it is older
 * than the removal (by UUIDv7); later ones are delivered first. Worker role.
 */
export const eraseDeliveries = (tx: Tx, tenantId: string, contactId: string, removal: string | null) =>
  tx`
    with own as (
      select d.tenant_id, d.id, d.conversation_id from webhook_deliveries d
      where d.tenant_id = ${tenantId} and d.contact_id = ${contactId}
    ), theirs as (
      select tenant_id, id from own
      union
      select d.tenant_id, d.id from (select distinct tenant_id, conversation_id from own) o
      join webhook_deliveries d using (tenant_id, conversation_id)
    )
    update webhook_deliveries d set erased_at = now(),
      status = case when d.status = 'pending' then 'failed' else d.status end,
      next_try_at = null, ended_at = coalesce(d.ended_at, now()),
      payload = json_build_object('id', d.event_id, 'type', d.event_type, 'erased', true)::text,
      attempts = (select coalesce(jsonb_agg(a || '{"response": null}'), '[]') from jsonb_array_elements(d.attempts) a)
    from theirs where d.tenant_id = theirs.tenant_id and d.id = theirs.id
      and (d.status <> 'pending' or d.event_id < ${removal}::uuid)
      and d.erased_at is null and d.event_type <> 'contact.deleted'`;

const PRUNED_AT_ONCE = 10_000;

/** Drops what is older than 30 days, or lost its endpoint; 10,000 at most. Worker role. */
export async function pruneDeliveries(sql: Sql): Promise<void> {
  await sql`
    delete from webhook_deliveries where ctid = any(array(
      select ctid from webhook_deliveries
      where created_at < now() - interval '30 days' limit ${PRUNED_AT_ONCE}))`;
}
