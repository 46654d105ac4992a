import { ack } from './acks.ts';
import type { Context } from './context.ts';
import { decodeMessage, isUuid, tenantOf } from './decode.ts';
import type { Entry, Held } from './delivery.ts';

/**
 * Reads a delivery. Null for one of a tenant this consumer ignores: it is acknowledged unread.
 */
export function openDelivery(context: Context, held: Held): Entry | null {
  if (held.entry) return held.entry;
  const { event, ignores, counts } = context;
  const { message } = held;
  const tenantId = ignores ? tenantOf(message.subject) : null;
  if (tenantId !== null && ignores!(tenantId)) {
    ack(context, held);
    counts.ignored.inc();
    return null;
  }
  const { events, malformed, isEventBatch } = decodeMessage(event, message.data, message);
  // A single event is claimed by its own id, as in earlier versions. An event batch without an id
  // comes from another publisher.
  const id = isEventBatch ? message.header('Nats-Msg-Id') : events[0]?.id;
  held.entry = { held, events, malformed, claim: isUuid(id) ? id : null };
  return held.entry;
}
