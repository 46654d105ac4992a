import { CHANNEL_REASONS } from '@recado/contracts';
import type { Database } from '@recado/database';
import { withWorker } from '@recado/database';
import { enqueue } from '@recado/messaging';
import type { Logger, Sealer } from '@recado/service-kit';
import type { Providers } from '../../providers/index.ts';
import type { LinkState } from '../../providers/linking.ts';
import type { Provider, ProviderNumber } from '../../providers/provider.ts';
import { openCredentials } from '../credentials.ts';
import type { Directory } from '../directory.ts';
import { askLink, carryOut, keepCode, type LinkDeps } from '../linking/link.ts';
import { type LinkRow, selectLink, takeDueLinks } from '../linking/link-store.ts';
import { type Proof, settleClaim } from '../numbers/prove.ts';
import type { ChannelRow } from '../store.ts';
import { statusEvent } from '../views.ts';
import { noteUnreachable, type StatusChange, takeAiling, takeWorking, updateStatus } from './store.ts';

export interface ChannelCheck {
  /** Asks the provider and stores what it says; the row when that changed anything. */
  check(channelId: string, how?: CheckOptions): Promise<ChannelRow | null>;
  /** Stores a status learned elsewhere (a send), with its event. */
  report(tenantId: string, channelId: string, change: StatusChange): Promise<ChannelRow | null>;
  /**
   * Looks again at channels that are not well, as a killed process may have left one unasked, and
   * now and then at those that are.
   */
  checkDue(): Promise<void>;
  /** Waits for the links that checkDue looks at. */
  drain(): Promise<void>;
}

export interface CheckOptions {
  /** Carries out what is ordered of the channel; others leave that to who has its lease. */
  ordered?: boolean;
  /** What the provider told by itself. */
  said?: LinkState;
}

export interface CheckDeps {
  config: LinkDeps['config'];
  workerDb: Database;
  sealer: Sealer;
  directory: Directory;
  providers: Providers;
  log: Logger;
  now: () => Date;
}

const AILING_AFTER_SECONDS = 60;
const AILING_AT_ONCE = 20;
/** Under way in this process. */
const LINKS_AT_ONCE = 50;
/** A list shows a health that is at most so old. */
const WORKING_AFTER_SECONDS = 600;
const WORKING_AT_ONCE = 5;

/** Keeps channels' status true to the provider, and numbers with the tenants that proved them. */
export function createChannelCheck(deps: CheckDeps): ChannelCheck {
  const { workerDb, sealer, directory, providers, log, now } = deps;
  const links = new Set<Promise<void>>();
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

  async function check(channelId: string, how: CheckOptions = {}): Promise<ChannelRow | null> {
    // Past the directory's memory: what is proved is what stands in the row.
    const [claim] = await selectLink(workerDb.sql, channelId);
    const provider = claim && providers.get(claim.provider);
    if (!provider) return null;
    if (claim.linkOrder !== null && !how.ordered) {
      // Told while the attempt begins: its caller will not ask again for this code.
      const { said } = how;
      if (said?.kind !== 'code' || claim.linkOrder !== 'begin') return null;
      return (await keepCode(workerDb, claim, said.code, now())) ? null : check(channelId, how);
    }
    if (claim.linkOrder === null && claim.status === 'disconnected') return null;
    const account = open(claim, provider);
    const number = { providerId: claim.providerId, account };
    const { linking } = provider;
    const linked = linking && account !== null ? { row: claim, provider: { ...provider, linking }, number } : null;
    if (linked && claim.linkOrder !== null && claim.linkOrder !== 'begin') {
      await carryOut(deps, linked);
      return null;
    }
    const proof =
      account === null
        ? UNREADABLE
        : linked
          ? await askLink(deps, linked, how.said ?? null)
          : await ask(provider, number);
    const row = await settle(claim, proof);
    // The provider would go on showing codes, or keep a phone that is not the number's.
    const order = proof.link?.step.order;
    if (row && (order === 'stop' || order === 'unlink')) await check(channelId, { ordered: true });
    return row;
  }

  async function settle(claim: LinkRow, proof: Proof): Promise<ChannelRow | null> {
    if (proof.unreachable && (await noteUnreachable(workerDb.sql, claim, proof.reason ?? ''))) return null;
    const settled = await settleClaim(workerDb, claim, proof, now());
    for (const { id } of settled.touched) directory.forget(id, claim);
    if (settled.changed) {
      const { id: channelId, tenantId, status, lastError } = settled.changed;
      log.info({ tenantId, channelId, status, reason: lastError }, 'channel status changed');
    }
    return settled.changed;
  }

  /** The claim's secrets, ready to use; null when they cannot be read. */
  function open(claim: LinkRow, provider: Provider): unknown {
    try {
      return openCredentials(sealer, provider, claim.id, claim.credentials);
    } catch (err) {
      log.error({ err, channelId: claim.id, tenantId: claim.tenantId }, "a channel's credentials can't be opened");
      return null;
    }
  }

  /** The other sweeps do not wait: a server that is away holds a link for many seconds. */
  async function startDueLinks(): Promise<void> {
    const places = LINKS_AT_ONCE - links.size;
    if (places <= 0) return;
    for (const { id } of await takeDueLinks(workerDb.sql, places)) {
      const looked = check(id, { ordered: true }).then(
        () => void links.delete(looked),
        (err: unknown) => {
          links.delete(looked);
          log.warn({ err, channelId: id }, 'a link could not be looked at');
        },
      );
      links.add(looked);
    }
  }

  return {
    check,
    drain: async () => void (await Promise.all(links)),
    report,
    async checkDue() {
      const ailing = await takeAiling(workerDb.sql, [...providers.keys()], AILING_AFTER_SECONDS, AILING_AT_ONCE);
      const working = await takeWorking(workerDb.sql, [...providers.keys()], WORKING_AFTER_SECONDS, WORKING_AT_ONCE);
      await startDueLinks();
      await Promise.all([...ailing, ...working].map(({ id }) => check(id)));
    },
  };
}

const UNREADABLE: Proof = {
  status: 'error',
  reason: CHANNEL_REASONS.unreadable,
  responseMs: null,
};

/** Whether the credentials prove the number, of a provider without links. */
async function ask(provider: Provider, number: ProviderNumber): Promise<Proof> {
  const askedAt = performance.now();
  const finding = await provider.check(number);
  const unreachable = finding.status === 'error' && finding.unreachable === true;
  const responseMs = unreachable ? null : Math.round(performance.now() - askedAt);
  const { status, reason, facts } = finding;
  return { status, reason, responseMs, unreachable, facts };
}
