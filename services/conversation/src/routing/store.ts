import { columns, type Tx } from '@recado/database';
import { openChats } from '../agents/free.ts';
import type { LoweredLimit } from '../agents/store.ts';
import { ofUnblocked } from '../contacts/blocked.ts';
import { type ConversationRow, conversationColumns } from '../conversations/store.ts';
import { campaigns } from '../schema.ts';
import type { FiredTimer } from '../timers/fired.ts';
import type { Assignment, FreeAgent, Member, Waiting } from './rules.ts';

export interface ConversationKey {
  tenantId: string;
  id: string;
}

/** The columns of a RoutingCampaign; the table is `g`. */
const routingColumns = columns(campaigns, {
  alias: 'g',
  only: [
    'tenantId',
    'id',
    'priority',
    'businessHours',
    'timezone',
    'holidays',
    'botEnabled',
    'botWaitSeconds',
    'routingStrategy',
    'stickyAgent',
    'welcomeMessage',
    'offlineMessage',
    'queueMessage',
    'wakeAt',
  ],
});
export type RoutingCampaign = typeof routingColumns.$row & {
  /** The last turn that was taken. */
  turn: number;
};

const inUse = (tx: Tx) => tx`g.deleted_at is null and g.status = 'active'`;

/** The active campaigns of tenants. */
export const selectActiveCampaigns = (tx: Tx, tenantIds: readonly string[]) =>
  tx<RoutingCampaign[]>`
    select ${routingColumns(tx)},
           (select coalesce(max(a.turn), 0) from campaign_agents a
            where a.tenant_id = g.tenant_id and a.campaign_id = g.id) as turn
    from campaigns g where g.tenant_id = any(${tenantIds as string[]}::uuid[]) and ${inUse(tx)}`;

/** Those of these tenants that have an active campaign. */
export async function findRoutedTenants(tx: Tx, tenantIds: readonly string[]): Promise<string[]> {
  if (tenantIds.length === 0) return [];
  const rows = await tx<{ tenantId: string }[]>`
    select distinct g.tenant_id as "tenantId" from campaigns g
    where g.tenant_id = any(${[...new Set(tenantIds)]}::uuid[]) and ${inUse(tx)}`;
  return rows.map(({ tenantId }) => tenantId);
}

/** A campaign's agent who is available, with all that decides on their room. */
export type AvailableMember = Member & FreeAgentOf;
type FreeAgentOf = Omit<FreeAgent, 'maxChats'> & { tenantId: string; userMaxChats: number };

/** The agents of active campaigns who take chats now and have room. */
export const selectMembers = (tx: Tx, tenantIds: readonly string[]) =>
  tx<AvailableMember[]>`
    with available as materialized (
      select a.tenant_id, a.id, a.max_chats, ${openChats(tx)} as open_chats from agents a
      where a.tenant_id = any(${tenantIds as string[]}::uuid[])
        and a.agent_status = 'available' and a.status = 'active' and a.auto_assign
        and exists (select from campaign_agents m where m.tenant_id = a.tenant_id and m.user_id = a.id)
    )
    select m.tenant_id as "tenantId", m.campaign_id as "campaignId", m.user_id as "userId", m.max_chats as "maxChats",
           m.priority, array(select lower(s) from unnest(m.skills) s) as skills, m.turn,
           a.max_chats as "userMaxChats", a.open_chats as "openChats"
    from available a join campaign_agents m on m.tenant_id = a.tenant_id and m.user_id = a.id
    where a.open_chats < least(a.max_chats, m.max_chats)`;

export interface QueueWish {
  tenantId: string;
  campaignId: string;
  /** As many as its agents have room for. */
  limit: number;
  sticky: boolean;
}
export type WaitingRow = Omit<Waiting, 'queuedAt'> & { tenantId: string; queuedAt: Date };

