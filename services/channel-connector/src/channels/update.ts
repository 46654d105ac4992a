import {
  type AuditOrigin,
  type Channel,
  changesBetween,
  type connectorApi,
  type RouteInput,
  type WebhookEventName,
} from '@recado/contracts';
import { readTenant, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { Conflict, NotFound, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { followChannelUrl } from '../webhook-endpoints/of-channel.ts';
import { firstAnswer, getOwn } from './answer.ts';
import { checkWebhookUrl } from './create.ts';
import { renewCredentials, sealCredentials } from './credentials.ts';
import { orderFor } from './linking/link.ts';
import { selectSealed } from './numbers/sealed-store.ts';
import { digestOf } from './numbers/verify-token.ts';
import { type ChannelRow, lockChannel, patchChannel } from './store.ts';
import { chosen, lifeAudit, updatedEvent, viewChannel } from './views.ts';

type Input = RouteInput<(typeof connectorApi)['updateChannel']>['body'];

/** New credentials that the provider has accepted. */
interface Renewal {
  /** The sealed ones that they are made of: others in the row by now win. */
  replaced: string;
  credentials: string;
  verifyTokenDigest: string;
}

/**
 * Changes what a tenant chose of a channel. New credentials count only when the provider accepts
 * them: a mistyped token leaves the channel as it works.
 * @throws NotFound; ValidationFailed for refused credentials; Conflict for two changes at once
 */
export async function updateChannel(
  deps: Deps,
  origin: AuditOrigin,
  channelId: string,
  { credentials, ...input }: Input,
  webhookEvents: readonly WebhookEventName[],
): Promise<Channel> {
  const { tenantId } = origin;
  checkWebhookUrl(deps, input.webhookUrl);
  const renewal = credentials ? await renew(deps, tenantId, channelId, credentials) : null;
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockChannel(tx, tenantId, channelId);
    if (renewal && before.credentials !== renewal.replaced)
      throw new Conflict('The channel was changed at the same time');
    const settings = { ...before.settings, ...definedOf(input.settings ?? {}) };
    const patch = { ...chosenOf(before), ...definedOf(input), settings };
    const changes = changesBetween(
      auditedState(before, 'before'),
      auditedState({ ...before, ...patch }, renewal && 'after'),
    );
    if (!changes) return before;
    const after = await patchChannel(
      tx,
      before,
      patch,
      renewal && { ...renewal, linkOrder: orderFor(deps, before, 'begin') },
    );
    await followChannelUrl(tx, deps, after, webhookEvents);
    await enqueue(tx, [
      updatedEvent(after, Object.keys(changes), origin),
      lifeAudit('update', channelId, changes, origin, deps.now()),
    ]);
    return after;
  });
  deps.directory.forget(channelId);
  if (renewal) deps.directory.forgetSecret(channelId);
  // The proof moves the number and the status. A person's own disconnection stays.
  if (!renewal || row.status === 'disconnected') return viewChannel(row);
  await firstAnswer(deps, row, { ordered: true });
  return getOwn(deps, tenantId, channelId);
}

/** @throws ValidationFailed when the provider does not accept the new credentials */
async function renew(deps: Deps, tenantId: string, id: string, given: object): Promise<Renewal> {
  const [[row]] = await readTenant(deps.db, tenantId, (tx) => [selectSealed(tx, tenantId, id)]);
  const provider = row && deps.providers.get(row.provider);
  if (!row || !provider) throw new NotFound('channel', id);
  const { providerId, secrets } = renewCredentials(deps.sealer, provider, row, given);
  if (providerId !== row.providerId) throw notAccepted('Another number is another channel');
  const account = provider.open(secrets);
  const finding = await provider.check({ providerId, account });
  if (finding.status === 'error' && !finding.accepted) throw notAccepted(finding.reason);
  return {
    replaced: row.credentials,
    credentials: sealCredentials(deps.sealer, id, secrets),
    verifyTokenDigest: digestOf(deps.sealer, provider, account),
  };
}

const notAccepted = (message: string) => new ValidationFailed([{ field: 'credentials', message, code: 'credentials' }]);

const chosenOf = ({ name, settings, dailyMessageLimit, ratePerMinute, webhookUrl }: ChannelRow) => ({
  name,
  settings,
  dailyMessageLimit,
  ratePerMinute,
  webhookUrl,
});

/** The fields that were given; null is a value. */
const definedOf = <T extends object>(input: T) =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };

/** Credentials are shown as changed, never as what they are. */
const auditedState = (row: ChannelRow, credentials: 'before' | 'after' | null) => ({
  ...chosen(row),
  credentials: credentials ?? 'before',
});
