import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { findContacts } from '../contacts/store.ts';
import { type ConversationRow, lockConversations } from '../conversations/store.ts';
import { timerOrder } from '../timers/orders.ts';
import { lockRouting } from './lock.ts';
import {
  type ConversationKey,
  type Placement,
  type RoutingCampaign,
  selectActiveCampaigns,
  selectCampaignsOfChannels,
  selectUnanswered,
  writePlacements,
} from './store.ts';
import { findTakers, type Unowned } from './take.ts';
import { tellOfRouting } from './tell.ts';
import { AI_SILENT } from './timer-keys.ts';
import { isOverdue, turnOf } from './turns.ts';

/**
 * Puts conversations into the campaign of their number, and those of customers into its queue,
 * unless a user takes them or the AI has its turn.
 * @param takeOver whether people take over from the AI now
 * @returns the conversations that arrived, or wait from now on, before any person's answer
 */
export async function enterCampaigns(
  tx: Tx,
  keys: readonly ConversationKey[],
  now: Date,
  { takeOver = false } = {},
): Promise<ConversationRow[]> {
  if (keys.length === 0) return [];
  const tenantIds = [...new Set(keys.map(({ tenantId }) => tenantId))];
  await lockRouting(tx, tenantIds);
  const campaigns = new Map((await selectActiveCampaigns(tx, tenantIds)).map((campaign) => [campaign.id, campaign]));
  if (campaigns.size === 0) return [];
  const befores = await lockConversations(tx, keys);
  const campaignOf = await findCampaigns(tx, befores, campaigns);
  const open = befores.filter(({ id, status }) => status !== 'closed' && campaignOf.has(id));
  const takers = await findTakers(tx, open.flatMap(unownedIn(campaignOf)));
  const placed = open.flatMap((row) => {
    const takerId = takers.get(row.id) ?? null;
    return placementOf(row, campaignOf.get(row.id)!, { now, takeOver, takerId }) ?? [];
  });
  const afters = placed.length > 0 ? await writePlacements(tx, placed, now) : [];
  await tellOfPlacements(tx, befores, afters);
  await orderTakeOver(tx, befores, afters, campaignOf, now);
  const greeted = new Set(befores.filter(({ status }) => GREETED.has(status)).map(({ id }) => id));
  return afters.filter(({ id, assignedUserId }) => greeted.has(id) && assignedUserId === null);
}

/** A person has not answered in these. */
const GREETED: ReadonlySet<ConversationRow['status']> = new Set(['new', 'bot', 'queued']);

const unownedIn =
  (campaignOf: ReadonlyMap<string, RoutingCampaign>) =>
  (row: ConversationRow): Unowned[] =>
    row.assignedUserId === null ? [{ ...row, campaignId: campaignOf.get(row.id)!.id }] : [];

/** Where a conversation stands from now on; null when it stays as it is. */
function placementOf(
  row: ConversationRow,
  campaign: RoutingCampaign,
  { now, takeOver, takerId }: { now: Date; takeOver: boolean; takerId: string | null },
): Placement | null {
  const { tenantId, id, status, queuedAt } = row;
  const isNew = row.campaignId === null;
  const place = { tenantId, id, campaignId: campaign.id, status, queuedAt, assignedUserId: takerId };
  if (takerId !== null) return { ...place, status: status === 'queued' ? 'assigned' : status };
  // Its timer fired while the campaign was not in use: the next message ends the AI's turn.
  const isLate = status === 'new' && isOverdue(queuedAt, campaign.botWaitSeconds, now);
  const turn = turnOf(row, campaign.botEnabled && !takeOver && !isLate);
  const begins = turn !== null && queuedAt === null;
  if (!isNew && turn !== 'people' && !begins) return null;
  const since = begins ? (isNew ? row.createdAt : now) : queuedAt;
  return { ...place, status: turn === 'people' ? 'queued' : status, queuedAt: since };
}

/** Who took a chat by writing in it has it as if it were assigned. */
async function tellOfPlacements(
  tx: Tx,
  befores: readonly ConversationRow[],
  afters: readonly ConversationRow[],
): Promise<void> {
  const had = new Set(befores.filter(({ assignedUserId }) => assignedUserId !== null).map(({ id }) => id));
  const isTaken = ({ id, assignedUserId }: ConversationRow) => assignedUserId !== null && !had.has(id);
  const [taken, moved] = [afters.filter(isTaken), afters.filter((row) => !isTaken(row))];
  if (taken.length > 0) await tellOfRouting(tx, befores, taken, 'conversation.assign');
  if (moved.length > 0) await tellOfRouting(tx, befores, moved, 'conversation.transfer');
}

/** The campaign of each, or that of its number. Groups and blocked contacts belong to none. */
async function findCampaigns(
  tx: Tx,
  rows: readonly ConversationRow[],
  campaigns: ReadonlyMap<string, RoutingCampaign>,
): Promise<Map<string, RoutingCampaign>> {
  const without = rows.filter(({ campaignId }) => campaignId === null);
  const [byChannel, contacts] = await Promise.all([
    selectCampaignsOfChannels(tx, without),
    findContacts(
      tx,
      without.map(({ tenantId, contactId }) => ({ tenantId, id: contactId })),
    ),
  ]);
  const ofChannel = new Map(byChannel.map((row) => [`${row.tenantId} ${row.channelId}`, row.campaignId]));
  const left = contacts.filter(({ groupAddress, blockedAt }) => groupAddress !== null || blockedAt !== null);
  const out = new Set(left.map(({ id }) => id));
  const found = new Map<string, RoutingCampaign>();
  for (const row of rows) {
    const { tenantId, channelId, contactId } = row;
    const id = row.campaignId ?? (out.has(contactId) ? undefined : ofChannel.get(`${tenantId} ${channelId}`));
    const campaign = id === undefined ? undefined : campaigns.get(id);
    if (campaign) found.set(row.id, campaign);
  }
  return found;
}

/** An AI that stays silent does not keep a customer waiting. */
async function orderTakeOver(
  tx: Tx,
  befores: readonly ConversationRow[],
  afters: readonly ConversationRow[],
  campaignOf: ReadonlyMap<string, RoutingCampaign>,
  now: Date,
): Promise<void> {
  const afterOf = new Map(afters.map((row) => [row.id, row]));
  const ofAi = befores.filter((before) => {
    const campaign = campaignOf.get(before.id);
    return campaign?.botEnabled && turnOf(afterOf.get(before.id) ?? before, true) === 'ai';
  });
  const bots = await selectUnanswered(
    tx,
    ofAi.filter(({ status }) => status === 'bot'),
  );
  const begun = ofAi.filter(({ id, status, queuedAt }) => status === 'new' && queuedAt === null && afterOf.has(id));
  const due = [...begun.map(({ tenantId, id }) => ({ tenantId, id, since: now })), ...bots];
  await enqueue(
    tx,
    due.map(({ tenantId, id, since }) => {
      const fireAt = new Date(since.getTime() + campaignOf.get(id)!.botWaitSeconds * 1000);
      return timerOrder({ tenantId, key: `${AI_SILENT}${id}`, fireAt });
    }),
  );
}
