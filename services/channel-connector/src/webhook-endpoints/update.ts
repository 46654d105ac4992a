import {
  type AuditOrigin,
  changesBetween,
  type connectorApi,
  type RouteInput,
  type WebhookEndpoint,
  type WebhookEventName,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Caller } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { assertEndpointUrl, assertOwnChannels, requireVisible } from './create.ts';
import { lockEndpoint, patchEndpoint, setChannelUrl } from './store.ts';
import { chosen, endpointAudit, viewEndpoint } from './views.ts';

type Input = RouteInput<(typeof connectorApi)['updateWebhookEndpoint']>['body'];

/**
 * Changes an endpoint. Its events must be visible to the caller, also when only its URL changes.
 * @throws NotFound, Forbidden, ValidationFailed on `url` or `channelIds`
 */
export async function updateEndpoint(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  id: string,
  input: Input,
): Promise<WebhookEndpoint> {
  const { tenantId } = origin;
  if (input.url !== undefined) assertEndpointUrl(deps, input.url);
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockEndpoint(tx, tenantId, id);
    const patch = {
      name: input.name ?? before.name,
      url: input.url ?? before.url,
      eventTypes: input.eventTypes ?? before.eventTypes,
      channelIds: input.channelIds ?? before.channelIds,
      enabled: input.enabled ?? before.enabled,
    };
    if (patch.enabled) requireVisible(caller, patch.eventTypes as WebhookEventName[]);
    if (input.channelIds) await assertOwnChannels(tx, tenantId, input.channelIds);
    const changes = changesBetween(chosen(before), chosen({ ...before, ...patch }));
    if (!changes) return before;
    const after = await patchEndpoint(tx, before, patch);
    if (after.channelId && after.url !== before.url) await setChannelUrl(tx, tenantId, after.channelId, after.url);
    await enqueue(tx, endpointAudit('update', id, changes, origin, deps.now()));
    return after;
  });
  if (row.enabled) await deps.knownEndpoints.add(tenantId);
  return viewEndpoint(row);
}