/** The heads of queues, the oldest first, beside chats with an agent passed over. */
export const selectHeads = (tx: Tx, wishes: readonly QueueWish[], now: Date) =>
  tx<WaitingRow[]>`
    select c.tenant_id as "tenantId", c.id as "conversationId", c.campaign_id as "campaignId",
           coalesce(c.queued_at, c.created_at) as "queuedAt",
           array(select lower(t.name) from conversation_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
                 where l.tenant_id = c.tenant_id and l.conversation_id = c.id) as tags,
           case when w.sticky = 1 then (
             select p.assigned_user_id from conversations p
             where p.tenant_id = c.tenant_id and p.contact_id = c.contact_id and p.id <> c.id
               and p.assigned_user_id is not null
             order by p.id desc limit 1) end as "lastUserId",
           array(select p."userId"::text from conversation_clocks s,
                   jsonb_to_recordset(s.passed_over) as p ("userId" uuid, until timestamptz)
                 where s.tenant_id = c.tenant_id and s.conversation_id = c.id and p.until > ${now}) as "passedOver"
    from unnest(${wishes.map((w) => w.tenantId)}::uuid[], ${wishes.map((w) => w.campaignId)}::uuid[],
                ${wishes.map((w) => w.limit)}::int[], ${wishes.map((w) => (w.sticky ? 1 : 0))}::int[])
      as w (tenant_id, campaign_id, n, sticky)
    cross join lateral (
      (select c.* from conversations c
       where ${inQueue(tx)} and not exists (
         select from conversation_clocks s
         where s.tenant_id = c.tenant_id and s.conversation_id = c.id and s.passed_over <> '[]')
       order by coalesce(c.queued_at, c.created_at), c.id limit w.n)
      union all
      (select c.* from conversation_clocks s
       join conversations c on c.tenant_id = s.tenant_id and c.id = s.conversation_id
       where s.tenant_id = w.tenant_id and s.passed_over <> '[]' and ${inQueue(tx)}
       order by coalesce(c.queued_at, c.created_at), c.id limit ${PASSED_OVER})
    ) c`;

/** Chats of one campaign with an agent passed over, seen in one look. */
const PASSED_OVER = 500;

/** Waits in the campaign `w`. */
const inQueue = (tx: Tx) => tx`
  c.tenant_id = w.tenant_id and c.campaign_id = w.campaign_id and c.status = 'queued'
  and c.assigned_user_id is null and ${ofUnblocked(tx)}`;

/** Those of these campaigns in which a chat waits. */
export async function findWaitingCampaigns(tx: Tx, keys: readonly ConversationKey[]): Promise<Set<string>> {
  const rows = await tx<{ id: string }[]>`
    select w.id from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as w (tenant_id, id)
    where exists (
      select from conversations c
      where c.tenant_id = w.tenant_id and c.campaign_id = w.id and c.status = 'queued' and c.assigned_user_id is null
        and ${ofUnblocked(tx)})`;
  return new Set(rows.map(({ id }) => id));
}

/** Gives locked conversations to agents. Returns them as they stand. */
export async function writeAssignments(
  tx: Tx,
  given: readonly (Assignment & { tenantId: string })[],
  now: Date,
): Promise<ConversationRow[]> {
  const rows = await tx<ConversationRow[]>`
    update conversations c
    set status = 'assigned', assigned_user_id = n.user_id, assigned_at = ${now}, version = c.version + 1, updated_at = now()
    from unnest(${given.map((g) => g.tenantId)}::uuid[], ${given.map((g) => g.conversationId)}::uuid[],
                ${given.map((g) => g.userId)}::uuid[]) as n (tenant_id, id, user_id)
    where c.tenant_id = n.tenant_id and c.id = n.id
    returning ${conversationColumns(tx)}`;
  await tx`
    update campaign_agents a set turn = n.turn
    from (
      select tenant_id, campaign_id, user_id, max(turn) as turn
      from unnest(${given.map((g) => g.tenantId)}::uuid[], ${given.map((g) => g.campaignId)}::uuid[],
                  ${given.map((g) => g.userId)}::uuid[], ${given.map((g) => g.turn)}::int[])
        as n (tenant_id, campaign_id, user_id, turn)
      group by 1, 2, 3
    ) n
    where a.tenant_id = n.tenant_id and a.campaign_id = n.campaign_id and a.user_id = n.user_id`;
  return rows;
}

/** The campaign of a number's new chats. */
export const selectCampaignsOfChannels = (tx: Tx, keys: readonly { tenantId: string; channelId: string }[]) =>
  tx<{ tenantId: string; channelId: string; campaignId: string }[]>`
    select distinct n.tenant_id as "tenantId", n.channel_id as "channelId", n.campaign_id as "campaignId"
    from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.channelId)}::uuid[]) as w (tenant_id, channel_id)
    join campaign_numbers n using (tenant_id, channel_id)
    join campaigns g on g.tenant_id = n.tenant_id and g.id = n.campaign_id and ${inUse(tx)}`;

