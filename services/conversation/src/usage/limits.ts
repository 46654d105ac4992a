import { PLANS } from '@recado/contracts';
import type { TenantPlan, Tx } from '@recado/database';
import { PlanLimit } from '@recado/service-kit';
import { monthOf } from './rules.ts';
import { addUnlimited, addWithin, countOpen, findMessages } from './store.ts';

/**
 * Counts a message against the tenant's month, in the transaction that accepts it.
 * @throws PlanLimit maxMessages
 */
export const spendMessage = (tx: Tx, tenant: TenantPlan, now: Date): Promise<void> => spendMessages(tx, tenant, 1, now);

/** The same for several, all or none. */
export async function spendMessages(
  tx: Tx,
  { tenantId, plan, timezone }: TenantPlan,
  count: number,
  now: Date,
): Promise<void> {
  const { maxMessages } = PLANS[plan];
  const { key } = monthOf(now, timezone);
  if (maxMessages === null) await addUnlimited(tx, tenantId, key, count);
  else if (!(await addWithin(tx, tenantId, key, count, maxMessages))) {
    throw new PlanLimit('maxMessages', `The plan's ${maxMessages} messages of this month are used up`);
  }
}

/** Counts up to `wanted` messages against the tenant's month; how many the plan allows. */
export async function grantMessages(tx: Tx, tenant: TenantPlan, wanted: number, now: Date): Promise<number> {
  const { maxMessages } = PLANS[tenant.plan];
  const { key } = monthOf(now, tenant.timezone);
  if (maxMessages === null) {
    await addUnlimited(tx, tenant.tenantId, key, wanted);
    return wanted;
  }
  if (await addWithin(tx, tenant.tenantId, key, wanted, maxMessages)) return wanted;
  // The refusal has locked the month, so what we read is what stands.
  const left = Math.max(0, maxMessages - (await findMessages(tx, tenant.tenantId, key)));
  return left > 0 && (await addWithin(tx, tenant.tenantId, key, left, maxMessages)) ? left : 0;
}

/**
 * Refuses a conversation that we opened beyond the plan. Call it after spendMessage, whose lock
 * makes parallel ones visible. Conversations of customers are never refused.
 * @throws PlanLimit maxConversations
 */
export async function checkConversations(tx: Tx, { tenantId, plan }: TenantPlan): Promise<void> {
  const { maxConversations } = PLANS[plan];
  if (maxConversations === null) return;
  if ((await countOpen(tx, tenantId, maxConversations + 1)) > maxConversations) {
    throw new PlanLimit('maxConversations', `The plan's ${maxConversations} open conversations are reached`);
  }
}
