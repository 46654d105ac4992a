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
  writePlacements,
} from './store.ts';
import { tellOfRouting } from './tell.ts';
import { AI_SILENT } from './timer-keys.ts';

/**
 * Puts conversations into the campaign of their number, and those of customers into its queue. With
 * the AI first they wait for it, until it hands over or the timer ends its turn.
 * @param takeOver whether people take over from the AI now
 * @returns the conversations that arrived, or wait from now on
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
  const placed: Placement[] = [];
  const awaited: ConversationRow[] = [];
  for (const row of befores) {
    const campaign = campaignOf.get(row.id);
    if (!campaign || row.status === 'closed') continue;
    const isNew = row.campaignId === null;
    const waits = isAwaited(row) && (takeOver || !campaign.botEnabled);
    const begins = isAwaited(row) && row.queuedAt === null;
    if (!isNew && !waits && !begins) continue;
    if (begins && !waits) awaited.push(row);
    const queuedAt = begins ? (isNew ? row.createdAt : now) : row.queuedAt;
    const { tenantId, id } = row;
    placed.push({ tenantId, id, campaignId: campaign.id, status: waits ? 'queued' : row.status, queuedAt });
  }
  if (placed.length === 0) return [];
  const afters = await writePlacements(tx, placed);
  await tellOfRouting(tx, befores, afters, 'conversation.transfer');
  await orderTakeOver(tx, awaited, campaignOf, now);
  return afters;
}

/** A customer wrote, and no person has it. */
const isAwaited = ({ status, assignedUserId, lastInboundAt }: ConversationRow): boolean =>
  (status === 'new' || status === 'bot') && assignedUserId === null && lastInboundAt !== null;

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
const orderTakeOver = (
  tx: Tx,
  rows: readonly ConversationRow[],
  campaignOf: ReadonlyMap<string, RoutingCampaign>,
  now: Date,
): Promise<unknown> =>
  enqueue(
    tx,
    rows.map(({ tenantId, id }) => {
      const fireAt = new Date(now.getTime() + campaignOf.get(id)!.botWaitSeconds * 1000);
      return timerOrder({ tenantId, key: `${AI_SILENT}${id}`, fireAt });
    }),
  );
