import {
  type AuditOrigin,
  buildAudit,
  changesBetween,
  type conversationApi,
  conversationAudit,
  type RouteOutput,
  type SurveySettings,
  surveySettings,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Caller } from '@recado/service-kit';
import { lockCampaign } from '../campaigns/store.ts';
import type { Deps } from '../deps.ts';
import { deleteSettings, findSettings, saveSettings } from './store.ts';

type Answer = RouteOutput<typeof conversationApi.getSurveySettings>;

/** How customers are asked. A tenant that set nothing asks nothing. @throws NotFound `campaign` */
export const getSettings = (
  { db }: Pick<Deps, 'db'>,
  { tenantId }: Caller,
  campaignId: string | undefined,
): Promise<Answer> =>
  withTenant(db, tenantId, async (tx) => {
    if (campaignId !== undefined) await lockCampaign(tx, tenantId, campaignId);
    return read(tx, tenantId, campaignId ?? null);
  });

async function read(tx: Tx, tenantId: string, campaignId: string | null): Promise<Answer> {
  const found = await findSettings(tx, tenantId, campaignId);
  const isInherited = found?.scopeId !== (campaignId ?? tenantId);
  return { campaignId, settings: surveySettings.parse(found?.settings ?? { enabled: false }), isInherited };
}

/** Sets it whole, for the tenant or a campaign. @throws NotFound `campaign` */
export const setSettings = (
  { db }: Pick<Deps, 'db'>,
  { tenantId }: Caller,
  origin: AuditOrigin,
  { campaignId, settings }: { campaignId: string | null; settings: SurveySettings },
): Promise<Answer> =>
  withTenant(db, tenantId, async (tx) => {
    if (campaignId !== null) await lockCampaign(tx, tenantId, campaignId);
    const before = await read(tx, tenantId, campaignId);
    await saveSettings(tx, tenantId, campaignId ?? tenantId, settings);
    await audit(tx, origin, campaignId, before.isInherited ? null : before.settings, settings);
    return { campaignId, settings, isInherited: false };
  });

/** The campaign asks as its tenant does. @throws NotFound `campaign` */
export const removeSettings = (
  { db }: Pick<Deps, 'db'>,
  { tenantId }: Caller,
  origin: AuditOrigin,
  campaignId: string,
): Promise<void> =>
  withTenant(db, tenantId, async (tx) => {
    await lockCampaign(tx, tenantId, campaignId);
    const before = await deleteSettings(tx, tenantId, campaignId);
    if (before) await audit(tx, origin, campaignId, before, null);
  });

async function audit(
  tx: Tx,
  origin: AuditOrigin,
  campaignId: string | null,
  before: SurveySettings | null,
  after: SurveySettings | null,
): Promise<void> {
  const changes = changesBetween(before, after);
  if (!changes) return;
  const entityId = campaignId ?? origin.tenantId;
  const what = { action: 'survey.settings', entityType: 'survey_settings', entityId, changes };
  await enqueue(tx, [buildAudit(conversationAudit, origin, what)]);
}
