import { type conversationCreated, type EventData, messageCreated, type messageUpdated } from '@recado/contracts';

export const METRICS = ['received', 'sent', 'failed', 'ai', 'conversations'] as const;
export type Metric = (typeof METRICS)[number];

/** One change to a tenant's counters, at the time it happened. */
export interface Count {
  tenantId: string;
  metric: Metric;
  by: number;
  /** ISO 8601. */
  at: string;
}

/**
 * The event of a stored message with as much of it as counting needs: the rest is not parsed at
 * all.
 */
export const messageToCount = {
  ...messageCreated,
  data: messageCreated.data.pick({ message: true }).extend({
    message: messageCreated.data.shape.message.pick({ direction: true, author: true, createdAt: true }),
  }),
};

/**
 * What a stored message counts as. Outbound ones count as sent once the provider took them: see
 * countUpdated.
 */
export function countCreated(tenantId: string, { message }: EventData<typeof messageToCount>): Count[] {
  if (message.direction === 'inbound') return [{ tenantId, metric: 'received', by: 1, at: message.createdAt }];
  return message.author === 'ai' ? [{ tenantId, metric: 'ai', by: 1, at: message.createdAt }] : [];
}

/**
 * The counts of a status change. Only steps out of `pending` or `failed` count. A message counted
 * as failed and later proven sent moves to the other counter.
 */
export function countUpdated(tenantId: string, update: EventData<typeof messageUpdated>): Count[] {
  if (update.direction === 'inbound') return [];
  const count = (metric: Metric, by: number): Count => ({ tenantId, metric, by, at: update.at });
  const { previousStatus: from, status: to } = update;
  if (from === 'pending') return [count(to === 'failed' ? 'failed' : 'sent', 1)];
  if (from === 'failed' && to !== 'failed') return [count('failed', -1), count('sent', 1)];
  if (from !== 'failed' && to === 'failed') return [count('failed', 1), count('sent', -1)];
  return [];
}

/** A conversation counts when it was opened. */
export function countOpened(tenantId: string, { conversation }: EventData<typeof conversationCreated>): Count {
  return { tenantId, metric: 'conversations', by: 1, at: conversation.createdAt };
}

/** The hour and minute of a time, as ISO texts. */
export const hourOf = (iso: string): string => `${iso.slice(0, 13)}:00:00.000Z`;
export const minuteOf = (iso: string): string => `${iso.slice(0, 16)}:00.000Z`;

/** A counter row and how much to add to it. */
export interface Sum {
  tenantId: string;
  slot: string;
  metric: Metric;
  by: number;
}

/**
 * Adds counts up per tenant, time slot and metric, sorted by key: two batches that lock the same
 * rows lock them in the same order. Sums of zero are left out.
 */
export function sumUp(counts: readonly Count[], slotOf: (count: Count) => string): Sum[] {
  const sums = new Map<string, Sum>();
  for (const count of counts) {
    const slot = slotOf(count);
    const key = `${count.tenantId} ${slot} ${count.metric}`;
    const sum = sums.get(key);
    if (sum) sum.by += count.by;
    else sums.set(key, { tenantId: count.tenantId, slot, metric: count.metric, by: count.by });
  }
  return [...sums.entries()]
    .filter(([, sum]) => sum.by !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, sum]) => sum);
}
