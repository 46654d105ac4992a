import type { Tx } from '@recado/database';
import { ofUnblocked } from '../contacts/blocked.ts';

/**
 * How many open chats a user has, in all campaigns and outside of them; the table is `a`. Those of
 * blocked contacts are no work, nor are those that are put away.
 */
export const openChats = (tx: Tx) => tx`(
  select count(*)::int from conversations c
  where c.tenant_id = a.tenant_id and c.assigned_user_id = a.id and c.status <> 'closed' and c.snoozed_until is null
    and ${ofUnblocked(tx)})`;

/**
 * Whether routing may give a user a chat of a campaign now: within their own limit and, for one of
 * its agents, within the campaign's. The caller has locked the tenant's routing.
 */
export async function isAgentFree(tx: Tx, tenantId: string, userId: string, campaignId: string): Promise<boolean> {
  const [row] = await tx<{ free: boolean }[]>`
    select a.agent_status = 'available' and a.status = 'active' and a.auto_assign
           and ${openChats(tx)} < least(a.max_chats, m.max_chats) as free
    from agents a
    left join campaign_agents m on m.tenant_id = a.tenant_id and m.user_id = a.id and m.campaign_id = ${campaignId}
    where a.tenant_id = ${tenantId} and a.id = ${userId}`;
  return row?.free ?? false;
}
