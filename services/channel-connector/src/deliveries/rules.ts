import { SENT_AGAIN_MS } from './schedule.ts';

/** What came of a try. `status` null: no answer. */
export interface Answer {
  status: number | null;
  /** Milliseconds the receiver wants us to wait (Retry-After). */
  retryAfterMs: number | null;
}

export type Step =
  | { kind: 'delivered' }
  /** `rest`: the whole endpoint rests for so long. */
  | { kind: 'again'; pauseMs: number; restMs: number | null }
  | { kind: 'failed' }
  /** The receiver wants nothing any more. */
  | { kind: 'gone' };

/** A receiver cannot hold a delivery back for longer. */
const MAX_REST_MS = 10 * 3600 * 1000;

/** What follows a try. @param tries with this one */
export function stepAfter({ status, retryAfterMs }: Answer, tries: number): Step {
  if (status !== null && status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'gone' };
  const planned = SENT_AGAIN_MS[tries - 1];
  if (planned === undefined) return { kind: 'failed' };
  const asked = retryAfterMs === null ? 0 : Math.min(retryAfterMs, MAX_REST_MS);
  const restMs = asked > 0 && (status === 429 || status === 503) ? asked : null;
  return { kind: 'again', pauseMs: Math.max(planned, asked), restMs };
}

/** Retry-After: seconds, or a date. Null for anything else. */
export function readRetryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  // Date.parse reads a bare number as a year.
  return Number.isNaN(at) || !/[a-z]/i.test(text) ? null : Math.max(0, at - now.getTime());
}
