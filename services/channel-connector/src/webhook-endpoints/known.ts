import { setTimeout as pause } from 'node:timers/promises';
import { CHANNEL_WEBHOOK_EVENTS } from '@recado/contracts';
import { type Database, withWorker } from '@recado/database';
import { startLoop } from '@recado/loops';
import type { Bus } from '@recado/messaging';
import type { Log, Sealer } from '@recado/service-kit';
import { followChannelUrl } from './of-channel.ts';
import { selectUnserved } from './store.ts';

/** The tenants that have an endpoint: events of others are acknowledged unread. */
export interface KnownEndpoints {
  /** Null while they are not read yet. */
  has(tenantId: string): boolean | null;
  /**
   * After a commit. Settles once the other copies have been told: they hear of it before they hear
   * of what happens then.
   */
  add(tenantId: string): Promise<void>;
  stop(): Promise<void>;
}

/** Core NATS, outside the streams' subjects: a word for those who listen now. */
const SUBJECT = 'recado.cache.channel-connector.endpoints';
const TELL_MS = 500;
/** What other copies switch on is known after this, also when their word was lost. */
const LOOK_MS = 1000;
/** Tenants that lost their last endpoint are forgotten after this; until then they cost a query. */
const RELOAD_MS = 60_000;
/** A look sees also what committed late. */
const OVERLAP = '30 seconds';
const ADOPTED_AT_ONCE = 200;

interface Parts {
  workerDb: Database;
  bus: Bus;
  log: Log;
  sealer: Sealer;
}

/** Keeps the set in memory, so that a tenant without endpoints costs no query for an event. */
export function startKnownEndpoints({ workerDb, bus: { nc }, log, sealer }: Parts): KnownEndpoints {
  const { sql } = workerDb;
  let known: Set<string> | null = null;
  /** Added here while all are being read. */
  let added = new Set<string>();
  let reloadAt = 0;

  const loop = startLoop({
    log,
    failure: 'webhook endpoints could not be read; trying again',
    failurePauseMs: LOOK_MS,
    round: async () => {
      if (performance.now() >= reloadAt) await reload();
      else await look();
      return LOOK_MS;
    },
  });

  async function reload(): Promise<void> {
    await adopt();
    added = new Set();
    const rows = await sql<{ tenantId: string }[]>`
      select distinct tenant_id as "tenantId" from webhook_endpoints where enabled`;
    known = new Set([...rows.map(({ tenantId }) => tenantId), ...added]);
    reloadAt = performance.now() + RELOAD_MS;
  }

  async function look(): Promise<void> {
    const rows = await sql<{ tenantId: string }[]>`
      select distinct tenant_id as "tenantId" from webhook_endpoints
      where enabled and enabled_at > now() - ${OVERLAP}::interval`;
    for (const { tenantId } of rows) known?.add(tenantId);
  }

  /** Addresses of channels from before endpoints were: they get theirs. */
  async function adopt(): Promise<void> {
    for (;;) {
      const unserved = await selectUnserved(sql, ADOPTED_AT_ONCE);
      if (unserved.length === 0) return;
      await withWorker(workerDb, async (tx) => {
        for (const channel of unserved) {
          await followChannelUrl(tx, { sealer, knownEndpoints }, channel, CHANNEL_WEBHOOK_EVENTS);
        }
      });
    }
  }

  function remember(tenantId: string): void {
    added.add(tenantId);
    known?.add(tenantId);
  }
  const words = nc.subscribe(SUBJECT, { callback: (_error, message) => remember(message.string()) });

  const knownEndpoints: KnownEndpoints = {
    has: (tenantId) => known?.has(tenantId) ?? null,
    async add(tenantId) {
      remember(tenantId);
      if (nc.isClosed()) return;
      nc.publish(SUBJECT, tenantId);
      // While NATS is away, the next look of the others finds it.
      await Promise.race([nc.flush().catch(() => {}), pause(TELL_MS, undefined, { ref: false })]);
    },
    async stop() {
      if (!nc.isClosed()) words.unsubscribe();
      await loop.stop();
    },
  };
  return knownEndpoints;
}
