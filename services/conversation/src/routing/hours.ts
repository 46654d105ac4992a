import { type Campaign, WEEKDAYS } from '@recado/contracts';
import { DateTime } from 'luxon';

export type Hours = Pick<Campaign, 'businessHours' | 'timezone' | 'holidays'>;

/** How far ahead an opening is looked for. */
const DAYS_AHEAD = 400;

const openingOf = ({ businessHours, holidays }: Hours, day: DateTime) => {
  if (holidays.some(({ date }) => date === day.toISODate())) return null;
  return businessHours === null ? ALL_DAY : businessHours[WEEKDAYS[day.weekday - 1]!];
};
const ALL_DAY = { start: '00:00', end: '24:00' };

/** Whether people work now, in the campaign's own zone. */
export function isOpen(hours: Hours, now: Date): boolean {
  const local = DateTime.fromJSDate(now, { zone: hours.timezone });
  const opening = openingOf(hours, local);
  const clock = local.toFormat('HH:mm');
  return !!opening && opening.start <= clock && clock < opening.end;
}

/** When it opens next after now; null: not within a year. */
export function nextOpening(hours: Hours, now: Date): Date | null {
  const today = DateTime.fromJSDate(now, { zone: hours.timezone }).startOf('day');
  for (let i = 0; i <= DAYS_AHEAD; i++) {
    const day = today.plus({ days: i });
    const opening = openingOf(hours, day);
    if (!opening) continue;
    const [hour, minute] = opening.start.split(':').map(Number) as [number, number];
    const start = day.set({ hour, minute }).toJSDate();
    if (start > now) return start;
  }
  return null;
}
