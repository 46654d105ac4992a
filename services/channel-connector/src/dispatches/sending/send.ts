import type { Directory } from '../../channels/directory.ts';
import { orderFiles } from '../../provider-files/job.ts';
import { rateOf } from '../pace/bucket.ts';
import { tellAwake, tellResting } from '../pace/resting.ts';
import type { Decision } from '../rules.ts';
import type { ClaimedDispatch } from '../store.ts';
import { type Attempted, attempt } from './attempt.ts';
import type { Sending } from './sending.ts';

/**
 * Sends a claimed row and records what became of it. Never throws.
 * @param waitMs milliseconds that its customer's pace makes it wait; 0 sends it now
 */
export async function sendClaimed(sending: Sending, row: ClaimedDispatch, waitMs: number): Promise<void> {
  const { demand, metrics, recorder, log } = sending;
  const { channelId } = row;
  demand.begin(row);
  metrics.inFlight.set(demand.inFlight());
  let more = false;
  try {
    const startedAt = sending.now();
    const { decision, answered } = waitMs > 0 ? waitForPace(waitMs) : await attemptWith(sending, row);
    observe(sending, row, decision);
    if (answered !== null) judgeProvider(sending, row, decision, answered);
    const recorded = await recorder.record({ row, decision, startedAt });
    more = recorded.more;
    if (recorded.changed)
      void follow(sending, row, decision).catch((err: unknown) =>
        log.warn({ err, channelId }, 'a channel status could not be stored'),
      );
  } catch (err) {
    // The row stays `sending`; when its lease ends it is uncertain, which is the truth.
    log.error({ err, messageId: row.messageId, tenantId: row.tenantId }, 'a send ended without a result');
  } finally {
    demand.end(row);
    metrics.inFlight.set(demand.inFlight());
    if (more) demand.add(row, 1);
    sending.wake();
  }
}

function waitForPace(pauseMs: number): Attempted {
  const message = 'WhatsApp takes few messages at once to one customer: this one waits for its turn';
  const decision = { state: 'queued', pauseMs, refused: false, slowChannel: false, code: 'paced', message } as const;
  return { decision, answered: null };
}

async function attemptWith(sending: Sending, row: ClaimedDispatch): Promise<Attempted> {
  const { directory, limits, log } = sending;
  try {
    return await attempt(sending, await findCurrent(directory, row), row);
  } catch (err) {
    // The channel or a file could not be read, so nothing was sent.
    log.warn({ err, channelId: row.channelId }, 'a channel or file could not be read');
    const failure = { code: 'unavailable', message: 'The number or its file could not be read' };
    const decision = {
      state: 'queued',
      pauseMs: limits.backoffMs,
      refused: false,
      slowChannel: false,
      ...failure,
    } as const;
    return { decision, answered: null };
  }
}

/** The channel as it stood when the row was claimed, or later: another copy may have changed it. */
async function findCurrent(directory: Directory, { channelId, channelChangedAt }: ClaimedDispatch) {
  const known = await directory.find(`id:${channelId}`);
  if (!known || channelChangedAt === null || known.changedAt >= channelChangedAt.getTime()) return known;
  directory.forget(channelId);
  return directory.find(`id:${channelId}`);
}

/** Opens or closes the breaker of the number. Other numbers go on. */
function judgeProvider(sending: Sending, row: ClaimedDispatch, decision: Decision, answered: boolean): void {
  const { breakers, check, log, metrics, now, pace } = sending;
  const { channelId, tenantId } = row;
  const change = breakers.record(channelId, answered, performance.now());
  if (!change) return;
  metrics.resting.set(breakers.open());
  if (change.kind === 'closed') {
    log.info({ tenantId, channelId }, 'the provider of a number answers again');
    void tellAwake(pace.redis, channelId);
    return;
  }
  const { pauseMs } = change;
  const reason = whyNot(decision);
  log.warn({ tenantId, channelId, pauseMs, reason }, 'the provider of a number does not answer: it rests');
  const until = new Date(now().getTime() + pauseMs).toISOString();
  void tellResting(pace.redis, { channelId, until, reason }, pauseMs);
  // Its health shows it, or that only sending fails.
  check.check(channelId).catch((err: unknown) => log.warn({ err, channelId }, 'a number could not be checked'));
}

const whyNot = (decision: Decision): string =>
  decision.state === 'sent' ? '' : 'reason' in decision ? decision.reason : `${decision.code}: ${decision.message}`;

function observe({ metrics, totals, log, now }: Sending, row: ClaimedDispatch, decision: Decision): void {
  if (decision.state === 'queued' && decision.wanted) return;
  const result = decision.state === 'queued' ? 'retry' : decision.state;
  metrics.sends.inc({ result });
  metrics.sendSeconds.observe((now().getTime() - row.requestedAt.getTime()) / 1000);
  if (decision.state === 'sent') {
    totals.sent(row.channelId);
    return;
  }
  log.info(
    { tenantId: row.tenantId, messageId: row.messageId, channelId: row.channelId, result, why: whyNot(decision) },
    'a send did not succeed',
  );
}

/** What a result says of the channel itself. */
async function follow(sending: Sending, row: ClaimedDispatch, decision: Decision): Promise<void> {
  const { check, directory, pace, now } = sending;
  const { channelId, tenantId } = row;
  if (decision.state === 'queued' && decision.wanted) await orderFiles(sending.workerDb, decision.wanted);
  else if (decision.state === 'failed' && decision.channel) {
    const { reason, blockMs } = decision.channel;
    const blockedUntil = new Date(now().getTime() + blockMs);
    await check.report(tenantId, channelId, { status: 'error', reason, blockedUntil });
  } else if (decision.state === 'sent') {
    const channel = directory.peek(`id:${channelId}`);
    if (channel && channel.status !== 'connected') {
      await check.report(tenantId, channelId, { status: 'connected', reason: null, blockedUntil: null });
    }
  } else if (decision.state === 'queued' && decision.slowChannel) {
    await pace.slow(channelId, rateOf(directory.peek(`id:${channelId}`)));
  }
}
