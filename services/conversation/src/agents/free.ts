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

/** How many more chats of a campaign routing may give to a user now. */
export interface AgentRoom {
  tenantId: string;
  userId: string;
  campaignId: string;
  room: number;
}

/**
 * The room of those of these users who take chats: within their own limit and, for the campaign's
 * agents, within the campaign's. The caller has locked the routing of these tenants.
 */
export const selectRooms = (tx: Tx, wanted: readonly Omit<AgentRoom, 'room'>[]) =>
  tx<AgentRoom[]>`
    select a.tenant_id as "tenantId", a.id as "userId", w.campaign_id as "campaignId",
           least(a.max_chats, m.max_chats) - ${openChats(tx)} as room
    from (
      select distinct * from unnest(${wanted.map((w) => w.tenantId)}::uuid[], ${wanted.map((w) => w.userId)}::uuid[],
                                    ${wanted.map((w) => w.campaignId)}::uuid[])
    ) w (tenant_id, id, campaign_id)
    join agents a using (tenant_id, id)
    left join campaign_agents m on m.tenant_id = a.tenant_id and m.user_id = a.id and m.campaign_id = w.campaign_id
    where a.agent_status = 'available' and a.status = 'active' and a.auto_assign`;

/** Whether routing may give a user a chat of a campaign now. The caller has locked the routing. */
export async function isAgentFree(tx: Tx, tenantId: string, userId: string, campaignId: string): Promise<boolean> {
  const [row] = await selectRooms(tx, [{ tenantId, userId, campaignId }]);
  return row !== undefined && row.room > 0;
}
