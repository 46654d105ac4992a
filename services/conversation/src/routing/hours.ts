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

/** Days in which open time is counted: what takes longer never comes. */
const DAYS_COUNTED = 1500;
const hasNoClosing = ({ businessHours, holidays }: Hours): boolean => businessHours === null && holidays.length === 0;

/** The opening of a day in milliseconds; null: closed. */
function spanOf(hours: Hours, day: DateTime): [number, number] | null {
  const opening = openingOf(hours, day);
  return opening ? [clockOf(day, opening.start), clockOf(day, opening.end)] : null;
}

/** A time of the clock on a day; 24:00 is the next midnight, also where the clock is changed. */
function clockOf(day: DateTime, clock: string): number {
  if (clock === '24:00') return day.plus({ days: 1 }).toMillis();
  const [hour, minute] = clock.split(':').map(Number) as [number, number];
  return day.set({ hour, minute }).toMillis();
}

/** When `ms` of open time have passed since then; null: not within four years. */
export function afterOpenTime(hours: Hours, from: Date, ms: number): Date | null {
  if (hasNoClosing(hours)) return new Date(from.getTime() + ms);
  let left = ms;
  let day = DateTime.fromJSDate(from, { zone: hours.timezone }).startOf('day');
  for (let i = 0; i < DAYS_COUNTED; i++, day = day.plus({ days: 1 })) {
    const span = spanOf(hours, day);
    const start = span ? Math.max(span[0], from.getTime()) : 0;
    if (!span || start > span[1]) continue;
    if (start + left <= span[1]) return new Date(start + left);
    left -= span[1] - start;
  }
  return null;
}

/** Milliseconds of open time between two moments; 0 when the second is the earlier. */
export function openTimeBetween(hours: Hours, from: Date, to: Date): number {
  if (to <= from) return 0;
  if (hasNoClosing(hours)) return to.getTime() - from.getTime();
  let sum = 0;
  let day = DateTime.fromJSDate(from, { zone: hours.timezone }).startOf('day');
  for (let i = 0; i < DAYS_COUNTED && day.toMillis() < to.getTime(); i++, day = day.plus({ days: 1 })) {
    const span = spanOf(hours, day);
    if (span) sum += Math.max(0, Math.min(span[1], to.getTime()) - Math.max(span[0], from.getTime()));
  }
  return sum;
}
