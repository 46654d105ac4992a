import type { Delivered, Tx } from '../../types.ts';
import type { Context } from '../context.ts';
import type { Entry } from '../delivery.ts';
import { claimInbox, claimInParts, findInParts } from '../store.ts';

/** Takes entries for this consumer. Returns their events that are not handled yet. */
export async function claimEntries(context: Context, tx: Tx, entries: readonly Entry[]): Promise<Delivered[]> {
  if (!context.inbox) return unique(entries.flatMap((entry) => entry.events));
  const ids = new Set(entries.flatMap((entry) => entry.claim ?? entry.events.map((one) => one.id)));
  const claimed = await claimInbox(tx, context.name, [...ids]);
  const isFresh = ({ claim, events }: Entry) =>
    claim === null ? events.filter((one) => claimed.has(one.id)) : claimed.has(claim) ? events : [];
  const fresh = entries.flatMap(isFresh);
  if (claimed.size === ids.size) return unique(fresh);
  const begun = entries.filter(({ claim }) => claim !== null && !claimed.has(claim));
  return unique([...fresh, ...(await claimRest(context, tx, begun))]);
}

/** An event batch that was begun event by event comes again: some of its events may be due. */
async function claimRest({ name }: Context, tx: Tx, begun: readonly Entry[]): Promise<Delivered[]> {
  const inParts = await findInParts(
    tx,
    name,
    begun.map(({ claim }) => claim!),
  );
  const parts = begun.flatMap(({ claim, events }) => (inParts.has(claim!) ? events : []));
  return claimEach(name, tx, parts);
}

/**
 * Takes some events of an entry, each by its own id. From then on the entry is handled event by
 * event.
 */
export async function claimPart(
  { inbox, name }: Context,
  tx: Tx,
  { claim }: Entry,
  events: Delivered[],
): Promise<Delivered[]> {
  if (!inbox) return unique(events);
  if (claim !== null && claim !== events[0]!.id) await claimInParts(tx, name, claim);
  return unique(await claimEach(name, tx, events));
}

async function claimEach(name: string, tx: Tx, events: readonly Delivered[]): Promise<Delivered[]> {
  const claimed = await claimInbox(
    tx,
    name,
    events.map((one) => one.id),
  );
  return events.filter((one) => claimed.has(one.id));
}

/** Each event once, however often it was delivered. */
function unique(events: Delivered[]): Delivered[] {
  const byId = new Map<string, Delivered>();
  for (const one of events) if (!byId.has(one.id)) byId.set(one.id, one);
  return byId.size === events.length ? events : [...byId.values()];
}
