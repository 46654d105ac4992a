import { DateTime, IANAZone } from 'luxon';

/** A calendar month in some time zone. */
export interface Month {
  /** Its first day, `YYYY-MM-01`. */
  key: string;
  start: Date;
  /** The beginning of the next. */
  end: Date;
}

/** The calendar month of `now` in the tenant's zone. An unknown zone counts as UTC. */
export function monthOf(now: Date, timezone: string): Month {
  const zone = IANAZone.isValidZone(timezone) ? timezone : 'utc';
  const start = DateTime.fromJSDate(now, { zone }).startOf('month');
  return { key: start.toFormat('yyyy-MM-dd'), start: start.toJSDate(), end: start.plus({ months: 1 }).toJSDate() };
}
