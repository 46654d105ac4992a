import { uuidv7, type WebhookEventName } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Sealer } from '@recado/service-kit';
import { newSecret, sealSecret } from './secret.ts';
import { deleteEndpoint, insertEndpoint, lockOfChannel, patchEndpoint } from './store.ts';

interface Parts {
  sealer: Sealer;
  knownEndpoints: { add(tenantId: string): Promise<void> };
}

interface Addressed {
  tenantId: string;
  id: string;
  name: string;
  webhookUrl: string | null;
}

/**
 * Makes the endpoint of a channel what its `webhookUrl` says, in the transaction that changes the
 * channel. A new endpoint gets these events, and is switched on by a new address.
 */
export async function followChannelUrl(
  tx: Tx,
  { sealer, knownEndpoints }: Parts,
  { tenantId, id: channelId, name, webhookUrl: url }: Addressed,
  eventTypes: readonly WebhookEventName[],
): Promise<void> {
  const [endpoint] = await lockOfChannel(tx, tenantId, channelId);
  if (endpoint?.url === url) return;
  if (url === null) {
    if (endpoint) await deleteEndpoint(tx, tenantId, endpoint.id);
    return;
  }
  if (endpoint) {
    await patchEndpoint(tx, endpoint, { ...endpoint, url, enabled: true });
  } else {
    const id = uuidv7();
    const secret = sealSecret(sealer, id, newSecret());
    const filters = { eventTypes: [...eventTypes], channelIds: [channelId] };
    await insertEndpoint(tx, { tenantId, id, name, url, ...filters, channelId, secret });
  }
  tx.onCommit(() => void knownEndpoints.add(tenantId));
}
