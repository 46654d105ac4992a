/** The last `count` days of a time zone as YYYY-MM-DD, the oldest first, today the last. */
export function lastDays(count: number, timeZone: string, now = new Date()): string[] {
  const day = new Date(`${dayOf(now, timeZone)}T00:00:00Z`);
  const days: string[] = [];
  for (let i = 0; i < count; i++) {
    days.unshift(day.toISOString().slice(0, 10));
    day.setUTCDate(day.getUTCDate() - 1);
  }
  return days;
}

/** The day of a moment in a time zone. */
function dayOf(at: Date, timeZone: string): string {
  // Sweden writes dates as ISO does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);
}

/**
 * A period's end as its last second, as saas.md shows it: its beginning's next one may be given, or
 * its last millisecond.
 */
export function lastSecond(end: string): string {
  return seconds(new Date(Math.ceil(Date.parse(end) / 1000) * 1000 - 1000));
}

/** Without milliseconds, as saas.md writes periods. */
export const seconds = (at: Date): string => at.toISOString().replace(/\.\d{3}Z$/, 'Z');
