import type { OutgoingEvent } from '@recado/messaging';
import type { StoreGroup } from './store-group.ts';

/** Events in one part: it takes the whole mesh some milliseconds. */
export const PART_EVENTS = 16;
/** After a part follows a rest so many times as long as it took. */
const REST_FACTOR = 6;
const MAX_REST_MS = 50;
/** All rests of one request: its sender waits for the answer. */
const ALL_RESTS_MS = 2000;

/**
 * Stores the events of a flood's webhooks in small parts with rests, in which others' webhooks go
 * on. A webhook that fails in the middle is sent again; what was stored of it is known then.
 * @returns null or the error, for each webhook
 */
export async function storeSlowly(
  group: Pick<StoreGroup, 'add'>,
  webhooks: readonly OutgoingEvent[][],
): Promise<unknown[]> {
  const results: unknown[] = webhooks.map(() => null);
  let restsLeft = ALL_RESTS_MS;
  let isFirst = true;
  let took = 0;
  for (const part of partsOf(webhooks)) {
    const parts = part.filter(({ webhook }) => results[webhook] === null);
    if (parts.length === 0) continue;
    if (!isFirst) {
      const restMs = Math.min(took * REST_FACTOR, MAX_REST_MS, restsLeft);
      restsLeft -= restMs;
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
    }
    isFirst = false;
    const started = performance.now();
    const errors = await group.add(parts.map(({ events }) => events)).catch((error: unknown) => parts.map(() => error));
    took = performance.now() - started;
    for (const [i, { webhook }] of parts.entries()) results[webhook] = errors[i];
  }
  return results;
}

interface Part {
  /** Its place among the webhooks. */
  webhook: number;
  events: OutgoingEvent[];
}

/** The events in their order, cut into parts: of each part what it holds of each webhook. */
function partsOf(webhooks: readonly OutgoingEvent[][]): Part[][] {
  const parts: Part[][] = [];
  let left = 0;
  for (const [webhook, all] of webhooks.entries()) {
    for (let at = 0; at < all.length; ) {
      if (left === 0) {
        parts.push([]);
        left = PART_EVENTS;
      }
      const events = all.slice(at, at + left);
      parts.at(-1)!.push({ webhook, events });
      at += events.length;
      left -= events.length;
    }
  }
  return parts;
}
