import { type Database, errorCode, isConnectionError, type Pool, withWorker } from '@recado/database';
import { enqueue, type OutgoingEvent } from '@recado/messaging';
import { createGroup, type Group } from '@recado/service-kit';
import type { ChannelTotals } from '../channels/totals.ts';
import { carriesFile, orderFetches } from '../files/fetching/order-fetches.ts';
import { type KnownGroups, orderLookUps, type SpokenIn } from '../groups/order-look-ups.ts';
import type { ConnectorMetrics } from '../metrics.ts';

/**
 * The events of the webhooks of one request, each webhook's together; settles when they are
 * committed, with null or why not for each.
 */
export type StoreGroup = Omit<Group<OutgoingEvent[][], unknown[]>, 'push'>;

/** What the count of items needs of an event's data. */
interface Data {
  channelId: string;
  accountId?: string;
  type?: string;
  status?: string;
}
interface StoreDeps {
  workerDb: Database;
  metrics: ConnectorMetrics;
  totals: ChannelTotals;
  knownGroups: KnownGroups;
}

/**
 * One insert and one log flush for all waiting webhooks, at most two in flight. If a group fails,
 * each webhook is tried alone, so one bad webhook does not fail the others.
 */
export function createStoreGroup(deps: StoreDeps): StoreGroup {
  return createGroup<OutgoingEvent[][], unknown[]>({
    maxInFlight: 2,
    // A request brings up to 256 webhooks; a gateway has one or two under way.
    maxBatch: 4,
    maxWaiting: 1000,
    async run(requests) {
      try {
        await insert(deps, requests.flat(2));
        return requests.map((webhooks) => webhooks.map(() => null));
      } catch (error) {
        if (isConnectionError(error)) throw error;
        const results: unknown[][] = [];
        for (const webhooks of requests) results.push(await insertAlone(deps, webhooks));
        return results;
      }
    },
  });
}

/** Two batches with the same repeats in another order may deadlock (40P01); alone none does. */
async function insertAlone(deps: StoreDeps, webhooks: readonly OutgoingEvent[][]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const events of webhooks) {
    results.push(
      await insert(deps, events).then(
        () => null,
        (alone: unknown) => alone,
      ),
    );
  }
  return results;
}

async function insert(deps: StoreDeps, events: OutgoingEvent[]): Promise<void> {
  const orders = { carriers: events.filter(carriesFile), groups: deps.knownGroups.due(events) };
  const stored =
    orders.carriers.length === 0 && orders.groups.length === 0
      ? await enqueueAlone(deps.workerDb.sql, events)
      : await enqueueWithOrders(deps.workerDb, events, orders);
  deps.knownGroups.remember(orders.groups);
  const { metrics } = deps;
  const fresh = stored.length === events.length ? null : new Set(stored);
  const received = new Map<string, number>();
  const kinds = new Map<string, number>();
  for (const event of events) {
    if (fresh && !fresh.has(event.envelope.id)) continue;
    const data = event.envelope.data as Data;
    const inbound = 'type' in data && 'from' in data;
    const kind = kindOf(data);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (inbound) received.set(data.channelId, (received.get(data.channelId) ?? 0) + 1);
  }
  for (const [channelId, count] of received) deps.totals.received(channelId, count);
  for (const [key, count] of kinds) {
    const [kind, name] = key.split(' ') as [string, string];
    metrics.items.inc({ kind, name }, count);
  }
  if (fresh) metrics.repeats.inc(events.length - stored.length);
}

/** Its kind and name, for the count of items. */
function kindOf(data: Data): string {
  if (data.accountId !== undefined) return `template ${data.status ?? 'other'}`;
  if ('groupId' in data) return 'report group';
  if (data.type) return 'from' in data ? `message ${data.type}` : `synced ${data.type}`;
  return data.status ? `status ${data.status}` : 'report other';
}

interface Orders {
  carriers: readonly OutgoingEvent[];
  groups: readonly SpokenIn[];
}

/** Files and groups are asked for in the transaction that stores their messages. */
function enqueueWithOrders(db: Database, events: OutgoingEvent[], { carriers, groups }: Orders): Promise<string[]> {
  return withWorker(db, async (tx) => {
    const stored = await enqueue(tx, events);
    const fresh = new Set(stored);
    await orderFetches(
      tx,
      carriers.filter(({ envelope }) => fresh.has(envelope.id)).map(({ envelope }) => envelope),
    );
    if (groups.length > 0) await orderLookUps(tx, groups);
    return stored;
  });
}

/**
 * enqueue() is one statement, and so its own transaction: no begin, no commit, a third of the round
 * trips.
 */
async function enqueueAlone(sql: Pool, events: OutgoingEvent[]): Promise<string[]> {
  try {
    return await enqueue(sql, events);
  } catch (error) {
    if (errorCode(error) !== '40P01') throw error;
    return enqueue(sql, events);
  }
}
