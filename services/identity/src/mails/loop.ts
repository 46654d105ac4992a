import type { Database } from '@recado/database';
import { backoff, type Loop, startLoop } from '@recado/loops';
import { Counter, type Log, type Registry, type Sealer } from '@recado/service-kit';
import { codeOf } from '../proofs/code.ts';
import { claimMails, findSubject, finishMail, type MailJob, postponeMail } from './store.ts';
import { confirmationText, type MailText, warningText } from './texts.ts';
import type { SendMail } from './transport.ts';

/** A wake sends now what a commit queued. */
export type MailLoop = Loop;

export interface MailLoopOptions {
  workerDb: Database;
  sealer: Sealer;
  /** Null without a mail server. */
  send: SendMail | null;
  /** Where links lead; null: mails hold a code alone. */
  confirmUrl: string | null;
  log: Pick<Log, 'warn' | 'info'>;
  registry: Registry;
  /** Before the second try; each further pause is three times as long, an hour at most. */
  firstPauseMs: number;
  /** Longer than a send may take. */
  leaseMs: number;
  /** Work beside mails, once in a while. */
  housekeeping(): Promise<unknown>;
}

const POLL_MS = 2000;
const BATCH = 5;
const MAX_TRIES = 10;
const MAX_PAUSE_MS = 3_600_000;
const STOP_MS = 2000;
const HOUSEKEEPING_MS = 60_000;

/**
 * Sends queued mails from any number of copies. A claim is a lease and one try, also for a copy
 * that dies while it sends. Waits for a database that is away.
 */
export function startMailLoop(options: MailLoopOptions): MailLoop {
  const { workerDb, log, registry, firstPauseMs, leaseMs } = options;
  const sent = new Counter({
    name: 'recado_mails_total',
    help: 'Tries to send a mail, by how they ended',
    labelNames: ['result'],
    registers: [registry],
  });
  const pausesMs = backoff({ tries: MAX_TRIES, firstMs: firstPauseMs, factor: 3, maxMs: MAX_PAUSE_MS });
  let tidyAt = performance.now() + HOUSEKEEPING_MS * Math.random();

  async function trySend(job: MailJob, send: SendMail): Promise<void> {
    const text = await textOf(options, job);
    if (!text) {
      sent.inc({ result: 'obsolete' });
      await finishMail(workerDb, job, 'failed');
      return;
    }
    try {
      await send({ id: job.id, to: job.recipient, ...text });
    } catch (error) {
      return recordFailure(job, error);
    }
    sent.inc({ result: 'sent' });
    await finishMail(workerDb, job, 'sent');
  }

  async function recordFailure(job: MailJob, error: unknown): Promise<void> {
    // Not the error itself: servers quote addresses and more.
    const { code, responseCode } = error as { code?: string; responseCode?: number };
    const { id: mailId, tenantId, tries } = job;
    const pauseMs = isPermanent(responseCode) ? undefined : pausesMs[tries - 1];
    const final = pauseMs === undefined;
    sent.inc({ result: final ? 'failed' : 'retried' });
    log.warn(
      { mailId, tenantId, tries, code, responseCode },
      final ? 'a mail is given up' : 'a mail could not be sent',
    );
    if (final) await finishMail(workerDb, job, 'failed');
    else await postponeMail(workerDb, job, pauseMs);
  }

  async function round(): Promise<number> {
    if (performance.now() >= tidyAt) {
      tidyAt = performance.now() + HOUSEKEEPING_MS;
      await options.housekeeping();
    }
    const { send } = options;
    if (!send) return POLL_MS;
    const jobs = await claimMails(workerDb, BATCH, leaseMs);
    await Promise.all(jobs.map((job) => trySend(job, send)));
    return jobs.length < BATCH ? POLL_MS : 0;
  }

  const loop = startLoop({
    round,
    log,
    failure: 'mails can not be sent; trying again',
    failurePauseMs: POLL_MS,
  });

  return {
    wake: loop.wake,
    async stop() {
      // A send under way may take longer; its lease gives the mail to another copy.
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        loop.stop(),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, STOP_MS);
        }),
      ]);
      clearTimeout(timer);
    },
  };
}

/** What a mail says, as things are now; null when there is nothing to say any more. */
async function textOf({ workerDb, sealer, confirmUrl }: MailLoopOptions, job: MailJob): Promise<MailText | null> {
  const subject = await findSubject(workerDb, job);
  if (!subject) return null;
  if (subject.taken) return warningText(job.language);
  const token = sealer.open(subject.sealedToken, job.tenantId);
  return confirmationText(job.language, {
    code: codeOf(token),
    link: confirmUrl === null ? null : linkTo(confirmUrl, token),
  });
}

function linkTo(confirmUrl: string, token: string): string {
  const url = new URL(confirmUrl);
  url.searchParams.set('token', token);
  return url.href;
}

/** The mailbox does not exist, or will never take it. */
const isPermanent = (responseCode: number | undefined): boolean =>
  responseCode !== undefined && responseCode >= 550 && responseCode < 560;
