import { randomBytes } from 'node:crypto';
import {
  type AuditOrigin,
  type Channel,
  type connectorApi,
  PLANS,
  type PlanName,
  type RouteInput,
  uuidv7,
  type WebhookEventName,
} from '@recado/contracts';
import { lockTenant, once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { assertPublicUrl, Conflict, PlanLimit, ValidationFailed } from '@recado/service-kit';
import { countryOf, normalisePhone } from '@recado/service-kit/phone';
import type { Deps } from '../deps.ts';
import type { Providers } from '../providers/index.ts';
import type { Provider } from '../providers/provider.ts';
import { followChannelUrl } from '../webhook-endpoints/of-channel.ts';
import { firstAnswer, getOwn } from './answer.ts';
import { readCredentials, sealCredentials } from './credentials.ts';
import type { NumberKey } from './directory.ts';
import { type ChannelRow, countChannels, insertChannel, renewClaim, selectSameNumber } from './store.ts';
import { digestOf } from './verify-token.ts';
import { createdAudit, statusEvent, viewChannel } from './views.ts';

type Input = RouteInput<(typeof connectorApi)['createChannel']>['body'];

/**
 * Stores a claim to a number, then asks the provider whether its credentials prove it. README.md
 * says more.
 * @throws ValidationFailed for a bad phone or credentials, PlanLimit, Conflict for an own number
 */
export async function createChannel(
  deps: Deps,
  origin: AuditOrigin,
  input: Input,
  webhookEvents: readonly WebhookEventName[],
): Promise<Channel> {
  const { tenantId } = origin;
  const provider = findProvider(deps.providers, input.provider);
  const { providerId, secrets } = readCredentials(provider, input.credentials);
  checkWebhookUrl(deps, input.webhookUrl);
  // A driver keeps nothing that it could not open again.
  const digest = digestOf(deps.sealer, provider, provider.open(secrets));
  await deps.tenants.ensure(tenantId);
  let row: ChannelRow | undefined;
  const work = async (tx: Tx) => {
    const tenant = await lockTenant(tx, tenantId);
    const phone = normalisePhone(input.phone, countryOf(tenant));
    const unproved = await findUnproved(tx, tenantId, phone, { provider: provider.name, providerId });
    if (!unproved) await checkPlan(tx, tenantId, tenant.plan);
    const id = unproved?.id ?? uuidv7();
    const write = unproved ? renewClaim : insertChannel;
    row = await write(tx, {
      tenantId,
      id,
      name: input.name,
      provider: provider.name,
      phone,
      key: randomBytes(12).toString('base64url'),
      settings: input.settings,
      dailyMessageLimit: input.dailyMessageLimit,
      ratePerMinute: input.ratePerMinute,
      webhookUrl: input.webhookUrl,
      providerId,
      credentials: sealCredentials(deps.sealer, id, secrets),
      verifyTokenDigest: digest,
    });
    await followChannelUrl(tx, deps, row, webhookEvents);
    const now = deps.now();
    await enqueue(tx, [statusEvent(row, now), createdAudit(unproved, row, origin, now)]);
    return { id };
  };
  const made = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  // A repeated call gets the channel as it is now, once its credentials were tried.
  if (!row) return getOwn(deps, tenantId, made.id);
  deps.directory.forget(row.id, { provider: provider.name, providerId });
  return viewChannel((await firstAnswer(deps, row)) ?? row);
}

/** @throws ValidationFailed for one that leads inside */
export function checkWebhookUrl({ config }: Pick<Deps, 'config'>, url: string | null | undefined): void {
  if (url) assertPublicUrl(url, { allowPrivate: config.RECADO_ALLOW_PRIVATE_URLS, field: 'webhookUrl' });
}

function findProvider(providers: Providers, name: string): Provider {
  const provider = providers.get(name);
  if (provider) return provider;
  throw new ValidationFailed([
    { field: 'provider', message: `This version connects: ${[...providers.keys()].join(', ')}` },
  ]);
}

/**
 * The tenant's own channel of this phone that holds no number. @throws Conflict for one that does
 */
async function findUnproved(tx: Tx, tenantId: string, phone: string, { provider, providerId }: NumberKey) {
  const same = await selectSameNumber(tx, tenantId, phone, provider, providerId);
  const held = same.find(({ proven }) => proven);
  if (held?.phone === phone) throw new Conflict('This phone is already connected', 'channel');
  if (held) throw new Conflict('This number is already connected', 'channel');
  return same[0] ?? null;
}

/**
 * The tenant stays locked until its channel is committed: of two made at once each sees the other.
 */
async function checkPlan(tx: Tx, tenantId: string, plan: PlanName): Promise<void> {
  const { maxChannels } = PLANS[plan];
  if (maxChannels === null) return;
  const [count] = await countChannels(tx, tenantId, {});
  if (count!.total >= maxChannels) {
    throw new PlanLimit('maxChannels', `The plan's ${maxChannels} WhatsApp numbers are connected already`);
  }
}
