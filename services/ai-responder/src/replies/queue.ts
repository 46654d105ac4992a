import { uuidv7 } from '@recado/contracts';
import type { Tx } from '@recado/database';

/** A reply this process works on until its lease ends. */
export interface Job {
  tenantId: string;
  inboundMessageId: string;
  conversationId: string;
  inboundAt: Date;
  isNew: boolean;
  /** This claim included. */
  claims: number;
  failures: number;
  leaseId: string;
  traceparent: string | null;
}

export interface ClaimOptions {
  limit: number;
  /** At most so many of one tenant, those in `running` included. */
  perTenant: number;
  /** How many of each tenant this process works on already. */
  running: ReadonlyMap<string, number>;
  leaseMs: number;
}

/**
 * Takes due replies and those whose lease ran out, those first that bring their tenant to the fewest
 * under way, of these the longest due. Copies that claim at the same time get different ones. The tenants are found by hops over the index, so that one tenant's
 * thousand due replies cost no more than its first few.
 */
export async function claimJobs(tx: Tx, { limit, perTenant, running, leaseMs }: ClaimOptions): Promise<Job[]> {
  const leaseId = uuidv7();
  return tx<Job[]>`
    with recursive tenants as (
      (select tenant_id from pending_replies where state in ('due', 'working') order by tenant_id limit 1)
      union all
      select (select p.tenant_id from pending_replies p
              where p.state in ('due', 'working') and p.tenant_id > tenants.tenant_id order by p.tenant_id limit 1)
      from tenants where tenants.tenant_id is not null
    ),
    busy as (
      select * from unnest(${[...running.keys()]}::uuid[], ${[...running.values()]}::int[]) as busy (tenant_id, jobs)
    ),
    found as (
      select job.*, coalesce(busy.jobs, 0) + row_number() over (partition by job.tenant_id order by job.next_try_at) as turn
      from tenants left join busy using (tenant_id)
      cross join lateral (
        select p.tenant_id, p.inbound_message_id, p.next_try_at from pending_replies p
        where p.tenant_id = tenants.tenant_id and p.state in ('due', 'working') and p.next_try_at <= statement_timestamp()
        order by p.next_try_at limit greatest(0, ${perTenant}::int - coalesce(busy.jobs, 0))
      ) job
      where tenants.tenant_id is not null
    ),
    -- More than wanted: copies that look at the same moment see the same ones, and each leaves what another has locked.
    candidates as (select * from found order by turn, next_try_at limit ${limit * 4}),
    chosen as materialized (
      select p.tenant_id, p.inbound_message_id
      from candidates c join pending_replies p using (tenant_id, inbound_message_id)
      where p.state in ('due', 'working') and p.next_try_at <= statement_timestamp()
      order by c.turn, c.next_try_at limit ${limit}
      for update of p skip locked
    )
    update pending_replies p
    set state = 'working', claims = claims + 1, lease_id = ${leaseId},
        next_try_at = statement_timestamp() + ${leaseMs} * interval '1 millisecond', updated_at = now()
    from chosen where p.tenant_id = chosen.tenant_id and p.inbound_message_id = chosen.inbound_message_id
    returning p.tenant_id as "tenantId", p.inbound_message_id as "inboundMessageId", p.conversation_id as "conversationId",
              p.inbound_at as "inboundAt", p.is_new as "isNew", p.claims, p.failures, p.lease_id as "leaseId", p.traceparent`;
}

/** Ends a reply; false when the lease was lost to another copy, whose word counts then. */
export async function finishJob(
  tx: Tx,
  job: Job,
  state: 'done' | 'dropped' | 'handed_off',
  reason: string | null,
): Promise<boolean> {
  const rows = await tx`
    update pending_replies set state = ${state}, reason = ${reason}, lease_id = null, updated_at = now()
    where tenant_id = ${job.tenantId} and inbound_message_id = ${job.inboundMessageId}
      and state = 'working' and lease_id = ${job.leaseId} returning 1`;
  return rows.length > 0;
}

/**
 * Gives a reply back, to be tried again in `pauseMs`. An orderly end of the claim, so it does not count among those that never ended.
 * `failed`: the model failed once more.
 */
export async function postponeJob(tx: Tx, job: Job, pauseMs: number, failed: boolean): Promise<void> {
  await tx`
    update pending_replies
    set state = 'due', claims = 0, failures = failures + ${failed ? 1 : 0}, lease_id = null, updated_at = now(),
        next_try_at = now() + ${pauseMs} * interval '1 millisecond'
    where tenant_id = ${job.tenantId} and inbound_message_id = ${job.inboundMessageId}
      and state = 'working' and lease_id = ${job.leaseId}`;
}
