import type { GatewayDeps } from '../../../deps.ts';
import type { CallContext } from '../../../edge/edition.ts';

/**
 * A list's `from_date` and `to_date` as moments, days in the tenant's time zone; the end is the
 * last moment that counts.
 */
export async function createdBetween(
  deps: GatewayDeps,
  call: CallContext,
  { from_date, to_date }: { from_date?: string | undefined; to_date?: string | undefined },
): Promise<{ from?: string | undefined; to?: string | undefined }> {
  if (!from_date && !to_date) return {};
  const { timezone } = await deps.directory.tenant(call);
  return {
    from: from_date && filterTime(from_date, timezone, false),
    to: to_date && filterTime(to_date, timezone, true),
  };
}

/**
 * A filter's date as a moment: a time is itself; a day begins (or with `end` stops, a millisecond
 * before the next) at midnight of the tenant's time zone.
 */
export function filterTime(value: string, timeZone: string, end: boolean): string {
  if (value.length > 10) return withinYears(Date.parse(value));
  const day = new Date(`${value}T00:00:00Z`);
  if (end) day.setUTCDate(day.getUTCDate() + 1);
  const start = midnight(day.getTime(), timeZone);
  return withinYears(end ? start - 1 : start);
}

/** The end of 9999 may be later elsewhere, and then has no ISO time of four digits. */
export const withinYears = (at: number): string => new Date(Math.min(Math.max(at, FIRST), LAST)).toISOString();
const FIRST = Date.parse('0001-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** Unix ms of a day's beginning in a zone. `utcMidnight`: that day's beginning in UTC. */
function midnight(utcMidnight: number, timeZone: string): number {
  const guess = utcMidnight - offset(utcMidnight, timeZone);
  // Once more at the guess itself: the zone may change its offset between the two.
  return utcMidnight - offset(guess, timeZone);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a zone is ahead of UTC at a moment, in ms. */
function offset(at: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const local = Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute, parts.second);
  return local - Math.floor(at / 1000) * 1000;
}
