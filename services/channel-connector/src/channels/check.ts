import type { Database } from '@recado/database';
import { withWorker } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Logger, Sealer } from '@recado/service-kit';
import { readableError } from '../providers/meta/errors.ts';
import type { GraphClient, GraphOutcome } from '../providers/meta/graph-client.ts';
import { openCredentials } from './credentials.ts';
import type { Directory } from './directory.ts';
import { type Claim, selectClaim, settleClaim } from './prove.ts';
import { type ChannelRow, type StatusChange, takeAiling, updateStatus } from './store.ts';
import { statusEvent } from './views.ts';

export interface ChannelCheck {
  /** Asks the provider and stores what it says; the row when that changed anything. */
  check(channelId: string): Promise<ChannelRow | null>;
  /** Stores a status learned elsewhere (a send), with its event. */
  report(tenantId: string, channelId: string, change: StatusChange): Promise<ChannelRow | null>;
  /** Looks again at channels that are not well: a killed process may have left one unasked. */
  checkAiling(): Promise<void>;
}

export interface CheckDeps {
  workerDb: Database;
  sealer: Sealer;
  directory: Directory;
  graph: GraphClient;
  log: Logger;
  now: () => Date;
}

const AILING_AFTER_SECONDS = 60;
const AILING_AT_ONCE = 20;

/** Keeps the channels' status true to what the provider says, and numbers with the tenants that proved them. */
export function createChannelCheck({ workerDb, sealer, directory, graph, log, now }: CheckDeps): ChannelCheck {
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
    const settled = await settleClaim(workerDb, claim, await refusalOf(claim), now());
    for (const { id } of settled.touched) directory.forget(id, claim.phoneNumberId);
    if (settled.changed) {
      const { tenantId, status, lastError } = settled.changed;
      log.info({ tenantId, channelId, status, reason: lastError }, 'channel status changed');
    }
    return settled.changed;
  }

  /** Why the claim's token does not prove its number; null when it does. */
  async function refusalOf(claim: Claim): Promise<string | null> {
    let accessToken: string;
    try {
      ({ accessToken } = openCredentials(sealer, claim.id, claim.credentials));
    } catch (err) {
      log.error({ err, channelId: claim.id, tenantId: claim.tenantId }, "a channel's credentials can't be opened");
      return 'The stored credentials cannot be read. Connect the number again.';
    }
    return whyNot(await graph.checkNumber(claim.phoneNumberId, accessToken));
  }

  return {
    check,
    report,
    async checkAiling() {
      const ailing = await takeAiling(workerDb.sql, AILING_AFTER_SECONDS, AILING_AT_ONCE);
      await Promise.all(ailing.map(({ id }) => check(id)));
    },
  };
}

/** Why a number can't be used, for people; null when it can. */
export function whyNot(outcome: GraphOutcome<unknown>): string | null {
  switch (outcome.kind) {
    case 'ok':
      return null;
    case 'refused':
      return readableError(outcome.error.code, outcome.error.said).message;
    case 'denied':
      return `The Graph API answered with HTTP ${outcome.httpStatus}`;
    default:
      return `The Graph API could not be reached (${outcome.reason})`;
  }
}
