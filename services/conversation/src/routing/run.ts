import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type ConversationRow, lockConversations } from '../conversations/store.ts';
import { joinByIndex } from '../plans.ts';
import { timerOrder } from '../timers/orders.ts';
import { isOpen, nextOpening } from './hours.ts';
import { lockRouting } from './lock.ts';
import { type Assignment, assignChats } from './rules.ts';
import {
  type AvailableMember,
  type ConversationKey,
  findWaitingCampaigns,
  type RoutingCampaign,
  selectActiveCampaigns,
  selectHeads,
  selectMembers,
  type WaitingRow,
  writeAssignments,
} from './store.ts';
import { tellOfRouting } from './tell.ts';
import { OPENS } from './timer-keys.ts';

/** Chats of one campaign that are given in one look. */
const MOST = 500;

/**
 * Gives the chats of these tenants that wait to agents with room. One transaction at a time decides
 * for a tenant, so no agent gets more than they take. Campaigns that are closed order their timer.
 * @param also conversations that are locked together with those given
 */
export async function routeTenants(
  tx: Tx,
  tenantIds: readonly string[],
  now: Date,
  also: readonly ConversationKey[] = [],
): Promise<void> {
  if (tenantIds.length === 0) return;
  joinByIndex(tx);
  await lockRouting(tx, tenantIds);
  const [campaigns, members] = await Promise.all([selectActiveCampaigns(tx, tenantIds), selectMembers(tx, tenantIds)]);
  const open = campaigns.filter((campaign) => isOpen(campaign, now));
  await orderOpenings(
    tx,
    campaigns.filter((campaign) => !open.includes(campaign)),
    now,
  );
  const wishes = open.flatMap((campaign) => {
    const limit = roomOf(members.filter((member) => isIn(campaign, member)));
    const { tenantId, id: campaignId, stickyAgent: sticky } = campaign;
    return limit > 0 ? [{ tenantId, campaignId, limit: Math.min(limit, MOST), sticky }] : [];
  });
  if (wishes.length === 0) return;
  const heads = await selectHeads(tx, wishes, now);
  if (heads.length === 0) return;
  const given = tenantIds.flatMap((tenantId) => decide(tenantId, open, members, heads));
  await give(tx, given, now, also);
  // More may wait than one look gives: another one follows.
  if (wishes.some(({ limit }) => limit === MOST) && given.length > 0) await routeTenants(tx, tenantIds, now);
}

const isIn = (campaign: RoutingCampaign, { tenantId, campaignId }: AvailableMember): boolean =>
  tenantId === campaign.tenantId && campaignId === campaign.id;

const roomOf = (members: readonly AvailableMember[]): number =>
  members.reduce(
    (sum, { openChats, userMaxChats, maxChats }) => sum + Math.min(userMaxChats, maxChats ?? userMaxChats) - openChats,
    0,
  );

function decide(
  tenantId: string,
  campaigns: readonly RoutingCampaign[],
  members: readonly AvailableMember[],
  heads: readonly WaitingRow[],
): (Assignment & { tenantId: string })[] {
  const own = <T extends { tenantId: string }>(rows: readonly T[]) => rows.filter((row) => row.tenantId === tenantId);
  const agents = new Map(
    own(members).map(({ userId, openChats, userMaxChats }) => [userId, { userId, openChats, maxChats: userMaxChats }]),
  );
  return assignChats(
    own(campaigns).map(({ id, routingStrategy, priority, turn }) => ({
      id,
      strategy: routingStrategy,
      priority,
      turn,
    })),
    [...agents.values()],
    own(members),
    own(heads).map((head) => ({ ...head, queuedAt: head.queuedAt.getTime() })),
  ).map((assignment) => ({ ...assignment, tenantId }));
}

/** Who closed or took a chat in the meantime was first. */
const stillWaits = (row: ConversationRow, campaignId: string): boolean =>
  row.status === 'queued' && row.assignedUserId === null && row.campaignId === campaignId;

async function give(
  tx: Tx,
  given: readonly (Assignment & { tenantId: string })[],
  now: Date,
  also: readonly ConversationKey[],
): Promise<void> {
  if (given.length === 0) return;
  const keys = [...given.map(({ tenantId, conversationId: id }) => ({ tenantId, id })), ...also];
  const locked = await lockConversations(tx, [...new Map(keys.map((key) => [key.id, key])).values()]);
  const befores = new Map(locked.map((row) => [row.id, row]));
  const valid = given.filter(({ conversationId, campaignId }) => {
    const before = befores.get(conversationId);
    return before !== undefined && stillWaits(before, campaignId);
  });
  if (valid.length === 0) return;
  const afters = await writeAssignments(tx, valid, now);
  await tellOfRouting(tx, locked, afters, 'conversation.assign');
}

/** Wakes closed campaigns in which a chat waits when they open; each opening is ordered once. */
async function orderOpenings(tx: Tx, closed: readonly RoutingCampaign[], now: Date): Promise<void> {
  const due = closed
    .map((campaign) => ({ ...campaign, opensAt: nextOpening(campaign, now) }))
    .filter(({ opensAt, wakeAt }) => opensAt !== null && opensAt.getTime() !== wakeAt?.getTime());
  if (due.length === 0) return;
  const waiting = await findWaitingCampaigns(tx, due);
  const ordered = due.filter(({ id }) => waiting.has(id));
  if (ordered.length === 0) return;
  await tx`
    update campaigns g set wake_at = n.wake_at
    from unnest(${ordered.map((c) => c.tenantId)}::uuid[], ${ordered.map((c) => c.id)}::uuid[],
                ${ordered.map((c) => c.opensAt!.toISOString())}::text[]::timestamptz[]) as n (tenant_id, id, wake_at)
    where g.tenant_id = n.tenant_id and g.id = n.id`;
  await enqueue(
    tx,
    ordered.map(({ tenantId, id, opensAt }) => timerOrder({ tenantId, key: `${OPENS}${id}`, fireAt: opensAt! })),
  );
}
