import { columns, type Sql, type Tx } from '@recado/database';
import { dispatches } from '../schema.ts';

type Dispatch = typeof dispatches.$inferSelect;

/** A row to be inserted. */
export interface NewDispatch
  extends Pick<
    Dispatch,
    | 'tenantId'
    | 'messageId'
    | 'conversationId'
    | 'channelId'
    | 'recipient'
    | 'type'
    | 'body'
    | 'content'
    | 'about'
    | 'rank'
    | 'traceparent'
  > {
  /** ISO 8601. */
  requestedAt: string;
  /** ISO 8601; null: at once. */
  dueAt: string | null;
}

const claimedColumns = columns(dispatches, {
  alias: 'd',
  only: [
    'tenantId',
    'messageId',
    'conversationId',
    'channelId',
    'recipient',
    'type',
    'body',
    'content',
    'about',
    'attempts',
    'refusals',
    'requestedAt',
    'traceparent',
  ],
});
/**
 * A row this process may send now. `attempts` says which try this is, from 1; results of another
 * try are not taken.
 */
export type ClaimedDispatch = typeof claimedColumns.$row & {
  /** When its channel last changed: what is remembered from before is out of date. */
  channelChangedAt: Date | null;
};

export type DispatchState = Dispatch['state'];

const stateColumns = columns(dispatches, { alias: 'd', only: ['tenantId', 'messageId', 'state'] });
const channelColumns = columns(dispatches, { alias: 'd', only: ['tenantId', 'channelId'] });
const expiredColumns = columns(dispatches, {
  alias: 'd',
  only: ['tenantId', 'messageId', 'channelId', 'attempts', 'errorCode', 'errorMessage'],
});
const failedColumns = columns(dispatches, {
  alias: 'd',
  only: ['tenantId', 'messageId', 'channelId', 'providerMessageId'],
});

/** What became of a try. */
export interface DispatchResult
  extends Pick<
    Dispatch,
    'tenantId' | 'messageId' | 'attempts' | 'state' | 'providerMessageId' | 'errorCode' | 'errorMessage'
  > {
  /** Milliseconds until it is due again, for `queued`. */
  pauseMs: number;
  /** 1 when the provider refused, else 0: postgres.js takes no arrays of booleans. */
  refused: 0 | 1;
}

/**
 * Inserts what is not there yet: one dispatch per message, for ever. Returns the messages that are
 * new.
 */
export async function insertDispatches(tx: Tx, rows: NewDispatch[]): Promise<{ messageId: string }[]> {
  const column = <K extends keyof NewDispatch>(name: K) => rows.map((row) => row[name]);
  return tx<{ messageId: string }[]>`
    insert into dispatches (tenant_id, message_id, conversation_id, channel_id, recipient, type, body, content, about, rank,
                            requested_at, due_at, traceparent)
    select t, m, c, ch, r::jsonb, ty, b, ct::jsonb, ab::jsonb, rk, at, coalesce(due, now()), tr
    from unnest(${column('tenantId')}::uuid[], ${column('messageId')}::uuid[], ${column('conversationId')}::uuid[],
                ${column('channelId')}::uuid[], ${rows.map((row) => JSON.stringify(row.recipient))}::text[],
                ${column('type')}::text[], ${column('body')}::text[], ${rows.map((row) => jsonOf(row.content))}::text[],
                ${rows.map((row) => jsonOf(row.about))}::text[], ${column('rank')}::smallint[],
                ${column('requestedAt')}::timestamptz[], ${column('dueAt')}::timestamptz[], ${column('traceparent')}::text[])
      as x(t, m, c, ch, r, ty, b, ct, ab, rk, at, due, tr)
    on conflict do nothing
    returning message_id as "messageId"`;
}

const jsonOf = (value: object | null) => (value === null ? null : JSON.stringify(value));

/** Fails messages that were just inserted: nothing was tried. */
export function failQueued(
  tx: Tx,
  rows: readonly Pick<NewDispatch, 'tenantId' | 'messageId'>[],
  error: { code: string; message: string },
) {
  return tx`
    update dispatches d set state = 'failed', error_code = ${error.code}, error_message = ${error.message}, updated_at = now()
    from unnest(${rows.map((row) => row.tenantId)}::uuid[], ${rows.map((row) => row.messageId)}::uuid[]) as f (tenant_id, message_id)
    where d.tenant_id = f.tenant_id and d.message_id = f.message_id and d.state = 'queued'`;
}

