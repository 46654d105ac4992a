import type { Database } from '@recado/database';
import { withWorker } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Logger, Sealer } from '@recado/service-kit';
import type { Providers } from '../providers/index.ts';
import type { Finding } from '../providers/provider.ts';
import { openCredentials } from './credentials.ts';
import type { Directory } from './directory.ts';
import { type Claim, selectClaim, settleClaim } from './prove.ts';
import { type ChannelRow, noteUnreachable, type StatusChange, takeAiling, takeWorking, updateStatus } from './store.ts';
import { statusEvent } from './views.ts';

export interface ChannelCheck {
  /** Asks the provider and stores what it says; the row when that changed anything. */
  check(channelId: string): Promise<ChannelRow | null>;
  /** Stores a status learned elsewhere (a send), with its event. */
  report(tenantId: string, channelId: string, change: StatusChange): Promise<ChannelRow | null>;
  /**
   * Looks again at channels that are not well, as a killed process may have left one unasked, and
   * now and then at those that are.
   */
  checkDue(): Promise<void>;
}

export interface CheckDeps {
  workerDb: Database;
  sealer: Sealer;
  directory: Directory;
  providers: Providers;
  log: Logger;
  now: () => Date;
}

const AILING_AFTER_SECONDS = 60;
const AILING_AT_ONCE = 20;
/** A list shows a health that is at most so old. */
const WORKING_AFTER_SECONDS = 600;
const WORKING_AT_ONCE = 5;

/** Keeps channels' status true to the provider, and numbers with the tenants that proved them. */
export function createChannelCheck({ workerDb, sealer, directory, providers, log, now }: CheckDeps): ChannelCheck {
  async function report(tenantId: string, channelId: string, change: StatusChange): Promise<ChannelRow | null> {
    const row = await withWorker(workerDb, async (tx) => {
      const changed = await updateStatus(tx, tenantId, channelId, change);
      if (changed) await enqueue(tx, statusEvent(changed, now()));
      return changed;
    });
    directory.forget(channelId);
    if (row) {
      log.info({ tenantId, channelId, status: row.status, reason: row.lastError }, 'channel status changed');
    }
    return row;
  }

  async function check(channelId: string): Promise<ChannelRow | null> {
    // Past the directory's memory: what is proved is what stands in the row.
    const [claim] = await selectClaim(workerDb.sql, channelId);
    if (!claim) return null;
    const askedAt = performance.now();
    const finding = await ask(claim);
    if (!finding) return null;
    const unreachable = finding.status === 'error' && finding.unreachable === true;
    if (unreachable && (await noteUnreachable(workerDb.sql, claim, finding.reason))) return null;
    const responseMs = unreachable ? null : Math.round(performance.now() - askedAt);
    const settled = await settleClaim(workerDb, claim, { refusal: finding.reason, responseMs }, now());
    for (const { id } of settled.touched) directory.forget(id, claim);
    if (settled.changed) {
      const { tenantId, status, lastError } = settled.changed;
      log.info({ tenantId, channelId, status, reason: lastError }, 'channel status changed');
    }
    return settled.changed;
  }

  /** Whether the claim's credentials prove its number; null without a driver for its provider. */
  async function ask(claim: Claim): Promise<Finding | null> {
    const provider = providers.get(claim.provider);
    if (!provider) return null;
    let account: unknown;
    try {
      account = openCredentials(sealer, provider, claim.id, claim.credentials);
    } catch (err) {
      log.error({ err, channelId: claim.id, tenantId: claim.tenantId }, "a channel's credentials can't be opened");
      return { status: 'error', reason: 'The stored credentials cannot be read. Connect the number again.' };
    }
    return provider.check({ providerId: claim.providerId, account });
  }

  return {
    check,
    report,
    async checkDue() {
      const ailing = await takeAiling(workerDb.sql, [...providers.keys()], AILING_AFTER_SECONDS, AILING_AT_ONCE);
      const working = await takeWorking(workerDb.sql, [...providers.keys()], WORKING_AFTER_SECONDS, WORKING_AT_ONCE);
      await Promise.all([...ailing, ...working].map(({ id }) => check(id)));
    },
  };
}
