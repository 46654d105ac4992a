import type { CampaignName, Channel, Tenant, User } from '@recado/contracts';
import { createCache, NotFound } from '@recado/service-kit';
import type { Clients } from '../clients.ts';
import type { CallContext } from '../edge/call-context.ts';
import { asGateway } from './as-gateway.ts';

/**
 * What a page shows besides its own rows. Everything is the caller's tenant's; unknown ids are
 * absent.
 */
export interface Directory {
  users(call: CallContext, ids: Iterable<string | null>): Promise<Map<string, User>>;
  channels(call: CallContext, ids: Iterable<string | null>): Promise<Map<string, Channel>>;
  /** Removed ones too. */
  campaigns(call: CallContext, ids: Iterable<string | null>): Promise<Map<string, CampaignName>>;
  /** @throws NotFound */
  channel(call: CallContext, id: string): Promise<Channel>;
  /** The caller's own tenant. */
  tenant(call: CallContext): Promise<Tenant>;
}

/** Names may be this old on a page; nothing is decided by them. */
const KEEP_MS = 5000;
const MAX_ENTRIES = 20_000;
/** The services take so many ids in one call. */
const IDS_PER_CALL = 100;

/**
 * Hydration: what is missing is fetched in one batched call, the rest comes from a short memory per
 * tenant.
 */
export function createDirectory(clients: Pick<Clients, 'identity' | 'connector' | 'conversation'>): Directory {
  const { identity, connector, conversation } = clients;
  const tenants = createCache<string, Tenant>({ max: MAX_ENTRIES, ttl: KEEP_MS });
  const users = createBatch<User>(async (call, ids) => {
    const { items } = await identity.listUsers({ query: { ids, limit: IDS_PER_CALL } }, asGateway(call));
    return items;
  });
  const channels = createBatch<Channel>(async (call, ids) => {
    const { items } = await connector.listChannels({ query: { ids, limit: IDS_PER_CALL } }, asGateway(call));
    return items;
  });

  const campaigns = createBatch<CampaignName>(async (call, ids) => {
    const { items } = await conversation.listCampaignNames({ query: { ids } }, asGateway(call));
    return items;
  });

  return {
    users,
    channels,
    campaigns,
    async channel(call, id) {
      const found = (await channels(call, [id])).get(id);
      if (!found) throw new NotFound('channel', id);
      return found;
    },
    async tenant(call) {
      const { tenantId } = call.caller;
      const known = tenants.get(tenantId);
      if (known) return known;
      const tenant = await identity.getTenant({}, asGateway(call));
      tenants.set(tenantId, tenant);
      return tenant;
    },
  };
}

type Fetch<T> = (call: CallContext, ids: string[]) => Promise<T[]>;

function createBatch<T extends { id: string }>(fetchMany: Fetch<T>) {
  // Keys start with the tenant: one tenant's memory never answers another.
  const known = createCache<string, T>({ max: MAX_ENTRIES, ttl: KEEP_MS });
  return async (call: CallContext, ids: Iterable<string | null>): Promise<Map<string, T>> => {
    const { tenantId } = call.caller;
    const found = new Map<string, T>();
    const missing: string[] = [];
    for (const id of new Set(ids)) {
      if (id === null) continue;
      const hit = known.get(`${tenantId}:${id}`);
      if (hit) found.set(id, hit);
      else missing.push(id);
    }
    const calls: Promise<T[]>[] = [];
    for (let i = 0; i < missing.length; i += IDS_PER_CALL) {
      calls.push(fetchMany(call, missing.slice(i, i + IDS_PER_CALL)));
    }
    for (const item of (await Promise.all(calls)).flat()) {
      found.set(item.id, item);
      known.set(`${tenantId}:${item.id}`, item);
    }
    return found;
  };
}
