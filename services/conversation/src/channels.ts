import { connectorApi } from '@recado/contracts';
import { type CallContext, createClient, type InternalTokens, serviceCaller } from '@recado/service-kit';
import { LRUCache } from 'lru-cache';

/** What this service needs to know of a channel; it never changes while the channel exists. */
export interface ChannelInfo {
  id: string;
  provider: string;
}

export interface Channels {
  /** @throws NotFound('channel') for an unknown or foreign id; Unavailable when the connector can't be asked */
  get(tenantId: string, channelId: string, context: CallContext): Promise<ChannelInfo>;
  close(): Promise<void>;
}

// A deleted channel is believed in for this long; its messages then fail visibly in the connector.
const TTL_MS = 30_000;

/** Asks channel-connector, and remembers for half a minute. Unknown channels are asked for each time. */
export function createChannels(options: { baseUrl: string; tokens: InternalTokens }): Channels {
  const { getChannel } = connectorApi;
  const client = createClient({ getChannel }, { ...options, name: 'channel-connector', connections: 4 });
  const known = new LRUCache<string, ChannelInfo>({ max: 10_000, ttl: TTL_MS });
  return {
    async get(tenantId, channelId, { traceparent, requestId }) {
      const key = `${tenantId} ${channelId}`;
      const cached = known.get(key);
      if (cached) return cached;
      const caller = serviceCaller('conversation', tenantId);
      const { id, provider } = await client.getChannel({ params: { channelId } }, { caller, traceparent, requestId });
      const info = { id, provider };
      known.set(key, info);
      return info;
    },
    close: () => client.close(),
  };
}
