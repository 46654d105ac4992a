import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { isUniqueViolation } from '@recado/database';
import { startLoop } from '@recado/loops';
import type { BaseDeps } from '@recado/service';
import type { ChannelCheck } from '../channels/check.ts';
import type { Directory } from '../channels/directory.ts';
import type { ChannelTotals } from '../channels/totals.ts';
import type { Config } from '../config.ts';
import type { ConnectorMetrics } from '../metrics.ts';
import { attempt } from './attempt.ts';
import { rateOf } from './bucket.ts';
import { createDemand, type DemandKey, sharePlaces } from './demand.ts';
import type { Pace } from './pace.ts';
import { createRecorder } from './recorder.ts';
import type { Decision, RetryLimits } from './rules.ts';
import { type ClaimedDispatch, claimDispatches, listDueChannels, releaseClaims } from './store.ts';

export interface Sender {
  /** A channel may have something to send: looked at now instead of at the next poll. */
  wake(channel: DemandKey, count?: number): void;
  /** Claims nothing more and waits for what is on its way. */
  stop(): Promise<void>;
  stats(): { inFlight: number };
}

export interface SenderDeps extends Pick<BaseDeps<Config>, 'config' | 'workerDb' | 'log' | 'now'> {
  metrics: ConnectorMetrics;
  directory: Directory;
  totals: ChannelTotals;
  check: ChannelCheck;
  pace: Pace;
}

/**
 * Milliseconds between looks at the table: finds retries that are due and what other copies left.
 */
const POLL_MS = 250;
/** Milliseconds of rest after the database failed. */
const REST_MS = 200;

/**
 * Sends what is queued; runs in every copy. Claimed rows are committed as `sending` before a byte
 * goes out. A conversation's messages go one after the other. README.md says more.
 */
