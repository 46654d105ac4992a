import type { Campaign, CampaignAgent, CampaignDetail } from '@recado/contracts';
import type { CampaignRow, CampaignSettings, CountedCampaign } from './store.ts';

export function campaignView({ tenantId: _, deletedAt: __, createdAt, updatedAt, ...c }: CountedCampaign): Campaign {
  return { ...c, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

export const detailView = (campaign: CountedCampaign, agents: readonly CampaignAgent[]): CampaignDetail => ({
  ...campaignView(campaign),
  agents: [...agents],
});

/** A campaign in events. */
export const campaignFacts = ({ id: campaignId, name, code, status }: CampaignRow) => ({
  campaignId,
  name,
  code,
  status,
});

/** What a person sets; the audit log compares it. */
export function settingsOf({
  tenantId: _,
  id: __,
  createdAt: ___,
  updatedAt: ____,
  deletedAt: _____,
  ...settings
}: CampaignRow): CampaignSettings {
  return settings;
}