/** Locks a channel's day until the transaction ends; how many messages it was given so far. */
export async function lockDay(tx: Tx, { tenantId, channelId }: NewDispatch, day: string): Promise<number> {
  const [row] = await tx<{ messages: number }[]>`
    insert into channel_days as c (tenant_id, channel_id, day, messages) values (${tenantId}, ${channelId}, ${day}, 0)
    on conflict (tenant_id, channel_id, day) do update set messages = c.messages
    returning messages`;
  return row!.messages;
}

export function addToDay(tx: Tx, { tenantId, channelId }: NewDispatch, day: string, count: number) {
  return tx`
    update channel_days set messages = messages + ${count}
    where tenant_id = ${tenantId} and channel_id = ${channelId} and day = ${day}`;
}

/**
 * Claims due rows as `sending`, replies first, then the oldest: `limits[i]` of `channelIds[i]`, one
 * per conversation.
 * @throws a unique violation when another copy claims an older row of a conversation
 */
export function claimDispatches(sql: Sql, token: string, channelIds: string[], limits: number[], leaseMs: number) {
  return sql<ClaimedDispatch[]>`
    with picked as (
      select d.tenant_id, d.message_id
      from unnest(${channelIds}::uuid[], ${limits}::int[]) as wanted(channel_id, amount)
      cross join lateral (
        select q.tenant_id, q.message_id from dispatches q
        where q.channel_id = wanted.channel_id and q.state = 'queued' and q.due_at <= now()
          and not exists (
            select from dispatches o
            where o.tenant_id = q.tenant_id and o.conversation_id = q.conversation_id
              and o.state in ('queued', 'sending')
              and (o.state = 'sending' or (o.rank, o.requested_at, o.message_id) < (q.rank, q.requested_at, q.message_id)))
        order by q.rank, q.requested_at, q.message_id
        limit wanted.amount
        for update skip locked
      ) d
    )
    update dispatches d
    set state = 'sending', claim_token = ${token}, attempts = d.attempts + 1, lease_until = now() + make_interval(secs => ${leaseMs / 1000}),
        updated_at = now()
    from picked
    where d.tenant_id = picked.tenant_id and d.message_id = picked.message_id
    returning ${claimedColumns(sql)},
      (select c.updated_at from channels c where c.tenant_id = d.tenant_id and c.id = d.channel_id) as "channelChangedAt"`;
}

/**
 * Takes back claims whose answer was lost: they may have committed, but this process sent none.
 * Only the living process that made a claim may do this.
 * @returns their channels
 */
export function releaseClaims(sql: Sql, tokens: string[]) {
  return sql<(typeof channelColumns.$row)[]>`
    update dispatches d set state = 'queued', attempts = attempts - 1, claim_token = null, lease_until = null,
      uncertain_at = null, due_at = now(), updated_at = now()
    where state in ('sending', 'uncertain') and claim_token = any(${tokens}::uuid[])
    returning ${channelColumns(sql)}`;
}

/** Lets a send take longer; false when its lease ran out already. */
export async function extendLease(
  sql: Sql,
  { tenantId, messageId, attempts }: Pick<Dispatch, 'tenantId' | 'messageId' | 'attempts'>,
  leaseMs: number,
): Promise<boolean> {
  const rows = await sql`
    update dispatches set lease_until = now() + make_interval(secs => ${leaseMs / 1000})
    where tenant_id = ${tenantId} and message_id = ${messageId} and attempts = ${attempts} and state = 'sending'
    returning 1`;
  return rows.length > 0;
}

/**
 * Channels with rows that are due, each with how many, up to `cap`. Skips through the index from
 * channel to channel.
 */
export function listDueChannels(sql: Sql, cap: number) {
  return sql<(typeof channelColumns.$row & { due: number })[]>`
    with recursive waiting as (
      (select channel_id from dispatches where state = 'queued' order by channel_id limit 1)
      union all
      select (select d.channel_id from dispatches d where d.state = 'queued' and d.channel_id > waiting.channel_id
              order by d.channel_id limit 1)
      from waiting where waiting.channel_id is not null
    )
    select tenant_id as "tenantId", channel_id as "channelId", due from waiting
    cross join lateral (
      select min(tenant_id::text)::uuid as tenant_id, count(*)::int as due from (
        select tenant_id from dispatches d where d.channel_id = waiting.channel_id and d.state = 'queued' and d.due_at <= now()
        limit ${cap}
      ) capped
    ) counted
    where channel_id is not null and due > 0`;
}

/**
 * Writes results, if the row is at that try and no webhook settled it. An `uncertain` row still
 * takes its late result.
 * @returns the rows changed, and whether their conversation has more to send
 */
