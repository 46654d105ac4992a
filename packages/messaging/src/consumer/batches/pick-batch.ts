import { tenantOf } from '../decode.ts';
import type { Entry, Held } from '../delivery.ts';

/**
 * A tenant with more bytes waiting (some 16 events) gets batches of its own: the few of others are
 * not part of a long transaction.
 */
const OWN_BATCH_BYTES = 14 * 1024;
/** A message that waited so long here goes first, however few the others have. */
const PATIENCE_MS = 1000;

interface Picking<T> {
  /**
   * Tenants of batches under way: their next events wait for those, so each tenant keeps its order.
   */
  busy: ReadonlySet<string>;
  /** Events at most; the first message is always taken whole. */
  batch: number;
  /** performance.now() */
  now: number;
  /** Reads a delivery; null for one that needs nothing more. */
  open(held: Held): Entry<T> | null;
}

export interface Picked<T> {
  entries: Entry<T>[];
  /** What stays, in its order. */
  rest: Held[];
}

/**
 * Picks the next batch: the tenants with the fewest messages first, each tenant's in the order they
 * came.
 */
export function pickBatch<T>(buffer: readonly Held[], { busy, batch, now, open }: Picking<T>): Picked<T> {
  const lines = new Map<string, Held[]>();
  for (const held of buffer) {
    const tenant = tenantKey(held);
    if (busy.has(tenant)) continue;
    const line = lines.get(tenant);
    if (line) line.push(held);
    else lines.set(tenant, [held]);
  }
  const ordered = [...lines.values()];
  if (ordered.length > 1 && now - ordered[0]![0]!.at < PATIENCE_MS) ordered.sort((a, b) => a.length - b.length);

  const gone = new Set<Held>();
  const entries: Entry<T>[] = [];
  let events = 0;
  const isFull = (more: number) => events > 0 && events + more > batch;
  for (const line of ordered) {
    if (events > 0 && bytesOf(line) > OWN_BATCH_BYTES) break;
    for (const held of line) {
      const entry = open(held);
      if (entry && isFull(entry.events.length)) return { entries, rest: buffer.filter((one) => !gone.has(one)) };
      gone.add(held);
      if (!entry) continue;
      entries.push(entry);
      events += entry.events.length;
    }
  }
  return { entries, rest: gone.size === buffer.length ? [] : buffer.filter((one) => !gone.has(one)) };
}

const bytesOf = (line: readonly Held[]) => line.reduce((sum, { message }) => sum + message.data.length, 0);

export const tenantKey = ({ message }: Held): string => tenantOf(message.subject) ?? '';