export interface Placement extends ConversationKey {
  campaignId: string;
  status: ConversationRow['status'];
  queuedAt: Date | null;
  /** Who takes it; null: no change. */
  assignedUserId: string | null;
}

/** Puts locked conversations into campaigns. Returns them as they stand. */
export const writePlacements = (tx: Tx, placed: readonly Placement[], now: Date) =>
  tx<ConversationRow[]>`
    update conversations c
    set campaign_id = n.campaign_id, status = n.status, queued_at = n.queued_at::timestamptz,
        assigned_user_id = coalesce(n.user_id, c.assigned_user_id),
        assigned_at = case when n.user_id is null then c.assigned_at else ${now} end,
        version = c.version + 1, updated_at = now()
    from unnest(${placed.map((p) => p.tenantId)}::uuid[], ${placed.map((p) => p.id)}::uuid[],
                ${placed.map((p) => p.campaignId)}::uuid[], ${placed.map((p) => p.status)}::text[],
                ${placed.map((p) => p.queuedAt?.toISOString() ?? null)}::text[],
                ${placed.map((p) => p.assignedUserId)}::uuid[])
      as n (tenant_id, id, campaign_id, status, queued_at, user_id)
    where c.tenant_id = n.tenant_id and c.id = n.id
    returning ${conversationColumns(tx)}`;

/** Open chats of campaigns that want them back from agents who left. */
export const selectLeft = (tx: Tx, gone: readonly { tenantId: string; id: string; agentStatus: string }[]) =>
  tx<ConversationKey[]>`
    select c.tenant_id as "tenantId", c.id
    from unnest(${gone.map((a) => a.tenantId)}::uuid[], ${gone.map((a) => a.id)}::uuid[],
                ${gone.map((a) => a.agentStatus)}::text[]) as a (tenant_id, id, agent_status)
    join conversations c on c.tenant_id = a.tenant_id and c.assigned_user_id = a.id and c.status <> 'closed'
    join campaigns g on g.tenant_id = c.tenant_id and g.id = c.campaign_id and ${inUse(tx)}
    where c.snoozed_until is null and ${wantsBack(tx)}`;

/** Those of these chats that came back to an agent who is away, and whose campaign wants them. */
export const selectWoken = (tx: Tx, keys: readonly ConversationKey[]) =>
  tx<(ConversationKey & { agentId: string })[]>`
    select c.tenant_id as "tenantId", c.id, a.id as "agentId"
    from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as n (tenant_id, id)
    join conversations c using (tenant_id, id)
    join agents a on a.tenant_id = c.tenant_id and a.id = c.assigned_user_id
    join campaigns g on g.tenant_id = c.tenant_id and g.id = c.campaign_id and ${inUse(tx)}
    where c.status <> 'closed' and c.snoozed_until is null and ${wantsBack(tx)}`;

const wantsBack = (tx: Tx) => tx`(
  (a.agent_status = 'offline' and g.reassign_offline) or (a.agent_status = 'paused' and g.reassign_paused))`;

/** Open chats beyond these limits, the oldest first, of campaigns that want them back. */
export const selectOverfull = (tx: Tx, limits: readonly LoweredLimit[]) =>
  tx<(ConversationKey & { userId: string })[]>`
    select distinct c.tenant_id as "tenantId", c.id, c.assigned_user_id as "userId"
    from (
      select w.*, (select count(*) from conversations c
                   where c.tenant_id = w.tenant_id and c.assigned_user_id = w.user_id and c.status <> 'closed'
                     and ${ofUnblocked(tx)}) as open
      from unnest(${limits.map((l) => l.tenantId)}::uuid[], ${limits.map((l) => l.userId)}::uuid[],
                  ${limits.map((l) => l.campaignId)}::uuid[], ${limits.map((l) => l.maxChats)}::int[])
        as w (tenant_id, user_id, campaign_id, max_chats)
    ) w cross join lateral (
      select c.* from conversations c
      join campaigns g on g.tenant_id = c.tenant_id and g.id = c.campaign_id and ${inUse(tx)} and g.reassign_full
      where c.tenant_id = w.tenant_id and c.assigned_user_id = w.user_id and c.status <> 'closed' and ${ofUnblocked(tx)}
        and (w.campaign_id is null or c.campaign_id = w.campaign_id)
      order by coalesce(c.queued_at, c.created_at), c.id limit greatest(w.open - w.max_chats, 0)
    ) c`;

