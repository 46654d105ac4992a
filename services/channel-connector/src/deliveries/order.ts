import { uuidv7, WEBHOOK_EVENTS, type WebhookEventName } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueueJobs } from '@recado/jobs';
import type { Delivered } from '@recado/messaging';
import type { Deps } from '../deps.ts';
import { orderErasures } from './erase.ts';
import { deliveryJob } from './job.ts';
import { insertDeliveries, selectTargets, type Target } from './store.ts';

/**
 * Orders the deliveries of events: a row and a job for each endpoint that wants one. Three
 * statements for a batch, and one when no tenant of it has an endpoint.
 */
export async function orderDeliveries(
  tx: Tx,
  { metrics, now }: Pick<Deps, 'metrics' | 'now'>,
  name: WebhookEventName,
  events: readonly Delivered[],
): Promise<void> {
  if (name === 'contact.deleted') await orderErasures(tx, events as readonly Delivered<{ contactId: string }>[], now());
  const targets = Map.groupBy(
    await selectTargets(tx, [...new Set(events.map(({ tenantId }) => tenantId))]),
    ({ tenantId }) => tenantId,
  );
  const { channelOf } = WEBHOOK_EVENTS[name];
  const ordered = events.flatMap((event) => {
    const channel = channelOf?.(event.data) ?? null;
    return (targets.get(event.tenantId) ?? [])
      .filter((target) => wants(target, name, channel, event.envelope.time))
      .map((target) => ({ event, target, id: uuidv7() }));
  });
  if (ordered.length === 0) return;
  const added = await insertDeliveries(
    tx,
    ordered.map(({ id, event, target }) => ({
      tenantId: event.tenantId,
      id,
      endpointId: target.id,
      eventId: event.id,
      eventType: name,
      payload: JSON.stringify(event.envelope),
      ...subjectsOf(event.data as Subjects),
    })),
  );
  const at = now();
  const jobs = ordered
    .filter(({ id }) => added.has(id))
    .map(({ id, event: { tenantId, envelope }, target: { pausedUntil } }) => ({
      tenantId,
      data: { deliveryId: id },
      traceparent: envelope.traceparent,
      ...(pausedUntil && pausedUntil > at ? { runAt: pausedUntil } : {}),
    }));
  await enqueueJobs(tx, deliveryJob, jobs);
  tx.onCommit(() => metrics.webhooksOut.ordered.inc(jobs.length));
}

/** Where events name whom they are about. */
interface Subjects {
  contactId?: string;
  conversationId?: string;
  contact?: { id: string };
  message?: { conversationId: string };
  conversation?: { id: string; contact?: { id: string } };
}

const subjectsOf = ({ contactId, conversationId, contact, message, conversation }: Subjects) => ({
  contactId: contactId ?? contact?.id ?? conversation?.contact?.id ?? null,
  conversationId: conversationId ?? message?.conversationId ?? conversation?.id ?? null,
});

/** Whether an endpoint gets an event. What happened before it was switched on is not for it. */
export function wants(
  { eventTypes, channelIds, enabledAt }: Pick<Target, 'eventTypes' | 'channelIds' | 'enabledAt'>,
  name: WebhookEventName,
  channel: string | null,
  time: string,
): boolean {
  if (eventTypes.length > 0 && !eventTypes.includes(name)) return false;
  if (channelIds.length > 0 && (channel === null || !channelIds.includes(channel))) return false;
  return Date.parse(time) >= enabledAt.getTime();
}
