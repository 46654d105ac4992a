import { type EventData, type timerFired, uuid } from '@recado/contracts';
import type { Delivered } from '@recado/messaging';

/** A timer of this service that came due. */
export interface FiredTimer {
  tenantId: string;
  /** What its key names behind the prefix. */
  id: string;
  /** When it was to fire. */
  fireAt: Date;
}

/** Those of the fired timers whose key is this prefix and an id. */
export function firedTimers(events: readonly Delivered<EventData<typeof timerFired>>[], prefix: string): FiredTimer[] {
  return events.flatMap(({ tenantId, data }) => {
    if (data.owner !== 'conversation' || !data.key.startsWith(prefix)) return [];
    const id = uuid().safeParse(data.key.slice(prefix.length));
    return id.success ? [{ tenantId, id: id.data, fireAt: new Date(data.fireAt) }] : [];
  });
}
