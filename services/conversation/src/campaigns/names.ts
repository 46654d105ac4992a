import { type Database, readTenant } from '@recado/database';

interface Named {
  id: string;
  name: string;
}

/** Names of campaigns, removed ones included. */
export async function findCampaignNames(db: Database, tenantId: string, ids: readonly string[]): Promise<Named[]> {
  const [rows] = await readTenant(db, tenantId, (tx) => [
    tx<Named[]>`select id, name from campaigns where tenant_id = ${tenantId} and id = any(${ids as string[]}::uuid[])`,
  ]);
  return [...rows];
}

/** The campaigns that a user is in, with the user's priority in each. */
export async function findCampaignsOfUser(db: Database, tenantId: string, userId: string) {
  const [rows] = await readTenant(db, tenantId, (tx) => [
    tx<(Named & { priority: number })[]>`
      select g.id, g.name, a.priority
      from campaign_agents a join campaigns g on g.tenant_id = a.tenant_id and g.id = a.campaign_id
      where a.tenant_id = ${tenantId} and a.user_id = ${userId} order by g.id`,
  ]);
  return [...rows];
}

/** The campaigns of numbers. */
export async function findCampaignsOfNumbers(db: Database, tenantId: string, channelIds: readonly string[]) {
  const [rows] = await readTenant(db, tenantId, (tx) => [
    tx<(Named & { channelId: string })[]>`
      select g.id, g.name, n.channel_id as "channelId"
      from campaign_numbers n join campaigns g on g.tenant_id = n.tenant_id and g.id = n.campaign_id
      where n.tenant_id = ${tenantId} and n.channel_id = any(${channelIds as string[]}::uuid[])`,
  ]);
  return [...rows];
}