/** Takes locked conversations from their agents. They keep their place in the queue. */
export const writeReturns = (tx: Tx, keys: readonly ConversationKey[]) =>
  tx<ConversationRow[]>`
    update conversations c
    set status = 'queued', assigned_user_id = null, assigned_at = null, version = c.version + 1, updated_at = now()
    from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as n (tenant_id, id)
    where c.tenant_id = n.tenant_id and c.id = n.id
    returning ${conversationColumns(tx)}`;

/** Those of these in which the AI has had its time by then and has not answered. */
export async function findSilent(tx: Tx, fired: readonly FiredTimer[]): Promise<ConversationKey[]> {
  if (fired.length === 0) return [];
  return tx<ConversationKey[]>`
    select c.tenant_id as "tenantId", c.id
    from unnest(${fired.map((t) => t.tenantId)}::uuid[], ${fired.map((t) => t.id)}::uuid[],
                ${fired.map((t) => t.fireAt.toISOString())}::text[]::timestamptz[]) as n (tenant_id, id, fire_at)
    join conversations c using (tenant_id, id)
    join campaigns g on g.tenant_id = c.tenant_id and g.id = c.campaign_id
    where c.status = 'new'
       or (c.status = 'bot' and ${unansweredSince(tx)} + make_interval(secs => g.bot_wait_seconds) <= n.fire_at)`;
}

/** Since when the customers of these wait for a word of ours; those that do not are left out. */
export async function selectUnanswered(
  tx: Tx,
  keys: readonly ConversationKey[],
): Promise<(ConversationKey & { since: Date })[]> {
  if (keys.length === 0) return [];
  return tx<(ConversationKey & { since: Date })[]>`
    select * from (
      select c.tenant_id as "tenantId", c.id, ${unansweredSince(tx)} as since
      from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as c (tenant_id, id)
    ) w where since is not null`;
}

/** When the first of the customer's messages since our last one was stored; the table is `c`. */
const unansweredSince = (tx: Tx) => tx`(
  select min(m.created_at) from (
    select m.created_at, count(*) filter (where m.direction = 'outbound')
             over (order by m.sent_time desc, m.id desc) as answers
    from (
      select m.* from messages m
      where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.type <> 'reaction'
        and (m.type <> 'system' or m.details ? 'call')
      order by m.sent_time desc, m.id desc limit ${UNANSWERED}
    ) m
  ) m where m.answers = 0)`;

/** Messages that are looked at for it: more in a row have waited long enough. */
const UNANSWERED = 50;

/** Gives locked conversations to users, beyond any limit. They keep their campaign. */
export const writeEscalations = (tx: Tx, given: readonly (ConversationKey & { userId: string })[], now: Date) =>
  tx<ConversationRow[]>`
    update conversations c
    set status = 'assigned', assigned_user_id = n.user_id, assigned_at = ${now}, version = c.version + 1, updated_at = now()
    from unnest(${given.map((g) => g.tenantId)}::uuid[], ${given.map((g) => g.id)}::uuid[],
                ${given.map((g) => g.userId)}::uuid[]) as n (tenant_id, id, user_id)
    where c.tenant_id = n.tenant_id and c.id = n.id
    returning ${conversationColumns(tx)}`;

/** The supervisor of each tenant who is there and has the fewest open chats. */
export const selectSupervisors = (tx: Tx, tenantIds: readonly string[]) =>
  tx<{ tenantId: string; userId: string }[]>`
    select distinct on (u.tenant_id) u.tenant_id as "tenantId", u.id as "userId"
    from users u left join agents a on a.tenant_id = u.tenant_id and a.id = u.id
    where u.tenant_id = any(${tenantIds as string[]}::uuid[]) and u.role = 'supervisor' and u.status = 'active'
    order by u.tenant_id, (a.agent_status = 'available') desc nulls last, (a.agent_status = 'busy') desc nulls last,
             (select count(*) from conversations c
              where c.tenant_id = u.tenant_id and c.assigned_user_id = u.id and c.status <> 'closed'), u.id`;
