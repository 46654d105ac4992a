import {
  type AuditEntry,
  type AuditOrigin,
  buildAudit,
  buildEvent,
  type CampaignDetail,
  campaignUpdated,
  changesBetween,
  type conversationApi,
  conversationAudit,
  type RouteInput,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueueJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import type { Caller } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { withUniqueCode } from './create.ts';
import { adoptJob } from './jobs.ts';
import { readCampaign } from './list.ts';
import { type CampaignRow, type CampaignSettings, lockCampaign, patchCampaign } from './store.ts';
import { campaignFacts, settingsOf } from './views.ts';

type Input = RouteInput<typeof conversationApi.updateCampaign>['body'];

/**
 * Changes what is named of a campaign. Emits no event when nothing changed.
 * @throws NotFound `campaign`; Conflict `campaign` for a code that another one has
 */
export const updateCampaign = (
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  campaignId: string,
  input: Input,
): Promise<CampaignDetail> =>
  withUniqueCode(() =>
    withTenant(deps.db, caller.tenantId, async (tx) => {
      const { tenantId } = caller;
      const before = await lockCampaign(tx, tenantId, campaignId);
      const given = Object.entries(input).filter(([, value]) => value !== undefined);
      const after: CampaignSettings = { ...settingsOf(before), ...Object.fromEntries(given) };
      const changes = changesBetween({ ...settingsOf(before) }, { ...after });
      if (changes) {
        await patchCampaign(tx, tenantId, campaignId, after);
        await tellOfCampaign(tx, origin, { ...before, ...after }, { action: 'campaign.update', changes });
      }
      const campaign = await readCampaign(tx, tenantId, campaignId);
      const channelIds = campaign.numbers.map(({ channelId }) => channelId);
      if (takesMore(before, after) && channelIds.length > 0) await enqueueJob(tx, adoptJob, tenantId, { channelIds });
      return campaign;
    }),
  );

/** Whether chats that waited for none of its agents wait for them now. */
const takesMore = (before: CampaignSettings, after: CampaignSettings): boolean =>
  after.status === 'active' && (before.status !== 'active' || (before.botEnabled && !after.botEnabled));

interface CampaignChange {
  /** In the audit log. */
  action: string;
  changes: NonNullable<AuditEntry['changes']>;
}

/** The news of a change, which routing looks at, and its line in the audit log. */
export async function tellOfCampaign(
  tx: Tx,
  origin: AuditOrigin,
  campaign: CampaignRow,
  { action, changes }: CampaignChange,
): Promise<void> {
  const { tenantId, id } = campaign;
  const data = { ...campaignFacts(campaign), changed: Object.keys(changes) };
  await enqueue(tx, [
    buildEvent(campaignUpdated, { tenantId, subject: id, traceparent: origin.traceparent, data }),
    buildAudit(conversationAudit, origin, { action, entityType: 'campaign', entityId: id, changes }),
  ]);
}
