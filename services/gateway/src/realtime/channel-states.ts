import type { Channel, Edition } from '@recado/contracts';
import { createCache, isAllowed, type Log, serviceCaller, startTraceparent } from '@recado/service-kit';
import type { Clients } from '../clients.ts';
import { joinCalls } from './join-calls.ts';
import { NEEDS } from './needs.ts';
import type { Dialect, RealtimeEvent, RealtimeSession } from './types.ts';

export interface PresentStatesOptions {
  connector: Pick<Clients['connector'], 'listChannels'>;
  dialects: Record<Edition, Dialect>;
  log: Log;
}

/** A connecting client waits no longer for them. It then starts without, and `GET` shows them. */
const DEADLINE_MS = 2_000;
const PAGE = 500;
const MAX_PAGES = 10;
const MAX_TENANTS = 10_000;

/**
 * The states of a tenant's channels as they are now, as events for a session that begins. Clients
 * that come at once share a call.
 */
export function createPresentStates({ connector, dialects, log }: PresentStatesOptions) {
  const asking = createCache<string, () => Promise<Channel[]>>({ max: MAX_TENANTS });

  async function list(tenantId: string): Promise<Channel[]> {
    const caller = serviceCaller('gateway', tenantId);
    const call = { caller, traceparent: startTraceparent(), signal: AbortSignal.timeout(DEADLINE_MS) };
    const channels: Channel[] = [];
    for (let page = 0; page < MAX_PAGES; page++) {
      const after = channels.at(-1)?.id;
      const { items } = await connector.listChannels({ query: { limit: PAGE, after } }, call);
      channels.push(...items);
      if (items.length < PAGE) break;
    }
    return channels;
  }

  return async ({ tenantId, edition, caller }: RealtimeSession): Promise<RealtimeEvent[]> => {
    if (!dialects[edition].showsChannels || !isAllowed(caller, NEEDS.channel)) return [];
    const ask = asking.get(tenantId) ?? joinCalls(() => list(tenantId));
    asking.set(tenantId, ask);
    try {
      return (await ask()).flatMap((channel) => toEvents(tenantId, channel));
    } catch (err) {
      log.warn({ err, tenantId }, 'a client starts without the states of its channels');
      return [];
    }
  };
}

/** The state, and the code that links the phone while it waits for one. */
function toEvents(tenantId: string, channel: Channel): RealtimeEvent[] {
  const { id: channelId, name, provider, phone, status, lastError: reason, updatedAt: at, code } = channel;
  const common = {
    id: channelId,
    tenantId,
    time: at,
    stream: 'channels' as const,
    cursor: null,
    republished: false,
    known: false,
  };
  const shown = { channelId, name, provider, phone, at };
  return [
    { ...common, name: 'channel.status-changed', data: { ...shown, status, reason } },
    ...(code ? [{ ...common, name: 'channel.code-changed' as const, data: { ...shown, code } }] : []),
  ];
}
