import type { AiConfig } from '@recado/contracts';
import { expect, it } from 'vitest';
import { isOpen } from './hours.ts';

type Hours = AiConfig['businessHours'];
const day = { start: '09:00', end: '18:00' };
const night = { start: '22:00', end: '02:00' };

// 2025-05-26 is a Monday. Lima is UTC-5 all year; New York is UTC-4 in summer, UTC-5 in winter.
it.each<[string, Hours, string, boolean]>([
  ['no hours at all', null, '2025-05-26T03:00:00Z', true],
  ['hours without any day', { timezone: 'America/Lima' }, '2025-05-26T15:00:00Z', false],
  ['the first minute', { monday: day, timezone: 'America/Lima' }, '2025-05-26T14:00:00Z', true],
  ['the minute before', { monday: day, timezone: 'America/Lima' }, '2025-05-26T13:59:59Z', false],
  ['the last minute', { monday: day, timezone: 'America/Lima' }, '2025-05-26T22:59:59Z', true],
  ['the end itself', { monday: day, timezone: 'America/Lima' }, '2025-05-26T23:00:00Z', false],
  ['a closed day', { monday: day, tuesday: null, timezone: 'America/Lima' }, '2025-05-27T15:00:00Z', false],
  ['Monday in UTC, Sunday in Lima', { monday: night, timezone: 'America/Lima' }, '2025-05-26T03:30:00Z', false],
  ['over midnight, before it', { monday: night, timezone: 'America/Lima' }, '2025-05-27T04:59:00Z', true],
  ['over midnight, after it', { monday: night, timezone: 'America/Lima' }, '2025-05-27T06:59:00Z', true],
  ['over midnight, the end', { monday: night, timezone: 'America/Lima' }, '2025-05-27T07:00:00Z', false],
  [
    'after midnight, nothing the day before',
    { monday: night, timezone: 'America/Lima' },
    '2025-05-26T06:00:00Z',
    false,
  ],
  ['over midnight from Sunday to Monday', { sunday: night, timezone: 'America/Lima' }, '2025-05-26T06:00:00Z', true],
  [
    'until midnight',
    { monday: { start: '09:00', end: '00:00' }, timezone: 'America/Lima' },
    '2025-05-27T04:59:00Z',
    true,
  ],
  [
    'until midnight, past it',
    { monday: { start: '09:00', end: '00:00' }, timezone: 'America/Lima' },
    '2025-05-27T05:00:00Z',
    false,
  ],
  [
    'the whole day',
    { monday: { start: '00:00', end: '00:00' }, timezone: 'America/Lima' },
    '2025-05-26T05:00:00Z',
    true,
  ],
  [
    'the whole day, the next',
    { monday: { start: '08:00', end: '08:00' }, timezone: 'America/Lima' },
    '2025-05-27T05:30:00Z',
    false,
  ],
  ['summer time', { monday: day, timezone: 'America/New_York' }, '2025-05-26T13:00:00Z', true],
  ['winter time', { monday: day, timezone: 'America/New_York' }, '2025-01-06T13:00:00Z', false],
  ['half-hour zones', { monday: day, timezone: 'Asia/Kolkata' }, '2025-05-26T03:30:00Z', true],
  ['the fallback zone', { monday: day }, '2025-05-26T14:00:00Z', true],
])('%s', (_, hours, at, open) => {
  expect(isOpen(hours, new Date(at), 'America/Lima')).toBe(open);
});
