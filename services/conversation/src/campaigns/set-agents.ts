import {
  type AuditOrigin,
  type CampaignAgent,
  type CampaignDetail,
  changesBetween,
  FIELD_CODES,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { type Caller, ValidationFailed } from '@recado/service-kit';
import { type LoweredLimit, saveAgents } from '../agents/store.ts';
import type { Deps } from '../deps.ts';
import { returnOverfull } from '../routing/leave.ts';
import { lockRouting } from '../routing/lock.ts';
import { readCampaign } from './list.ts';
import { lockCampaign, selectAgents, setAgents } from './store.ts';
import { tellOfCampaign } from './update.ts';

/**
 * Gives a campaign these agents and no others. Asks for their presence: events of before may not
 * have told it.
 * @throws NotFound `campaign`; ValidationFailed naming each user who is not active
 */
export async function setCampaignAgents(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  campaignId: string,
  agents: readonly CampaignAgent[],
): Promise<CampaignDetail> {
  const { tenantId } = caller;
  const known = await deps.askAgents(
    tenantId,
    agents.map(({ userId }) => userId),
  );
  const unknown = agents.flatMap(({ userId }, i) =>
    known.get(userId)?.status === 'active'
      ? []
      : [{ field: `agents.${i}.userId`, message: FIELD_CODES.unknown_user, code: 'unknown_user' as const }],
  );
  if (unknown.length > 0) throw new ValidationFailed(unknown);
  return withTenant(deps.db, tenantId, async (tx) => {
    // Routing's lock comes first, then the campaign's, then those of agents.
    await lockRouting(tx, [tenantId]);
    const campaign = await lockCampaign(tx, tenantId, campaignId);
    await saveAgents(tx, [...known.values()]);
    const before = await selectAgents(tx, tenantId, campaignId);
    const changes = changesBetween({ agents: sorted(before) }, { agents: sorted(agents) });
    if (changes) {
      await setAgents(tx, tenantId, campaignId, agents);
      await returnOverfull(tx, loweredIn(tenantId, campaignId, before, agents));
      await tellOfCampaign(tx, origin, campaign, { action: 'campaign.set_agents', changes });
    }
    return readCampaign(tx, tenantId, campaignId);
  });
}

/** Agents whose limit in the campaign is lower than before. */
const loweredIn = (
  tenantId: string,
  campaignId: string,
  before: readonly CampaignAgent[],
  after: readonly CampaignAgent[],
): LoweredLimit[] =>
  after.flatMap(({ userId, maxChats }) => {
    const known = before.find((one) => one.userId === userId);
    const isLower = known !== undefined && maxChats !== null && maxChats < (known.maxChats ?? Number.POSITIVE_INFINITY);
    return isLower ? [{ tenantId, userId, campaignId, maxChats }] : [];
  });

/** The order in which they are given does not matter. */
const sorted = (agents: readonly CampaignAgent[]): CampaignAgent[] =>
  agents
    .map(({ userId, maxChats, priority, skills }) => ({ userId, maxChats, priority, skills }))
    .sort((a, b) => (a.userId < b.userId ? -1 : 1));
