import type { PlanName } from '@recado/contracts';
import type { Database } from '@recado/database';
import { createCache, createGroup, type Logger, type Sealer } from '@recado/service-kit';
import type { Providers } from '../providers/index.ts';
import type { Provider, ProviderNumber } from '../providers/provider.ts';
import { openCredentials } from './credentials.ts';
import { type GroupSettings, groupSettings } from './settings/group-settings.ts';
import { type ReceiptSetting, receiptSetting } from './settings/receipt-settings.ts';
import { type ChannelSecretsRow, selectSecrets } from './store.ts';

/** A channel as the hot paths use it, secrets opened. Never logged, never sent anywhere. */
export interface KnownChannel extends ProviderNumber {
  tenantId: string;
  id: string;
  provider: Provider;
  /** It holds its number. Without it there are no webhooks and no sends. */
  proven: boolean;
  plan: PlanName;
  /** Null leaves the provider's default. */
  ratePerMinute: number | null;
  /** Messages a day; null means no limit. */
  dailyMessageLimit: number | null;
  /** Customers whom its account may write to first in 24 hours; null: no known limit. */
  openingsPerDay: number | null;
  status: ChannelSecretsRow['status'];
  lastError: string | null;
  blockedUntil: number;
  /** E.164. */
  phone: string | null;
  groups: GroupSettings;
  receipts: ReceiptSetting;
  /** Unix ms of the row's last change. */
  changedAt: number;
  /** The provider's id of its account; null while that is not known. */
  accountId: string | null;
}

/** A number by its id at its provider. */
export interface NumberKey {
  provider: string;
  providerId: string;
}

/** `id:<channel id>`, or `number:<provider>:<id at the provider>` by numberKey(). */
export type ChannelKey = `id:${string}` | `number:${string}:${string}`;

export const numberKey = ({ provider, providerId }: NumberKey): ChannelKey => `number:${provider}:${providerId}`;

export interface Directory {
  /** Answers at once when it is remembered: undefined means "ask find()", null "there is none". */
  peek(key: ChannelKey): KnownChannel | null | undefined;
  /** One query for all parallel callers. */
  find(key: ChannelKey): Promise<KnownChannel | null>;
  /** The same for many keys: one query at most. */
  findAll(keys: readonly ChannelKey[]): Promise<(KnownChannel | null)[]>;
  /** Whether the key led to a channel before, even if it has to be asked for again. */
  isMet(key: ChannelKey): boolean;
  /** The channel as it was when it was last asked for: for while the database is away. */
  lastKnown(channelId: string): KnownChannel | null;
  /**
   * Forgets a channel after a change made here; other copies forget within 10 s. Its secret stays
   * known.
   */
  forget(channelId: string, number?: NumberKey): void;
  /** After a change of the secret itself: lastKnown() is null until the channel is asked for. */
  forgetSecret(channelId: string): void;
}

/** How long another copy's change may stay unseen here. */
const TTL_MS = 10_000;
/** Strangers are remembered more briefly: a channel made a moment ago must get its webhooks. */
const MISS_TTL_MS = 1000;

/** The widest: nothing says that the tenant has less. */
const UNKNOWN_PLAN: PlanName = 'enterprise';

const openingsPerDay = ({ openingsPerDay: read }: Provider, { facts }: ChannelSecretsRow): number | null =>
  facts?.messagingLimit ? (read?.(facts.messagingLimit) ?? null) : null;

export interface DirectoryOptions {
  workerDb: Database;
  sealer: Sealer;
  log: Logger;
  providers: Providers;
}

