import type { Message } from '@recado/contracts';

type Status = Message['status'];
type MessageError = NonNullable<Message['error']>;

/** The error code of a send whose outcome nobody knows: the connector gave up waiting for a sign of it. */
export const UNCERTAIN = 'uncertain';

/** What is known of an outbound message's way: its status and the first time each step was reported. */
export interface Ticks {
  status: Status;
  /** Only while `failed`. */
  error: MessageError | null;
  sentAt: Date | null;
  deliveredAt: Date | null;
  readAt: Date | null;
  failedAt: Date | null;
}

/** One report of a provider or of the connector. */
export interface StatusReport {
  status: Exclude<Status, 'pending'>;
  at: Date;
  error: MessageError | null;
}

/**
 * The one order of statuses. The final status is the highest ever reported, so neither order nor repeats matter.
 *
 * pending < failed (uncertain) < sent < failed < delivered < read
 *
 * A failure stands above `sent`: providers take a message and refuse it later. Delivered and read stand above a failure:
 * they are proof, whatever was believed before. A failure that only means "nobody knows" gives way to any proof,
 * `sent` included.
 */
export function rankOf(status: Status, errorCode: string | null): number {
  if (status === 'failed') return errorCode === UNCERTAIN ? 1 : 3;
  return { pending: 0, sent: 2, delivered: 4, read: 5 }[status];
}

/** The status after a report. */
export function nextStatus(current: Ticks, incoming: StatusReport): Status {
  const before = rankOf(current.status, current.error?.code ?? null);
  return rankOf(incoming.status, incoming.error?.code ?? null) > before ? incoming.status : current.status;
}

/** What is known after a report: the same for every order of the same reports, repeats or not. */
export function applyReport(current: Ticks, report: StatusReport): Ticks {
  const next: Ticks = { ...current };
  if (report.status === 'sent') next.sentAt = earlier(current.sentAt, report.at);
  if (report.status === 'delivered') next.deliveredAt = earlier(current.deliveredAt, report.at);
  if (report.status === 'read') next.readAt = earlier(current.readAt, report.at);
  const before = rankOf(current.status, current.error?.code ?? null);
  const rank = rankOf(report.status, report.error?.code ?? null);
  const firstOfTwoFailures = rank === before && report.status === 'failed' && compareFailures(report, current) < 0;
  if (rank > before || firstOfTwoFailures) {
    next.status = report.status;
    next.error = report.status === 'failed' ? (report.error ?? UNKNOWN) : null;
    next.failedAt = report.status === 'failed' ? report.at : null;
  }
  return next;
}

const UNKNOWN: MessageError = { code: 'unknown', message: 'The provider gave no reason' };

/** Between two failures of the same rank the earlier is told; of the same moment, the one whose text sorts first. */
function compareFailures(report: StatusReport, current: Ticks): number {
  const byTime = report.at.getTime() - (current.failedAt?.getTime() ?? Number.POSITIVE_INFINITY);
  if (byTime !== 0) return byTime;
  const [a, b] = [report.error ?? UNKNOWN, current.error ?? UNKNOWN].map((e) => `${e.code} ${e.message}`) as [
    string,
    string,
  ];
  return a < b ? -1 : Number(a > b);
}

const earlier = (known: Date | null, at: Date): Date => (known !== null && known <= at ? known : at);

/** Whether two states are the same, so that nothing needs writing. */
export function sameTicks(a: Ticks, b: Ticks): boolean {
  return (
    a.status === b.status &&
    a.error?.code === b.error?.code &&
    a.error?.message === b.error?.message &&
    a.sentAt?.getTime() === b.sentAt?.getTime() &&
    a.deliveredAt?.getTime() === b.deliveredAt?.getTime() &&
    a.readAt?.getTime() === b.readAt?.getTime() &&
    a.failedAt?.getTime() === b.failedAt?.getTime()
  );
}
