import { expect, it } from 'vitest';
import { defaultConfig } from './defaults.ts';
import { enabledSince, isTimeZone, mergeConfig, zoneOf } from './rules.ts';

const current = defaultConfig('America/Lima');

it('An empty change changes nothing', () => {
  expect(mergeConfig(current, {})).toEqual(current);
  expect(mergeConfig(current, { model: undefined, settings: { language: undefined } })).toEqual(current);
});

it('Settings and limits are merged; hours and keywords are replaced', () => {
  const merged = mergeConfig(current, {
    settings: { language: 'pt' },
    limits: { maxTokensPerMonth: 7 },
    businessHours: { timezone: 'UTC' },
    keywords: ['x'],
  });
  expect(merged.settings).toEqual({ ...current.settings, language: 'pt' });
  expect(merged.limits).toEqual({ maxTokensPerDay: 10_000, maxTokensPerMonth: 7 });
  expect(merged.businessHours).toEqual({ timezone: 'UTC' });
  expect(merged.keywords).toEqual(['x']);
});

it('The AI counts as on since it was last switched on', () => {
  const [then, now] = [new Date(1), new Date(2)];
  expect(enabledSince(true, null, now)).toBe(now);
  expect(enabledSince(true, then, now)).toBe(then);
  expect(enabledSince(false, then, now)).toBeNull();
});

it('Zones are IANA names; without one the fallback counts', () => {
  expect(['America/Sao_Paulo', 'UTC', 'Luna/Base', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  expect(zoneOf({ businessHours: { timezone: 'Asia/Tokyo' } }, 'UTC')).toBe('Asia/Tokyo');
  expect(zoneOf({ businessHours: {} }, 'UTC')).toBe('UTC');
  expect(zoneOf({ businessHours: null }, 'UTC')).toBe('UTC');
});
