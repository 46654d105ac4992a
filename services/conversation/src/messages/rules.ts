import { type Message, messageStatusRank } from '@recado/contracts';

type Status = Message['status'];
type MessageError = NonNullable<Message['error']>;

/**
 * What is known of an outbound message's way: its status and the first time each step was reported.
 */
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

/** The status after a report. */
export function nextStatus(current: Ticks, incoming: StatusReport): Status {
  const before = messageStatusRank(current.status, current.error?.code ?? null);
  return messageStatusRank(incoming.status, incoming.error?.code ?? null) > before ? incoming.status : current.status;
}

/** What is known after a report: the same for every order of the same reports, repeats or not. */
export function applyReport(current: Ticks, report: StatusReport): Ticks {
  const next: Ticks = { ...current };
  if (report.status === 'sent') next.sentAt = earlier(current.sentAt, report.at);
  if (report.status === 'delivered') next.deliveredAt = earlier(current.deliveredAt, report.at);
  if (report.status === 'read') next.readAt = earlier(current.readAt, report.at);
  const before = messageStatusRank(current.status, current.error?.code ?? null);
  const rank = messageStatusRank(report.status, report.error?.code ?? null);
  const firstOfTwoFailures = rank === before && report.status === 'failed' && compareFailures(report, current) < 0;
  if (rank > before || firstOfTwoFailures) {
    next.status = report.status;
    next.error = report.status === 'failed' ? (report.error ?? UNKNOWN) : null;
    next.failedAt = report.status === 'failed' ? report.at : null;
  }
  return next;
}

const UNKNOWN: MessageError = { code: 'unknown', message: 'The provider gave no reason' };

/**
 * Of two failures of the same rank the earlier one is shown; at the same moment, the one whose text
 * sorts first.
 */
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
