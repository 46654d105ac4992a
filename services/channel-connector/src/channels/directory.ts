import type { KeyObject } from 'node:crypto';
import type { PlanName } from '@recado/contracts';
import type { Database } from '@recado/database';
import { createGroup, type Logger, type Sealer } from '@recado/service-kit';
import { LRUCache } from 'lru-cache';
import { signingKey } from '../providers/meta/signature.ts';
import { openCredentials } from './credentials.ts';
import { type ChannelSecretsRow, selectSecrets } from './store.ts';

/** A channel as the hot paths use it, secrets opened. Never logged, never sent anywhere. */
export interface KnownChannel {
  tenantId: string;
  id: string;
  phoneNumberId: string;
  /** It holds its number. Without it there are no webhooks and no sends. */
  proven: boolean;
  accessToken: string;
  verifyToken: string;
  plan: PlanName;
  /** What its webhooks are signed with; null refuses them. */
  signingKey: KeyObject | null;
  /** Null leaves the provider's default. */
  ratePerMinute: number | null;
  /** Messages a day; null is no limit of ours. */
  dailyMessageLimit: number | null;
  status: ChannelSecretsRow['status'];
  lastError: string | null;
  blockedUntil: number;
}

/** `id:<channel id>` or `pn:<phone_number_id>`. */
export type ChannelKey = `id:${string}` | `pn:${string}`;

export interface Directory {
  /** Answers at once when it is remembered: undefined means "ask find()", null "there is none". */
  peek(key: ChannelKey): KnownChannel | null | undefined;
  /** One query for everybody who asks at the same time. */
  find(key: ChannelKey): Promise<KnownChannel | null>;
  /** The same for many keys: one query at most, whatever their number. */
  findAll(keys: readonly ChannelKey[]): Promise<(KnownChannel | null)[]>;
  /** Whether the key led to a channel before, even if it has to be asked for again. */
  isMet(key: ChannelKey): boolean;
  /** Forgets a channel after a change made here; other copies forget within 10 s. */
  forget(channelId: string, phoneNumberId?: string | null): void;
}

/** How long another copy's change may stay unseen here. */
const TTL_MS = 10_000;
/** Strangers are remembered more briefly: a channel made a moment ago must get its webhooks. */
const MISS_TTL_MS = 1000;

/** The widest: nothing says that the tenant has less. */
const UNKNOWN_PLAN: PlanName = 'enterprise';

export interface DirectoryOptions {
  workerDb: Database;
  sealer: Sealer;
  log: Logger;
  /** RECADO_META_APP_SECRET: signs for channels without a secret of their own. */
  appSecret?: string | undefined;
}

/** Remembers channels by id and by phone_number_id, so that neither a webhook nor a send waits for the database. */
export function createDirectory({ workerDb, sealer, log, appSecret }: DirectoryOptions): Directory {
  const known = new LRUCache<ChannelKey, KnownChannel>({ max: 20_000, ttl: TTL_MS });
  const unknown = new LRUCache<ChannelKey, true>({ max: 10_000, ttl: MISS_TTL_MS });
  const met = new LRUCache<ChannelKey, true>({ max: 50_000 });
  const fallback = appSecret ? signingKey(appSecret) : null;
  /** Counts changes made here: an answer of the database from before one may not be remembered. */
  let era = 0;

  const lookups = createGroup<readonly ChannelKey[], (KnownChannel | null)[]>({
    maxBatch: 64,
    async run(requests) {
      const asked = era;
      const keys = requests.flat();
      const ids = keys.filter((key) => key.startsWith('id:')).map((key) => key.slice(3));
      const numbers = keys.filter((key) => key.startsWith('pn:')).map((key) => key.slice(3));
      const rows = await selectSecrets(workerDb.sql, [...new Set(ids)], [...new Set(numbers)]);
      const found = new Map<ChannelKey, KnownChannel>();
      for (const row of rows) {
        const channel = open(row);
        if (!channel) continue;
        found.set(`id:${channel.id}`, channel);
        // A claim leads nowhere: of many channels that name a number one holds it.
        if (channel.proven) found.set(`pn:${channel.phoneNumberId}`, channel);
      }
      if (asked === era) {
        for (const [key, channel] of found) {
          known.set(key, channel);
          met.set(key, true);
        }
        for (const key of keys) if (!found.has(key)) unknown.set(key, true);
      }
      return requests.map((wanted) => wanted.map((key) => found.get(key) ?? null));
    },
  });

  function open(row: ChannelSecretsRow): KnownChannel | null {
    if (row.provider !== 'meta' || row.providerId === null) return null;
    try {
      const secrets = openCredentials(sealer, row.id, row.credentials);
      return {
        tenantId: row.tenantId,
        id: row.id,
        phoneNumberId: row.providerId,
        proven: row.proven,
        accessToken: secrets.accessToken,
        verifyToken: secrets.verifyToken,
        plan: row.plan ?? UNKNOWN_PLAN,
        signingKey: secrets.appSecret ? signingKey(secrets.appSecret) : fallback,
        ratePerMinute: row.ratePerMinute,
        dailyMessageLimit: row.dailyMessageLimit,
        status: row.status,
        lastError: row.lastError,
        blockedUntil: row.blockedUntil?.getTime() ?? 0,
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
    forget(channelId, phoneNumberId) {
      era++;
      const channel = known.get(`id:${channelId}`);
      const number = phoneNumberId ?? channel?.phoneNumberId;
      for (const key of [`id:${channelId}`, ...(number ? [`pn:${number}`] : [])] as ChannelKey[]) {
        known.delete(key);
        unknown.delete(key);
      }
    },
  };
}
