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
import { assertPublicUrl, Conflict, PlanLimit, Unavailable, ValidationFailed } from '@recado/service-kit';
import { countryOf, normalisePhone } from '@recado/service-kit/phone';
import type { Deps } from '../deps.ts';
import type { Providers } from '../providers/index.ts';
import type { Credentials, Provider } from '../providers/provider.ts';
import { followChannelUrl } from '../webhook-endpoints/of-channel.ts';
import { firstAnswer, getOwn } from './answer.ts';
import { readCredentials, sealCredentials } from './credentials.ts';
import type { NumberKey } from './directory.ts';
import { digestOf } from './numbers/verify-token.ts';
import { type ChannelRow, countChannels, insertChannel, renewClaim, selectSameNumber } from './store.ts';
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
  const key = randomBytes(12).toString('base64url');
  const provider = findProvider(deps.providers, input);
  const { providerId, secrets } = await enrol(provider, readOrHost(provider, input.credentials, key));
  if (!provider.linking && input.phone === null)
    throw new ValidationFailed([{ field: 'phone', code: 'required', message: 'The phone is required' }]);
  const linkOrder = provider.linking && input.connect ? 'begin' : null;
  checkWebhookUrl(deps, input.webhookUrl);
  // A driver keeps nothing that it could not open again.
  const digest = digestOf(deps.sealer, provider, provider.open(secrets));
  await deps.tenants.ensure(tenantId);
  let row: ChannelRow | undefined;
  const work = async (tx: Tx) => {
    const tenant = await lockTenant(tx, tenantId);
    const phone = input.phone === null ? null : normalisePhone(input.phone, countryOf(tenant));
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
      key,
      settings: input.settings,
      dailyMessageLimit: input.dailyMessageLimit,
      ratePerMinute: input.ratePerMinute,
      webhookUrl: input.webhookUrl,
      providerId,
      credentials: sealCredentials(deps.sealer, id, secrets),
      verifyTokenDigest: digest,
      status: provider.linking && !input.connect ? 'disconnected' : 'connecting',
      linkOrder,
    });
    await followChannelUrl(tx, deps, row, webhookEvents);
    const now = deps.now();
    await enqueue(tx, [statusEvent(row, now), createdAudit(unproved, row, origin, now)]);
    return { id };
  };
  const made = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  // A repeated call gets the channel as it is now, once its credentials were tried.
  if (!row) return getOwn(deps, tenantId, made.id, MAY_LINK);
  deps.directory.forget(row.id, { provider: provider.name, providerId });
  if (row.status === 'disconnected') return viewChannel(row);
  return viewChannel((await firstAnswer(deps, row, { ordered: true })) ?? row, MAY_LINK);
}

/** @throws ValidationFailed for one that leads inside */
export function checkWebhookUrl({ config }: Pick<Deps, 'config'>, url: string | null | undefined): void {
  if (url) assertPublicUrl(url, { allowPrivate: config.RECADO_ALLOW_PRIVATE_URLS, field: 'webhookUrl' });
}

/** A person who connects a channel may link its phone. */
const MAY_LINK = { mayLink: true };

/** The named provider, else the one that has a server of the installation's own. */
function findProvider(providers: Providers, { provider: name, credentials }: Input): Provider {
  const hosts = [...providers.values()].filter(({ linking }) => linking?.host('any') != null);
  const provider = name === undefined ? hosts[0] : providers.get(name);
  if (provider && (credentials !== null || hosts.includes(provider))) return provider;
  const message = provider
    ? `The credentials of the number are required: this installation has no server of its own for ${provider.name}`
    : `This version connects: ${[...providers.keys()].join(', ')}`;
  throw new ValidationFailed([{ field: provider ? 'credentials' : 'provider', message }]);
}

/** @throws ValidationFailed for a sign-up that the provider does not accept, Unavailable */
async function enrol(provider: Provider, given: Credentials): Promise<Credentials> {
  const enrolled = (await provider.enrol?.(given)) ?? { kind: 'ok', secrets: given.secrets };
  if (enrolled.kind === 'ok') return { ...given, secrets: enrolled.secrets };
  if (enrolled.kind === 'unreachable') throw new Unavailable(provider.name);
  throw new ValidationFailed([{ field: 'credentials.signupCode', code: 'credentials', message: enrolled.reason }]);
}

/** What the tenant gave, else a place on the installation's own server. */
function readOrHost(provider: Provider, given: Input['credentials'], key: string): Credentials {
  return (given === null && provider.linking?.host(key)) || readCredentials(provider, given);
}

/**
 * The tenant's own channel of this phone that holds no number. @throws Conflict for one that does
 */
async function findUnproved(tx: Tx, tenantId: string, phone: string | null, { provider, providerId }: NumberKey) {
  const same = await selectSameNumber(tx, tenantId, phone, provider, providerId);
  const held = same.find(({ proven }) => proven);
  if (held && held.phone === phone) throw new Conflict('This phone is already connected', 'channel');
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
