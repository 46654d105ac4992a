import {
  type AuditOrigin,
  buildEvent,
  uuidv7,
  WEBHOOK_TEST,
  type WebhookDelivery,
  webhookTest,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueueJob } from '@recado/jobs';
import { Conflict } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockEndpoint } from '../webhook-endpoints/store.ts';
import { deliveryJob } from './job.ts';
import { insertDeliveries, selectDelivery } from './store.ts';
import { viewDelivery } from './views.ts';

/** Sends a test to one endpoint; its filters do not count. @throws NotFound, Conflict */
export async function sendTest(
  { db }: Pick<Deps, 'db'>,
  { tenantId, traceparent }: AuditOrigin,
  endpointId: string,
): Promise<WebhookDelivery> {
  return withTenant(db, tenantId, async (tx) => {
    const { name, enabled } = await lockEndpoint(tx, tenantId, endpointId);
    assertEnabled(enabled);
    const data = { endpointId, name };
    const { envelope } = buildEvent(webhookTest, { tenantId, subject: endpointId, traceparent, data });
    const id = uuidv7();
    await insertDeliveries(tx, [
      {
        tenantId,
        id,
        endpointId,
        eventId: envelope.id,
        eventType: WEBHOOK_TEST,
        payload: JSON.stringify(envelope),
        contactId: null,
        conversationId: null,
      },
    ]);
    await enqueueJob(tx, deliveryJob, tenantId, { deliveryId: id }, { traceparent });
    const [row] = await selectDelivery(tx, tenantId, id);
    const { payload: _, enabled: __, ...delivery } = row!;
    return viewDelivery(delivery);
  });
}

/** @throws Conflict for an endpoint that is switched off */
export function assertEnabled(enabled: boolean): void {
  if (!enabled) throw new Conflict('The endpoint is switched off', 'webhook_disabled');
}