export function recordResults(tx: Tx, results: DispatchResult[]) {
  const column = <K extends keyof DispatchResult>(name: K) => results.map((result) => result[name]);
  return tx<(typeof stateColumns.$row & { more: boolean })[]>`
    update dispatches d
    set state = r.state, provider_message_id = coalesce(r.wamid, d.provider_message_id), error_code = r.code,
        error_message = r.message, refusals = d.refusals + r.refused, lease_until = null,
        uncertain_at = case when r.state = 'uncertain' then coalesce(d.uncertain_at, now()) end,
        due_at = case when r.state = 'queued' then now() + make_interval(secs => r.pause / 1000) else d.due_at end,
        updated_at = now()
    from unnest(${column('tenantId')}::uuid[], ${column('messageId')}::uuid[], ${column('attempts')}::int[],
                ${column('state')}::text[], ${column('providerMessageId')}::text[], ${column('errorCode')}::text[],
                ${column('errorMessage')}::text[], ${column('pauseMs')}::float8[], ${column('refused')}::int[])
         as r(tenant_id, message_id, attempts, state, wamid, code, message, pause, refused)
    where d.tenant_id = r.tenant_id and d.message_id = r.message_id and d.attempts = r.attempts
      and d.state in ('sending', 'uncertain') and not (d.state = 'uncertain' and r.state = 'uncertain')
    returning ${stateColumns(tx)},
      exists (select from dispatches o where o.tenant_id = d.tenant_id and o.conversation_id = d.conversation_id
              and o.state = 'queued' and o.message_id <> d.message_id) as more`;
}

/** The provider's own report on a message of ours. */
export interface Proof
  extends Pick<Dispatch, 'tenantId' | 'messageId' | 'providerMessageId' | 'errorCode' | 'errorMessage'> {
  status: 'sent' | 'delivered' | 'read' | 'failed';
}

/**
 * Settles dispatches by status webhooks. Proof of sending gives `sent`, but a mere `sent` does not
 * undo a failure by the provider. A failure is final.
 * @returns the channels where the next message may go
 */
export function settleDispatches(tx: Tx, proofs: Proof[]) {
  const column = <K extends keyof Proof>(name: K) => proofs.map((proof) => proof[name]);
  return tx<(typeof channelColumns.$row & { before: DispatchState })[]>`
    with proof as (
      select * from unnest(${column('tenantId')}::uuid[], ${column('messageId')}::uuid[],
        ${column('providerMessageId')}::text[], ${column('status')}::text[], ${column('errorCode')}::text[],
        ${column('errorMessage')}::text[]) as p(tenant_id, message_id, wamid, status, code, message)
    ), before as (
      select d.tenant_id, d.message_id, d.state from dispatches d join proof using (tenant_id, message_id)
      where case when proof.status = 'failed' then d.state <> 'failed'
                 when proof.status = 'sent' then d.state <> 'sent' and (d.state <> 'failed' or d.error_code = 'uncertain')
                 else d.state <> 'sent' end
      order by d.tenant_id, d.message_id for update of d
    )
    update dispatches d
    set state = case when proof.status = 'failed' then 'failed' else 'sent' end,
        provider_message_id = coalesce(d.provider_message_id, proof.wamid),
        error_code = proof.code, error_message = proof.message, lease_until = null, uncertain_at = null, updated_at = now()
    from proof join before using (tenant_id, message_id)
    where d.tenant_id = proof.tenant_id and d.message_id = proof.message_id
    returning ${channelColumns(tx)}, before.state as before`;
}

/** Rows `sending` whose owner died become uncertain. */
export function expireLeases(tx: Tx, limit: number) {
  return tx<(typeof expiredColumns.$row)[]>`
    update dispatches d set state = 'uncertain', uncertain_at = now(), lease_until = null, updated_at = now(),
      error_code = 'uncertain', error_message = 'The process that sent it died before it knew the result'
    where (tenant_id, message_id) in (
      select tenant_id, message_id from dispatches where state = 'sending' and lease_until < now()
      order by lease_until limit ${limit} for update skip locked)
    returning ${expiredColumns(tx)}`;
}

/** Rows uncertain for longer than `afterMs` fail. */
export function failUncertain(tx: Tx, afterMs: number, error: { code: string; message: string }, limit: number) {
  return tx<(typeof failedColumns.$row)[]>`
    update dispatches d set state = 'failed', updated_at = now(), uncertain_at = null, error_code = ${error.code},
      error_message = ${error.message}
    where (tenant_id, message_id) in (
      select tenant_id, message_id from dispatches
      where state = 'uncertain' and uncertain_at < now() - make_interval(secs => ${afterMs / 1000})
      order by uncertain_at limit ${limit} for update skip locked)
    returning ${failedColumns(tx)}`;
}

export function countUncertain(sql: Sql) {
  return sql<{ count: number }[]>`select count(*)::int as count from dispatches where state = 'uncertain'`;
}
