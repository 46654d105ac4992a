import { type AiConfig, DAYS } from '@recado/contracts';
import { DateTime } from 'luxon';

type Hours = AiConfig['businessHours'];

/**
 * Whether a moment is in business hours. README: "Days and hours". The end of a window is outside,
 * and days without a window are closed.
 * @param fallback zone when the hours name none
 */
export function isOpen(hours: Hours, at: Date, fallback: string): boolean {
  if (!hours) return true;
  const local = DateTime.fromJSDate(at, { zone: hours.timezone ?? fallback });
  const minute = local.hour * 60 + local.minute;
  const today = windowOf(hours, local.weekday);
  const yesterday = windowOf(hours, local.weekday - 1);
  const sinceToday = today !== null && minute >= today.start && (minute < today.end || today.end <= today.start);
  const sinceYesterday = yesterday !== null && yesterday.end < yesterday.start && minute < yesterday.end;
  return sinceToday || sinceYesterday;
}

/** Of luxon's weekday (1 is Monday; 0 the Sunday before it), in minutes since midnight. */
function windowOf(hours: NonNullable<Hours>, weekday: number): { start: number; end: number } | null {
  const window = hours[DAYS[(weekday + 6) % 7]!];
  return window ? { start: minutes(window.start), end: minutes(window.end) } : null;
}

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