export function startSender(deps: SenderDeps): Sender {
  const { config, workerDb, log, metrics, directory, pace } = deps;
  const concurrency = config.RECADO_SEND_CONCURRENCY;
  const places = sharePlaces(concurrency);
  const limits: RetryLimits = {
    maxTries: config.RECADO_SEND_MAX_TRIES,
    maxAgeMs: config.RECADO_SEND_MAX_AGE_MS,
    backoffMs: config.RECADO_SEND_BACKOFF_MS,
  };
  const recorder = createRecorder(deps, config.RECADO_SEND_LEASE_MS);
  const demand = createDemand(places);
  /** Claims that failed without telling whether they had committed. */
  const lostClaims = new Set<string>();
  let polledAt = Number.NEGATIVE_INFINITY;
  const loop = startLoop({
    round: look,
    log,
    failure: 'sender: the database is not available, trying again',
    failurePauseMs: REST_MS,
  });

  /** One look for what may go. Returns how long to sleep. */
  async function look(): Promise<number> {
    if (lostClaims.size > 0) await release();
    if (performance.now() - polledAt >= POLL_MS) {
      for (const one of await listDueChannels(workerDb.sql, places.perChannel)) demand.add(one, one.due);
      polledAt = performance.now();
    }
    if ((await sendWhatMayGo()) > 0) return 0;
    const untilPoll = polledAt + POLL_MS - performance.now();
    const untilFree = demand.nextAt(performance.now()) - performance.now();
    return Math.max(1, Math.min(untilPoll, untilFree));
  }

  async function release(): Promise<void> {
    const tokens = [...lostClaims];
    for (const channel of await releaseClaims(workerDb.sql, tokens)) demand.add(channel, 1);
    for (const token of tokens) lostClaims.delete(token);
  }

  /** Claims and starts what may go now; returns how many. */
  async function sendWhatMayGo(): Promise<number> {
    const wanted = demand.take(performance.now());
    if (wanted.length === 0) return 0;
    const granted = await Promise.all(wanted.map((one) => takePace(one, one.amount)));
    const going = wanted.map((one, i) => ({ ...one, granted: granted[i]! })).filter((one) => one.granted > 0);
    if (going.length === 0) return 0;
    const claimed = new Map<string, number>();
    const token = randomUUID();
    try {
      const ids = going.map((one) => one.channelId);
      const rows = await claimDispatches(
        workerDb.sql,
        token,
        ids,
        going.map((one) => one.granted),
        config.RECADO_SEND_LEASE_MS,
      );
      for (const row of rows) {
        claimed.set(row.channelId, (claimed.get(row.channelId) ?? 0) + 1);
        void send(row);
      }
      return rows.length;
    } catch (error) {
      // Another copy took an older row of a conversation at this very moment: look again.
      if (!isUniqueViolation(error, 'dispatches_in_flight')) {
        lostClaims.add(token);
        throw error;
      }
      for (const one of going) demand.add(one, one.amount);
      return 1;
    } finally {
      for (const one of going) {
        const unused = one.granted - (claimed.get(one.channelId) ?? 0);
        if (unused > 0) void giveBack(one.channelId, unused);
      }
    }
  }

  async function takePace(key: DemandKey, amount: number): Promise<number> {
    const { channelId } = key;
    const channel = await directory.find(`id:${channelId}`);
    const { granted, waitMs } = await pace.take(channelId, rateOf(channel), amount);
    if (granted < amount) {
      demand.hold(key, performance.now() + Math.max(1, waitMs));
      demand.add(key, amount - granted);
    }
    return granted;
  }

  async function giveBack(channelId: string, unused: number): Promise<void> {
    const channel = directory.peek(`id:${channelId}`);
    await pace.take(channelId, rateOf(channel), -unused);
  }

  async function send(row: ClaimedDispatch): Promise<void> {
    const { channelId } = row;
    demand.begin(row);
    metrics.inFlight.set(demand.inFlight());
    let more = false;
    try {
      const decision = await attemptWith(row);
      observe(row, decision);
      const recorded = await recorder.record({ row, decision });
      more = recorded.more;
      if (recorded.changed)
        void follow(row, decision).catch((err: unknown) =>
          log.warn({ err, channelId }, 'a channel status could not be stored'),
        );
    } catch (err) {
      // The row stays `sending`; when its lease ends it is uncertain, which is the truth.
      log.error({ err, messageId: row.messageId, tenantId: row.tenantId }, 'a send ended without a result');
    } finally {
      demand.end(row);
      metrics.inFlight.set(demand.inFlight());
      if (more) demand.add(row, 1);
      loop.wake();
    }
  }

  async function attemptWith(row: ClaimedDispatch): Promise<Decision> {
    try {
      const channel = await directory.find(`id:${row.channelId}`);
      return attempt(channel, row, limits, deps.now);
    } catch (err) {
      // The channel could not be read, so nothing was sent.
      log.warn({ err, channelId: row.channelId }, 'a channel could not be read');
      const failure = { code: 'unavailable', message: 'The number could not be read from the database' };
      return { state: 'queued', pauseMs: limits.backoffMs, refused: false, slowChannel: false, ...failure };
    }
  }

  function observe(row: ClaimedDispatch, decision: Decision): void {
    const result = decision.state === 'queued' ? 'retry' : decision.state;
    metrics.sends.inc({ result });
    metrics.sendSeconds.observe((deps.now().getTime() - row.requestedAt.getTime()) / 1000);
    if (decision.state === 'sent') {
      deps.totals.sent(row.channelId);
      return;
    }
    const why = 'reason' in decision ? decision.reason : `${decision.code}: ${decision.message}`;
    log.info(
      { tenantId: row.tenantId, messageId: row.messageId, channelId: row.channelId, result, why },
      'a send did not succeed',
    );
  }

  /** What a result says of the channel itself. */
  async function follow(row: ClaimedDispatch, decision: Decision): Promise<void> {
    const { channelId, tenantId } = row;
    if (decision.state === 'failed' && decision.channel) {
      const { reason, blockMs } = decision.channel;
      const blockedUntil = new Date(deps.now().getTime() + blockMs);
      await deps.check.report(tenantId, channelId, { status: 'error', reason, blockedUntil });
    } else if (decision.state === 'sent') {
      const channel = directory.peek(`id:${channelId}`);
      if (channel && channel.status !== 'connected') {
        await deps.check.report(tenantId, channelId, { status: 'connected', reason: null, blockedUntil: null });
      }
    } else if (decision.state === 'queued' && decision.slowChannel) {
      const rate = rateOf(directory.peek(`id:${channelId}`));
      await pace.take(channelId, rate, rate.capacity);
    }
  }

  return {
    wake(channel, count = 1) {
      demand.add(channel, count);
      loop.wake();
    },
    async stop() {
      await loop.stop();
      while (demand.inFlight() > 0) await pause(50);
      await recorder.drain();
    },
    stats: () => ({ inFlight: demand.inFlight() }),
  };
}
