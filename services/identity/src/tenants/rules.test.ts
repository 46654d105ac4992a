import { describe, expect, it } from 'vitest';
import { flatSettings, isTimeZone, mergeSettings } from './rules.ts';

describe('settings', () => {
  const nested = (levels: number): Record<string, unknown> => (levels === 0 ? {} : { a: nested(levels - 1) });
  const value = 'x'.repeat(16 * 1024 - '{"a":""}'.length);

  it('are merged key by key; null removes', () => {
    const merged = mergeSettings({ a: 1, b: { c: 2 }, d: 3 }, { b: { e: 4 }, d: null, f: 'x' });
    expect(merged).toEqual({ settings: { a: 1, b: { e: 4 }, f: 'x' } });
  });

  it.each<[string, object, object]>([
    ['16 KiB', {}, { a: value }],
    ['room that another key leaves', { b: 1, a: value }, { b: null }],
    ['20 levels', {}, nested(19)],
    ['any valid text', {}, { a: '\\ud800', b: '😀' }],
  ])('hold %s', (_, current, patch) => {
    expect(mergeSettings({ ...current }, { ...patch })).toHaveProperty('settings');
  });

  it.each<[string, object, object, string]>([
    ['a byte more', {}, { a: `${value}x` }, 'too_big'],
    ['more than 16 KiB with what was there', { b: 1 }, { a: value }, 'too_big'],
    ['16 KiB of characters that take two bytes', {}, { a: 'ñ'.repeat(8 * 1024) }, 'too_big'],
    ['21 levels', {}, nested(20), 'too_deep'],
    ['a lone surrogate, which jsonb refuses', {}, { a: '\ud800' }, 'ill_formed'],
    ['one in a key', {}, { '\udfff': 1 }, 'ill_formed'],
  ])('do not hold %s', (_, current, patch, code) => {
    expect(mergeSettings({ ...current }, { ...patch })).toMatchObject({ problem: { code } });
  });

  it('are compared by key', () => {
    expect(flatSettings({ a: 1, b: { c: 2 } })).toEqual({ 'settings.a': 1, 'settings.b': { c: 2 } });
  });
});

it.each([
  ['America/Lima', true],
  ['America/Argentina/Buenos_Aires', true],
  ['UTC', true],
  ['+05:00', false],
  ['America/Nowhere', false],
  ['', false],
])('%s is a time zone: %s', (name, expected) => {
  expect(isTimeZone(name)).toBe(expected);
});
