import {
  type AuditOrigin,
  type CampaignDetail,
  changesBetween,
  type conversationApi,
  FIELD_CODES,
  type RouteInput,
} from '@recado/contracts';
import { isUniqueViolation, type Tx, withTenant } from '@recado/database';
import { enqueueJob } from '@recado/jobs';
import { AppError, type CallContext, type Caller, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockRouting } from '../routing/lock.ts';
import { adoptJob } from './jobs.ts';
import { readCampaign } from './list.ts';
import { type CampaignNumber, lockCampaign, selectTaken, setNumbers } from './store.ts';
import { tellOfCampaign } from './update.ts';

type Input = RouteInput<typeof conversationApi.setCampaignNumbers>['body'];

/**
 * Gives a campaign these numbers and no others. The first is the primary one unless one is named.
 * @throws NotFound `campaign`; ValidationFailed naming each number that is unknown or taken
 */
export async function setCampaignNumbers(
  deps: Deps,
  { caller, origin, context }: { caller: Caller; origin: AuditOrigin; context: CallContext },
  campaignId: string,
  input: Input,
): Promise<CampaignDetail> {
  const { tenantId } = caller;
  const { channelIds, primaryChannelId } = input;
  await checkChannels(deps, tenantId, input, context);
  const primary = primaryChannelId ?? channelIds[0];
  const numbers = channelIds.map((channelId) => ({ channelId, isPrimary: channelId === primary }));
  try {
    return await withTenant(deps.db, tenantId, (tx) => change(tx, origin, campaignId, numbers));
  } catch (error) {
    // Another campaign took one at the same moment: its rows can be seen now.
    if (!isUniqueViolation(error, 'campaign_numbers_tenant_id_channel_id_pk')) throw error;
    return withTenant(deps.db, tenantId, (tx) => change(tx, origin, campaignId, numbers));
  }
}

async function change(
  tx: Tx,
  origin: AuditOrigin,
  campaignId: string,
  numbers: readonly CampaignNumber[],
): Promise<CampaignDetail> {
  const { tenantId } = origin;
  await lockRouting(tx, [tenantId]);
  const campaign = await lockCampaign(tx, tenantId, campaignId);
  const ids = numbers.map(({ channelId }) => channelId);
  const taken = new Set((await selectTaken(tx, tenantId, campaignId, ids)).map(({ channelId }) => channelId));
  refuse(ids.flatMap((id, i) => (taken.has(id) ? [wrong(`channelIds.${i}`, 'number_taken')] : [])));
  const before = (await readCampaign(tx, tenantId, campaignId)).numbers;
  const changes = changesBetween({ numbers: before }, { numbers });
  if (changes) {
    await setNumbers(tx, tenantId, campaignId, numbers);
    await tellOfCampaign(tx, origin, campaign, { action: 'campaign.set_numbers', changes });
    const had = new Set(before.map(({ channelId }) => channelId));
    const added = ids.filter((id) => !had.has(id));
    if (added.length > 0) await enqueueJob(tx, adoptJob, tenantId, { channelIds: added });
  }
  return readCampaign(tx, tenantId, campaignId);
}

/** @throws ValidationFailed naming each unknown one, and a primary one that is none of them */
async function checkChannels(
  deps: Deps,
  tenantId: string,
  { channelIds, primaryChannelId }: Input,
  context: CallContext,
): Promise<void> {
  const known = new Set<string>();
  await Promise.all(
    channelIds.map((id) =>
      deps.channels.get(tenantId, id, context).then(
        () => known.add(id),
        (error: unknown) => {
          if (!(error instanceof AppError && error.code === 'not_found')) throw error;
        },
      ),
    ),
  );
  refuse([
    ...channelIds.flatMap((id, i) => (known.has(id) ? [] : [wrong(`channelIds.${i}`, 'unknown_channel')])),
    ...(primaryChannelId && !known.has(primaryChannelId) ? [wrong('primaryChannelId', 'unknown_channel')] : []),
  ]);
}

const wrong = (field: string, code: 'unknown_channel' | 'number_taken') => ({
  field,
  message: FIELD_CODES[code],
  code,
});

function refuse(problems: readonly ReturnType<typeof wrong>[]): void {
  if (problems.length > 0) throw new ValidationFailed([...problems]);
}

const AS_CONVERSATION = { kind: 'service' as const, userId: null, apiKeyId: null, service: 'conversation' };
const NOWHERE = { ip: null, userAgent: null, edition: null, requestId: null };

/** Takes a removed number out of its campaign. The first of the others is primary then. */
export async function leaveNumber(tx: Tx, tenantId: string, channelId: string): Promise<void> {
  await lockRouting(tx, [tenantId]);
  const [holder] = await tx<{ id: string }[]>`
    select campaign_id as id from campaign_numbers where tenant_id = ${tenantId} and channel_id = ${channelId}`;
  if (!holder) return;
  const campaign = await lockCampaign(tx, tenantId, holder.id);
  const before = (await readCampaign(tx, tenantId, holder.id)).numbers;
  const left = before.filter((number) => number.channelId !== channelId);
  const hasPrimary = left.some(({ isPrimary }) => isPrimary);
  const after = left.map((number, i) => ({ ...number, isPrimary: hasPrimary ? number.isPrimary : i === 0 }));
  await setNumbers(tx, tenantId, holder.id, after);
  const changes = changesBetween({ numbers: before }, { numbers: after })!;
  const origin = { tenantId, actor: AS_CONVERSATION, ...NOWHERE };
  await tellOfCampaign(tx, origin, campaign, { action: 'campaign.set_numbers', changes });
}
