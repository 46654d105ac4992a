import type { Database } from '@recado/database';
import { withWorker } from '@recado/database';
import { enqueue, type Relay } from '@recado/messaging';
import type { Logger } from '@recado/service-kit';
import { readableError } from '../meta/errors.ts';
import type { GraphClient, GraphOutcome } from '../meta/graph-client.ts';
import type { Directory } from './directory.ts';
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
  worker: Database;
  directory: Directory;
  graph: GraphClient;
  relay: Pick<Relay, 'kick'>;
  log: Logger;
  now: () => Date;
}

const AILING_AFTER_SECONDS = 60;
const AILING_AT_ONCE = 20;

/** Keeps the channels' status true to what the provider says. */
export function createChannelCheck({ worker, directory, graph, relay, log, now }: CheckDeps): ChannelCheck {
  async function report(tenantId: string, channelId: string, change: StatusChange): Promise<ChannelRow | null> {
    const row = await withWorker(worker, async (tx) => {
      const changed = await updateStatus(tx, tenantId, channelId, change);
      if (changed) await enqueue(tx, statusEvent(changed, now()));
      return changed;
    });
    directory.forget(channelId);
    if (row) {
      relay.kick();
      log.info({ tenantId, channelId, status: row.status, reason: row.lastError }, 'channel status changed');
    }
    return row;
  }

  async function check(channelId: string): Promise<ChannelRow | null> {
    const channel = await directory.find(`id:${channelId}`);
    if (!channel) return null;
    const outcome = await graph.checkNumber(channel.phoneNumberId, channel.accessToken);
    const reason = whyNot(outcome);
    return report(channel.tenantId, channelId, {
      status: reason === null ? 'connected' : 'error',
      reason,
      blockedUntil: null,
    });
  }

  return {
    check,
    report,
    async checkAiling() {
      const ailing = await takeAiling(worker.sql, AILING_AFTER_SECONDS, AILING_AT_ONCE);
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
