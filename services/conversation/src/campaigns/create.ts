import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  type CampaignDetail,
  campaignCreated,
  changesBetween,
  type conversationApi,
  conversationAudit,
  type RouteInput,
  uuidv7,
} from '@recado/contracts';
import { isUniqueViolation, once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, Conflict } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { readCampaign } from './list.ts';
import { insertCampaign } from './store.ts';
import { campaignFacts, settingsOf } from './views.ts';

type Input = RouteInput<typeof conversationApi.createCampaign>['body'];

/**
 * Makes a campaign without numbers and agents.
 * @throws Conflict `campaign` for a code that another one has
 */
export async function createCampaign(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  input: Input,
): Promise<CampaignDetail> {
  const { tenantId } = caller;
  const work = async (tx: Tx): Promise<CampaignDetail> => {
    const made = await insertCampaign(tx, tenantId, uuidv7(), input);
    const about = { tenantId, subject: made.id, traceparent: origin.traceparent };
    const what = { action: 'campaign.create', entityType: 'campaign', entityId: made.id };
    await enqueue(tx, [
      buildEvent(campaignCreated, { ...about, data: campaignFacts(made) }),
      buildAudit(conversationAudit, origin, { ...what, changes: changesBetween(null, { ...settingsOf(made) }) }),
    ]);
    return readCampaign(tx, tenantId, made.id);
  };
  return withUniqueCode(() =>
    withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx))),
  );
}

/** @throws Conflict `campaign` for a code that another one has */
export async function withUniqueCode<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isUniqueViolation(error, 'campaigns_code')) throw error;
    throw new Conflict('Another campaign has this code', 'campaign');
  }
}
