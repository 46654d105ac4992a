import type { FieldError } from '@recado/contracts';
import type { Metric } from '../counts/rules.ts';

/** Our counters as the API names them. */
export const METRIC_NAMES: Readonly<Record<Metric, string>> = {
  received: 'messages_received',
  sent: 'messages_sent',
  failed: 'messages_failed',
  ai: 'messages_ai',
  conversations: 'conversations_opened',
};

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_DAYS = 366;

/**
 * What is wrong with a range of days (`YYYY-MM-DD`, both inclusive); nothing when it may be asked
 * for.
 */
export function rangeErrors(from: string, to: string): FieldError[] {
  const errors = Object.entries({ from, to })
    .filter(([, day]) => !isDay(day))
    .map(([field]) => ({ field, message: 'Not a day of the calendar', code: 'date' as const }));
  if (errors.length > 0) return errors;
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1) return [{ field: 'to', message: 'Must not be before from', code: 'range' }];
  if (days > MAX_DAYS) return [{ field: 'to', message: `At most ${MAX_DAYS} days`, code: 'range' }];
  return [];
}

/** The calendar's days only: JavaScript takes 31 April for 1 May. Postgres has no year 0. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && !text.startsWith('0000');
}
