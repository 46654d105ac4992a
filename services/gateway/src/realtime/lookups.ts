import { type CallContext, type Log, serviceCaller, startTraceparent } from '@recado/service-kit';
import type { Clients } from '../clients.ts';
import type { CallContext as EdgeCall } from '../edge/edition.ts';
import type { Directory } from '../hydration/directory.ts';
import type { Lookups } from './types.ts';

/** An event waits no longer for a name. */
const DEADLINE_MS = 1_000;
/**
 * A tenant of which a look-up failed is not asked about for so long: its events are shown without.
 */
const REST_MS = 5_000;
const IDS_PER_CALL = 100;

type Found<T> = ReadonlyMap<string, T>;
type Fetch<T> = (call: EdgeCall & CallContext, ids: string[]) => Promise<Found<T>>;

export interface LookupOptions {
  directory: Directory;
  conversation: Pick<Clients['conversation'], 'listConversationsByIds'>;
  log: Log;
  deadlineMs?: number;
}

/**
 * Names and chats beside events, on the gateway's own account. Ids that are asked for together
 * share one call.
 */
export function createLookups({ directory, conversation, log, deadlineMs = DEADLINE_MS }: LookupOptions): Lookups {
  const lookUp = <T>(what: string, fetch: Fetch<T>) => createLookup(what, fetch, log, deadlineMs);
  return {
    users: lookUp('users', (call, ids) => directory.users(call, ids)),
    channels: lookUp('channels', (call, ids) => directory.channels(call, ids)),
    campaigns: lookUp('campaigns', (call, ids) => directory.campaigns(call, ids)),
    conversations: lookUp('conversations', async (call, ids) => {
      const { items } = await conversation.listConversationsByIds({ query: { ids } }, call);
      return new Map(items.map((item) => [item.id, item]));
    }),
  };
}

function createLookup<T>(what: string, fetch: Fetch<T>, log: Log, deadlineMs: number) {
  /** Ids that the next call of a tenant will ask for. */
  const gathering = new Map<string, { ids: Set<string>; found: Promise<Found<T>> }>();
  const resting = new Map<string, number>();
  const nothing: Found<T> = new Map();

  async function ask(tenantId: string, ids: Set<string>): Promise<Found<T>> {
    await null; // those of the same turn join
    if (gathering.get(tenantId)?.ids === ids) gathering.delete(tenantId);
    try {
      const signal = AbortSignal.timeout(deadlineMs);
      const caller = serviceCaller('gateway', tenantId);
      const call = { caller, requestId: 'realtime', traceparent: startTraceparent(), signal };
      return await inTime(fetch(call, [...ids]), signal);
    } catch (err) {
      rest(tenantId);
      log.warn({ err, tenantId, what }, 'a look-up failed; events are shown without it');
      return nothing;
    }
  }

  function rest(tenantId: string): void {
    const now = performance.now();
    for (const [tenant, until] of resting) if (until <= now) resting.delete(tenant);
    resting.set(tenantId, now + REST_MS);
  }

  return async (tenantId: string, ids: Iterable<string | null>): Promise<Found<T>> => {
    const wanted = [...ids].filter((id) => id !== null);
    if (wanted.length === 0 || (resting.get(tenantId) ?? 0) > performance.now()) return nothing;
    let next = gathering.get(tenantId);
    if (!next || next.ids.size >= IDS_PER_CALL) {
      const gathered = new Set<string>();
      next = { ids: gathered, found: ask(tenantId, gathered) };
      gathering.set(tenantId, next);
    }
    for (const id of wanted) next.ids.add(id);
    return next.found;
  };
}

/** The result, or the signal's error if that comes first, even if the call ignores its signal. */
function inTime<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    result.then(resolve, reject);
  });
}
