import type { Campaign, CampaignAgent } from '@recado/contracts';
import { columns, holdsText, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { ofUnblocked } from '../contacts/blocked.ts';
import { campaigns } from '../schema.ts';

/** The columns of a CampaignRow; the table is `g`. */
export const campaignColumns = columns(campaigns, { alias: 'g', except: ['wakeAt'] });
export type CampaignRow = typeof campaignColumns.$row;

/** What a person sets of a campaign. */
export type CampaignSettings = Omit<CampaignRow, 'tenantId' | 'id' | 'createdAt' | 'updatedAt' | 'deletedAt'>;

export interface CampaignNumber {
  channelId: string;
  isPrimary: boolean;
}

/** A campaign with its numbers, and how many agents and chats it has. */
export type CountedCampaign = CampaignRow & {
  numbers: CampaignNumber[];
  agentsCount: number;
  activeChats: number;
  waitingChats: number;
};

/** Users who were removed are no agents any more; the table is `a`. */
const isStillUser = (tx: Tx) => tx`not exists (
  select from agents u where u.tenant_id = a.tenant_id and u.id = a.user_id and u.status = 'removed')`;

const counted = (tx: Tx) => tx`
  ${campaignColumns(tx)},
  (select coalesce(json_agg(json_build_object('channelId', n.channel_id, 'isPrimary', n.is_primary) order by n.position), '[]')
   from campaign_numbers n where n.tenant_id = g.tenant_id and n.campaign_id = g.id) as numbers,
  (select count(*)::int from campaign_agents a
   where a.tenant_id = g.tenant_id and a.campaign_id = g.id and ${isStillUser(tx)}) as "agentsCount",
  (select count(*)::int from conversations c
   where c.tenant_id = g.tenant_id and c.campaign_id = g.id and c.status <> 'closed'
     and c.assigned_user_id is not null and ${ofUnblocked(tx)}) as "activeChats",
  (select count(*)::int from conversations c
   where c.tenant_id = g.tenant_id and c.campaign_id = g.id and c.status = 'queued'
     and c.assigned_user_id is null and ${ofUnblocked(tx)}) as "waitingChats"`;

export interface CampaignFilter {
  status?: Campaign['status'] | undefined;
  search?: string | undefined;
}

const matches = (tx: Tx, tenantId: string, { status, search }: CampaignFilter) => tx`
  g.tenant_id = ${tenantId} and g.deleted_at is null ${status ? tx`and g.status = ${status}` : tx``}
  ${search ? tx`and (${holdsText(tx, tx`g.name`, search)} or ${holdsText(tx, tx`g.code`, search)})` : tx``}`;

/** A page of campaigns, the last made first. */
export const selectCampaigns = (
  tx: Tx,
  tenantId: string,
  filter: CampaignFilter,
  { after, limit, offset }: Slice<{ id: string }>,
) => tx<CountedCampaign[]>`
  select ${counted(tx)}
  from (
    select * from campaigns g
    where ${matches(tx, tenantId, filter)} ${after ? tx`and g.id < ${after.id}::uuid` : tx``}
    order by g.id desc limit ${limit} offset ${offset}
  ) g order by g.id desc`;

export const countCampaigns = (tx: Tx, tenantId: string, filter: CampaignFilter) =>
  tx<{ count: number }[]>`select count(*)::int as count from campaigns g where ${matches(tx, tenantId, filter)}`;

export const selectCampaign = (tx: Tx, tenantId: string, id: string) =>
  tx<CountedCampaign[]>`
    select ${counted(tx)} from campaigns g where g.tenant_id = ${tenantId} and g.id = ${id} and g.deleted_at is null`;

export const selectAgents = (tx: Tx, tenantId: string, campaignId: string) =>
  tx<CampaignAgent[]>`
    select a.user_id as "userId", a.max_chats as "maxChats", a.priority, a.skills from campaign_agents a
    where a.tenant_id = ${tenantId} and a.campaign_id = ${campaignId} and ${isStillUser(tx)}
    order by a.priority desc, a.user_id`;

/**
 * Locks a campaign, so that changes take turns.
 * @throws NotFound `campaign`, also of one that was removed
 */
export async function lockCampaign(tx: Tx, tenantId: string, id: string): Promise<CampaignRow> {
  const [row] = await tx<CampaignRow[]>`
    select ${campaignColumns(tx)} from campaigns g
    where g.tenant_id = ${tenantId} and g.id = ${id} and g.deleted_at is null for update`;
  if (!row) throw new NotFound('campaign', id);
  return row;
}

/** @throws a unique violation of `campaigns_code` */
export async function insertCampaign(tx: Tx, tenantId: string, id: string, c: CampaignSettings): Promise<CampaignRow> {
  await tx`insert into campaigns ${tx({ tenant_id: tenantId, id, ...written(tx, c) } as never)}`;
  return lockCampaign(tx, tenantId, id);
}

/** Writes the settings of a locked campaign. @throws a unique violation of `campaigns_code` */
export async function patchCampaign(tx: Tx, tenantId: string, id: string, c: CampaignSettings): Promise<void> {
  // The timer of before is for other hours: the next look orders one anew.
  await tx`
    update campaigns set ${tx({ ...written(tx, c), wake_at: null } as never)}, updated_at = now()
    where tenant_id = ${tenantId} and id = ${id}`;
}

const written = (tx: Tx, c: CampaignSettings) => ({
  name: c.name,
  code: c.code,
  description: c.description,
  status: c.status,
  priority: c.priority,
  business_hours: c.businessHours && tx.json(c.businessHours),
  timezone: c.timezone,
  holidays: tx.json(c.holidays as never),
  sla_first_response_seconds: c.slaFirstResponseSeconds,
  sla_resolution_seconds: c.slaResolutionSeconds,
  sla_next_response_seconds: c.slaNextResponseSeconds,
  sla_warn_percent: c.slaWarnPercent,
  clocks_in_hours: c.clocksInHours,
  silence_seconds: c.silenceSeconds,
  silence_action: c.silenceAction,
  bot_enabled: c.botEnabled,
  bot_wait_seconds: c.botWaitSeconds,
  routing_strategy: c.routingStrategy,
  sticky_agent: c.stickyAgent,
  reassign_offline: c.reassignOffline,
  reassign_paused: c.reassignPaused,
  reassign_full: c.reassignFull,
  welcome_message: c.welcomeMessage,
  offline_message: c.offlineMessage,
  queue_message: c.queueMessage,
});

/** Which of these numbers another campaign has. */
export const selectTaken = (tx: Tx, tenantId: string, campaignId: string, channelIds: readonly string[]) =>
  tx<{ channelId: string }[]>`
    select channel_id as "channelId" from campaign_numbers
    where tenant_id = ${tenantId} and campaign_id <> ${campaignId} and channel_id = any(${channelIds as string[]}::uuid[])`;

/** A locked campaign has exactly these numbers then. @throws a unique violation of a taken one */
export async function setNumbers(tx: Tx, tenantId: string, campaignId: string, numbers: readonly CampaignNumber[]) {
  const ids = numbers.map(({ channelId }) => channelId);
  await tx`delete from campaign_numbers where tenant_id = ${tenantId} and campaign_id = ${campaignId}`;
  await tx`
    insert into campaign_numbers (tenant_id, channel_id, campaign_id, is_primary, position)
    select ${tenantId}::uuid, n.id, ${campaignId}::uuid, n.is_primary, n.position
    from unnest(${ids}::uuid[], ${numbers.map(({ isPrimary }) => String(isPrimary))}::text[]::bool[]) with ordinality
      as n (id, is_primary, position)`;
}

/** A locked campaign has exactly these agents afterwards. Those who stay keep their turn. */
export async function setAgents(tx: Tx, tenantId: string, campaignId: string, agents: readonly CampaignAgent[]) {
  const ids = agents.map(({ userId }) => userId);
  await tx`
    delete from campaign_agents
    where tenant_id = ${tenantId} and campaign_id = ${campaignId} and user_id <> all(${ids}::uuid[])`;
  await tx`
    insert into campaign_agents (tenant_id, campaign_id, user_id, max_chats, priority, skills)
    select ${tenantId}::uuid, ${campaignId}::uuid, a."userId", a."maxChats", a.priority, a.skills
    from jsonb_to_recordset(${tx.json(agents as never)})
      as a ("userId" uuid, "maxChats" int, priority int, skills text[])
    on conflict (tenant_id, campaign_id, user_id) do update
      set max_chats = excluded.max_chats, priority = excluded.priority, skills = excluded.skills`;
}

/** Takes a locked campaign out of use; its name stays for the chats that it had. */
export async function markDeleted(tx: Tx, tenantId: string, id: string): Promise<void> {
  await Promise.all([
    tx`delete from campaign_numbers where tenant_id = ${tenantId} and campaign_id = ${id}`,
    tx`delete from campaign_agents where tenant_id = ${tenantId} and campaign_id = ${id}`,
    tx`update campaigns set deleted_at = now(), updated_at = now() where tenant_id = ${tenantId} and id = ${id}`,
  ]);
}
