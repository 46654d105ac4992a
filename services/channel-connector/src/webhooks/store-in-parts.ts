import type { OutgoingEvent } from '@recado/messaging';
import type { StoreGroup } from './store-group.ts';

export interface PartRules {
  /** Events in one part. */
  events: number;
  /** After a part follows a rest so many times as long as it took. */
  rest: number;
}

/** Each part takes the process a few milliseconds, and others get their turns between two. */
export const ORDINARY: PartRules = { events: 500, rest: 0 };
/** Each part takes the whole mesh some milliseconds, and others' webhooks go on in the rests. */
export const FLOOD: PartRules = { events: 16, rest: 6 };

const MAX_REST_MS = 50;
/** All rests of one request: its sender waits for the answer. */
const ALL_RESTS_MS = 2000;

/**
 * Stores the events of webhooks in parts, in their order. A webhook that fails in the middle comes
 * again, and what was stored of it counts once.
 * @returns null or the error, for each webhook
 */
export async function storeInParts(
  group: Pick<StoreGroup, 'add'>,
  webhooks: readonly OutgoingEvent[][],
  { events, rest }: PartRules,
): Promise<unknown[]> {
  const results: unknown[] = webhooks.map(() => null);
  let restsLeft = ALL_RESTS_MS;
  let took: number | null = null;
  for (const whole of partsOf(webhooks, events)) {
    const part = whole.filter(({ webhook }) => results[webhook] === null);
    if (part.length === 0) continue;
    if (took !== null) {
      const restMs = Math.min(took * rest, MAX_REST_MS, restsLeft);
      restsLeft -= restMs;
      await new Promise((resolve) => (restMs > 0 ? setTimeout(resolve, restMs) : setImmediate(resolve)));
    }
    const started = performance.now();
    const errors = await group.add(part.map((one) => one.events)).catch((error: unknown) => part.map(() => error));
    took = performance.now() - started;
    for (const [i, { webhook }] of part.entries()) results[webhook] = errors[i];
  }
  return results;
}

interface Part {
  /** Its place among the webhooks. */
  webhook: number;
  events: OutgoingEvent[];
}

/** The events in their order, cut into parts: of each part what it holds of each webhook. */
function partsOf(webhooks: readonly OutgoingEvent[][], most: number): Part[][] {
  const parts: Part[][] = [];
  let left = 0;
  for (const [webhook, all] of webhooks.entries()) {
    for (let at = 0; at < all.length; ) {
      if (left === 0) {
        parts.push([]);
        left = most;
      }
      const events = all.slice(at, at + left);
      parts.at(-1)!.push({ webhook, events });
      at += events.length;
      left -= events.length;
    }
  }
  return parts;
}
