import {
  type AuditOrigin,
  changesBetween,
  type connectorApi,
  MAX_WEBHOOK_ENDPOINTS,
  type RouteInput,
  type RouteOutput,
  uuidv7,
} from '@recado/contracts';
import { lockTenant, once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { assertPublicUrl, type Caller, Conflict, Forbidden, ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { hiddenEvents } from './rules.ts';
import { newSecret, sealSecret } from './secret.ts';
import { countEndpoints, insertEndpoint, selectOwnChannels } from './store.ts';
import { chosen, endpointAudit, viewEndpoint } from './views.ts';

type Input = RouteInput<(typeof connectorApi)['createWebhookEndpoint']>['body'];

/**
 * Makes an endpoint. Only this answer holds its secret (and `call_keys`, sealed, for 72 hours).
 * @throws Forbidden for events that the caller may not see; ValidationFailed on `url`, `channelIds`
 * @throws Conflict when there are too many
 */
export async function createEndpoint(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  input: Input,
): Promise<RouteOutput<typeof connectorApi.createWebhookEndpoint>> {
  const { tenantId } = origin;
  requireVisible(caller, input.eventTypes);
  assertEndpointUrl(deps, input.url);
  await deps.tenants.ensure(tenantId);
  const id = uuidv7();
  const secret = newSecret();
  const work = async (tx: Tx) => {
    await lockTenant(tx, tenantId);
    await assertOwnChannels(tx, tenantId, input.channelIds);
    const [count] = await countEndpoints(tx, tenantId);
    if (count!.own >= MAX_WEBHOOK_ENDPOINTS)
      throw new Conflict(`There are ${MAX_WEBHOOK_ENDPOINTS} endpoints already`, 'webhook_endpoint');
    const row = await insertEndpoint(tx, {
      tenantId,
      id,
      name: input.name,
      url: input.url,
      eventTypes: input.eventTypes,
      channelIds: input.channelIds,
      channelId: null,
      secret: sealSecret(deps.sealer, id, secret),
    });
    await enqueue(tx, endpointAudit('create', id, changesBetween(null, chosen(row)), origin, deps.now()));
    return { endpoint: viewEndpoint(row), secret };
  };
  const made = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  await deps.knownEndpoints.add(tenantId);
  return made;
}

/** @throws Forbidden */
export function requireVisible(caller: Caller, eventTypes: Input['eventTypes']): void {
  const hidden = hiddenEvents(caller, eventTypes);
  if (hidden.length > 0) throw new Forbidden(`The caller may not see ${hidden.join(', ')}`);
}

/** @throws ValidationFailed for one that leads inside */
export function assertEndpointUrl({ config }: Pick<Deps, 'config'>, url: string): void {
  assertPublicUrl(url, { allowPrivate: config.RECADO_ALLOW_PRIVATE_URLS, field: 'url' });
}

/** @throws ValidationFailed for ids of no channel of the tenant */
export async function assertOwnChannels(tx: Tx, tenantId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const own = new Set((await selectOwnChannels(tx, tenantId, ids)).map(({ id }) => id));
  const details = ids.flatMap((id, at) =>
    own.has(id) ? [] : [{ field: `channelIds.${at}`, message: 'No such channel', code: 'unknown_channel' as const }],
  );
  if (details.length > 0) throw new ValidationFailed(details);
}