/** Remembers channels, so that neither a webhook nor a send waits for the database. */
export function createDirectory({ workerDb, sealer, providers, log }: DirectoryOptions): Directory {
  const known = createCache<ChannelKey, KnownChannel>({ max: 20_000, ttl: TTL_MS });
  const unknown = createCache<ChannelKey, true>({ max: 10_000, ttl: MISS_TTL_MS });
  const met = createCache<ChannelKey, true>({ max: 50_000 });
  const last = createCache<string, KnownChannel>({ max: 20_000 });
  /** Counts changes made here: an answer of the database from before one may not be remembered. */
  let era = 0;

  const lookups = createGroup<readonly ChannelKey[], (KnownChannel | null)[]>({
    maxBatch: 64,
    async run(requests) {
      const asked = era;
      const keys = requests.flat();
      const ids = keys.filter((key) => key.startsWith('id:')).map((key) => key.slice(3));
      const numbers = keys.filter((key) => key.startsWith('number:')).map(readNumberKey);
      const names = [...new Set(numbers.map(({ provider }) => provider))];
      const providerIds = [...new Set(numbers.map(({ providerId }) => providerId))];
      const rows = await selectSecrets(workerDb.sql, [...new Set(ids)], names, providerIds);
      const found = new Map<ChannelKey, KnownChannel>();
      for (const row of rows) {
        const channel = open(row);
        if (!channel) continue;
        found.set(`id:${channel.id}`, channel);
        // A claim leads nowhere: of many channels that name a number one holds it.
        if (channel.proven) found.set(keyOf(channel), channel);
      }
      if (asked === era) {
        for (const [key, channel] of found) {
          known.set(key, channel);
          met.set(key, true);
          last.set(channel.id, channel);
        }
        for (const id of ids) if (!found.has(`id:${id}`)) last.delete(id);
        for (const key of keys) if (!found.has(key)) unknown.set(key, true);
      }
      return requests.map((wanted) => wanted.map((key) => found.get(key) ?? null));
    },
  });

  function open(row: ChannelSecretsRow): KnownChannel | null {
    const provider = providers.get(row.provider);
    if (!provider || row.providerId === null) return null;
    try {
      return {
        tenantId: row.tenantId,
        id: row.id,
        provider,
        providerId: row.providerId,
        account: openCredentials(sealer, provider, row.id, row.credentials),
        proven: row.proven,
        plan: row.plan ?? UNKNOWN_PLAN,
        ratePerMinute: row.ratePerMinute,
        dailyMessageLimit: row.dailyMessageLimit,
        openingsPerDay: openingsPerDay(provider, row),
        status: row.status,
        lastError: row.lastError,
        blockedUntil: row.blockedUntil?.getTime() ?? 0,
        phone: row.phone,
        groups: groupSettings(row.settings),
        receipts: receiptSetting(row.settings),
        changedAt: row.updatedAt.getTime(),
        accountId: row.accountId,
      };
    } catch (err) {
      // One channel sealed under a lost key must not take the others of the same query down.
      log.error({ err, channelId: row.id, tenantId: row.tenantId }, "a channel's credentials can't be opened");
      return null;
    }
  }

  const peek = (key: ChannelKey) => known.get(key) ?? (unknown.has(key) ? null : undefined);
  return {
    peek,
    find: async (key) => {
      const remembered = peek(key);
      return remembered === undefined ? (await lookups.add([key]))[0]! : remembered;
    },
    async findAll(keys) {
      const remembered = new Map(keys.map((key) => [key, peek(key)]));
      const missing = [...remembered.keys()].filter((key) => remembered.get(key) === undefined);
      if (missing.length > 0) {
        const found = await lookups.add(missing);
        for (const [i, key] of missing.entries()) remembered.set(key, found[i]!);
      }
      return keys.map((key) => remembered.get(key) ?? null);
    },
    isMet: (key) => met.has(key),
    lastKnown: (channelId) => last.get(channelId) ?? null,
    forget(channelId, number) {
      era++;
      const channel = known.get(`id:${channelId}`);
      const keys: ChannelKey[] = [`id:${channelId}`];
      if (number) keys.push(numberKey(number));
      else if (channel) keys.push(keyOf(channel));
      for (const key of keys) {
        known.delete(key);
        unknown.delete(key);
      }
    },
    forgetSecret: (channelId) => last.delete(channelId),
  };
}

/** Forgets a channel whose number moved, was taken off it, or came back. */
export function forgetNumber(
  directory: Directory,
  { id, provider, providerId }: { id: string; provider: string; providerId: string | null },
): void {
  directory.forget(id, providerId === null ? undefined : { provider, providerId });
  directory.forgetSecret(id);
}

const keyOf = ({ provider, providerId }: KnownChannel) => numberKey({ provider: provider.name, providerId });

function readNumberKey(key: string): NumberKey {
  const [, provider, ...rest] = key.split(':');
  return { provider: provider!, providerId: rest.join(':') };
}
