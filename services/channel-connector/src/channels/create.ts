import { randomBytes } from 'node:crypto';
import { type AuditOrigin, type Channel, type connectorApi, PLANS, type RouteInput, uuidv7 } from '@recado/contracts';
import { isUniqueViolation, lockTenant, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict, PlanLimit } from '@recado/service-kit';
import { normalisePhone } from '@recado/service-kit/phone';
import type { Deps } from '../deps.ts';
import { sealCredentials } from './credentials.ts';
import { type ChannelRow, countChannels, insertChannel } from './store.ts';
import { createdAudit, statusEvent, viewChannel } from './views.ts';

type Input = RouteInput<(typeof connectorApi)['createChannel']>['body'];

/** The client of this route gives up after 5 s; the check may take as long and goes on behind the answer. */
const ANSWER_AFTER_MS = 3000;

/**
 * Stores a Meta number with its credentials sealed, then asks the Graph API whether they work. The answer holds what it said, or
 * `connecting` when it is slow: the event `channel.status-changed` follows.
 * @throws ValidationFailed for a bad phone; PlanLimit maxChannels; Conflict when the phone is the tenant's already or the phone_number_id
 * anyone's
 */
export async function createChannel(deps: Deps, origin: AuditOrigin, input: Input): Promise<Channel> {
  const { tenantId } = origin;
  const { phoneNumberId, ...credentials } = input.credentials;
  const phone = normalisePhone(input.phone);
  const id = uuidv7();
  await deps.tenants.ensure(tenantId);
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    await checkPlan(tx, tenantId);
    const inserted = await insertChannel(tx, {
      tenantId,
      id,
      name: input.name,
      provider: input.provider,
      phone,
      key: randomBytes(12).toString('base64url'),
      settings: input.settings,
      dailyMessageLimit: input.dailyMessageLimit,
      ratePerMinute: input.ratePerMinute,
      providerId: phoneNumberId,
      credentials: sealCredentials(deps.sealer, id, credentials),
    });
    const now = deps.now();
    await enqueue(tx, [statusEvent(inserted, now), createdAudit(inserted, origin, now)]);
    return inserted;
  }).catch(refuseTaken);
  deps.relay.kick();
  deps.directory.forget(id, phoneNumberId);
  return viewChannel((await firstAnswer(deps, row)) ?? row);
}

/** The tenant stays locked until its channel is committed: of two made at once each sees the other. */
async function checkPlan(tx: Tx, tenantId: string): Promise<void> {
  const { maxChannels } = PLANS[(await lockTenant(tx, tenantId)).plan];
  if (maxChannels === null) return;
  const [count] = await countChannels(tx, tenantId, {});
  if (count!.total >= maxChannels) {
    throw new PlanLimit('maxChannels', `The plan's ${maxChannels} WhatsApp numbers are connected already`);
  }
}

async function firstAnswer(deps: Deps, row: ChannelRow): Promise<ChannelRow | null> {
  const checked = deps.check.check(row.id).catch((err: unknown) => {
    // It stays `connecting` and the sweep asks again.
    deps.log.warn({ err, channelId: row.id }, 'a new channel could not be checked');
    return null;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ANSWER_AFTER_MS);
  });
  return Promise.race([checked, late]).finally(() => clearTimeout(timer));
}

/** The same words whether the number is the caller's own or a stranger's: nothing tells whose it is. */
function refuseTaken(error: unknown): never {
  if (isUniqueViolation(error, 'channels_provider_id')) {
    throw new Conflict('This phone_number_id is already connected', 'channel');
  }
  if (isUniqueViolation(error, 'channels_phone')) throw new Conflict('This phone is already connected', 'channel');
  throw error;
}
