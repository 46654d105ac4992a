import {
  type Capabilities,
  type ClientInput,
  connectorApi,
  type RouteInput,
  type RouteOutput,
  type StoredFile,
  type Template,
} from '@recado/contracts';
import {
  AppError,
  type CallContext,
  createCache,
  createClient,
  type InternalTokens,
  serviceCaller,
} from '@recado/service-kit';
import { LRUCache } from 'lru-cache';

/** What this service needs to know of a channel; it never changes while the channel exists. */
export interface ChannelInfo {
  id: string;
  provider: string;
}

/** What each provider can send, and when. */
export type Providers = ReadonlyMap<string, Capabilities>;

export interface Channels {
  /**
   * @throws NotFound('channel') for an unknown or foreign id; Unavailable when the connector is
   * away
   */
  get(tenantId: string, channelId: string, context: CallContext): Promise<ChannelInfo>;
  /**
   * Has the connector show that an agent is typing; false when the provider cannot.
   * @throws NotFound('channel'); Unavailable when the connector is away
   */
  showTyping(
    tenantId: string,
    channelId: string,
    typing: RouteInput<typeof connectorApi.showTyping>['body'],
    context: CallContext,
  ): Promise<boolean>;
  /** Empty until the connector answered: then the provider decides. */
  providers(tenantId: string, context: CallContext): Promise<Providers>;
  /** Templates that a channel can send now; null when the connector does not answer. */
  usableTemplates(tenantId: string, channelId: string, context: CallContext): Promise<UsableTemplates | null>;
  /**
   * Whether a template fits a channel, with all its parts.
   * @throws ValidationFailed; NotFound('channel'); Unavailable when the connector is away
   */
  checkTemplate(
    tenantId: string,
    channelId: string,
    message: ClientInput<typeof connectorApi.checkTemplateMessage>['body'],
    context: CallContext,
  ): Promise<RouteOutput<typeof connectorApi.checkTemplateMessage>>;
  /**
   * A stored file; null: the tenant has none of that id.
   * @throws Unavailable when the connector is away
   */
  findFile(tenantId: string, fileId: string, context: CallContext): Promise<StoredFile | null>;
  close(): Promise<void>;
}
export type UsableTemplates = readonly Pick<Template, 'name' | 'language'>[];

// A deleted channel is believed in for this long; its messages then fail visibly in the connector.
const TTL_MS = 30_000;
/** Milliseconds after which providers are asked for again, behind a send. */
const PROVIDERS_TTL_MS = 60_000;
const TEMPLATES_TTL_MS = 10_000;
/** As many as a person reads. */
const TEMPLATES = 10;

/** Asks channel-connector, and remembers. Unknown channels are asked for each time. */
export function createChannels(options: { baseUrl: string; tokens: InternalTokens }): Channels {
  const { checkTemplateMessage, getChannel, getFile, listProviders, listUsableTemplates, showTyping } = connectorApi;
  const routes = { checkTemplateMessage, getChannel, getFile, listProviders, listUsableTemplates, showTyping };
  const client = createClient(routes, { ...options, name: 'channel-connector', connections: 4 });
  const usable = createCache<string, UsableTemplates>({ max: 10_000, ttl: TEMPLATES_TTL_MS });
  const known = createCache<string, ChannelInfo>({ max: 10_000, ttl: TTL_MS });
  const providers = new LRUCache<'all', Providers, CallContext>({
    max: 1,
    ttl: PROVIDERS_TTL_MS,
    allowStale: true,
    allowStaleOnFetchRejection: true,
    noDeleteOnFetchRejection: true,
    async fetchMethod(_key, _stale, { context }) {
      const { items } = await client.listProviders({}, context);
      return new Map(items.map(({ name, capabilities }) => [name, capabilities]));
    },
  });
  return {
    async providers(tenantId, { traceparent, requestId }) {
      const context = { caller: serviceCaller('conversation', tenantId), traceparent, requestId };
      return (await providers.fetch('all', { context }).catch(() => undefined)) ?? new Map();
    },
    async showTyping(tenantId, channelId, body, { traceparent, requestId }) {
      const caller = serviceCaller('conversation', tenantId);
      const { shown } = await client.showTyping({ params: { channelId }, body }, { caller, traceparent, requestId });
      return shown;
    },
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
    async usableTemplates(tenantId, channelId, { traceparent, requestId }) {
      const key = `${tenantId} ${channelId}`;
      const cached = usable.get(key);
      if (cached) return cached;
      const context = { caller: serviceCaller('conversation', tenantId), traceparent, requestId };
      const input = { params: { channelId }, query: { limit: TEMPLATES } };
      const answer = await client.listUsableTemplates(input, context).catch(() => null);
      if (answer) usable.set(key, answer.items);
      return answer?.items ?? null;
    },
    async checkTemplate(tenantId, channelId, body, { traceparent, requestId }) {
      const caller = serviceCaller('conversation', tenantId);
      return client.checkTemplateMessage({ params: { channelId }, body }, { caller, traceparent, requestId });
    },
    async findFile(tenantId, fileId, { traceparent, requestId }) {
      const caller = serviceCaller('conversation', tenantId);
      try {
        return await client.getFile({ params: { fileId } }, { caller, traceparent, requestId });
      } catch (error) {
        if (error instanceof AppError && error.code === 'not_found') return null;
        throw error;
      }
    },
    close: () => client.close(),
  };
}
