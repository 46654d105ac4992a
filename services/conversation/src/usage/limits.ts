import { PLANS } from '@recado/contracts';
import { findTenants, type KnownTenant, type TenantDirectory, type Tx } from '@recado/database';
import { PlanLimit, Unavailable } from '@recado/service-kit';
import { grant, monthOf } from './rules.ts';
import { addMessages, countOpen, findMessages } from './store.ts';

export type PlanOf = Pick<KnownTenant, 'tenantId' | 'plan' | 'timezone'>;

/** The tenant's plan and zone as last heard. TenantDirectory.ensure() comes before. */
export async function findPlan(tx: Tx, tenantId: string): Promise<PlanOf> {
  const [tenant] = await findTenants(tx, [tenantId]);
  if (!tenant) throw new Unavailable('identity', undefined, "The tenant's plan is not known yet");
  return tenant;
}

/**
 * The plans of tenants, for consumers: nobody is called in a transaction, so a tenant that is not known yet is asked for beside it, and the
 * event that needs it comes again.
 * @throws Unavailable
 */
export async function findPlans(
  tx: Tx,
  tenantIds: readonly string[],
  tenants: TenantDirectory,
): Promise<Map<string, PlanOf>> {
  const wanted = [...new Set(tenantIds)];
  const plans = new Map((await findTenants(tx, wanted)).map((tenant) => [tenant.tenantId, tenant]));
  const unknown = wanted.filter((tenantId) => !plans.has(tenantId));
  if (unknown.length === 0) return plans;
  for (const tenantId of unknown) tenants.ensure(tenantId).catch(() => {});
  throw new Unavailable('identity', undefined, `The plan of ${unknown.join(', ')} is not known yet`);
}

/**
 * Counts a message against the tenant's month, in the transaction that accepts it.
 * @throws PlanLimit maxMessages
 */
export async function spendMessage(tx: Tx, { tenantId, plan, timezone }: PlanOf, now: Date): Promise<void> {
  const { maxMessages } = PLANS[plan];
  if (!(await addMessages(tx, tenantId, monthOf(now, timezone).key, 1, maxMessages))) {
    throw new PlanLimit('maxMessages', `The plan's ${maxMessages} messages of this month are used up`);
  }
}

/** Counts up to `wanted` messages against the tenant's month; how many the plan allows. */
export async function grantMessages(tx: Tx, tenant: PlanOf, wanted: number, now: Date): Promise<number> {
  const { maxMessages } = PLANS[tenant.plan];
  const { key } = monthOf(now, tenant.timezone);
  if (await addMessages(tx, tenant.tenantId, key, wanted, maxMessages)) return wanted;
  // The refusal has locked the month, so what we read is what stands.
  const granted = grant(await findMessages(tx, tenant.tenantId, key), wanted, maxMessages);
  return granted > 0 && (await addMessages(tx, tenant.tenantId, key, granted, maxMessages)) ? granted : 0;
}

/**
 * Refuses a conversation just opened by us when there are too many. Call after spendMessage: it holds the tenant's month, so that of those
 * who open conversations at the same moment each sees the others'. Customers open conversations without being asked.
 * @throws PlanLimit maxConversations
 */
export async function checkConversations(tx: Tx, { tenantId, plan }: PlanOf): Promise<void> {
  const { maxConversations } = PLANS[plan];
  if (maxConversations === null) return;
  if ((await countOpen(tx, tenantId, maxConversations + 1)) > maxConversations) {
    throw new PlanLimit('maxConversations', `The plan's ${maxConversations} open conversations are reached`);
  }
}
