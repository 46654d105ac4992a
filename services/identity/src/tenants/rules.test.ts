import { describe, expect, it } from 'vitest';
import { flatSettings, isTimeZone, mergeSettings } from './rules.ts';

describe('settings', () => {
  it('are merged key by key; null removes', () => {
    const merged = mergeSettings({ a: 1, b: { c: 2 }, d: 3 }, { b: { e: 4 }, d: null, f: 'x' });
    expect(merged).toEqual({ a: 1, b: { e: 4 }, f: 'x' });
  });

  it('hold 16 KiB and no more, counted in bytes and with what was there', () => {
    const value = 'x'.repeat(16 * 1024 - '{"a":""}'.length);
    expect(mergeSettings({}, { a: value })).toEqual({ a: value });
    expect(() => mergeSettings({}, { a: `${value}x` })).toThrow();
    expect(() => mergeSettings({ b: 1 }, { a: value })).toThrow();
    expect(() => mergeSettings({}, { a: 'ñ'.repeat(8 * 1024) })).toThrow();
    expect(mergeSettings({ b: 1, a: value }, { b: null })).toEqual({ a: value });
  });

  it('are 20 levels deep at most', () => {
    const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
    expect(() => mergeSettings({}, nested(19) as Record<string, unknown>)).not.toThrow();
    expect(() => mergeSettings({}, nested(20) as Record<string, unknown>)).toThrow();
  });

  it('are valid Unicode: jsonb takes no lone surrogate', () => {
    expect(() => mergeSettings({}, { a: '\ud800' })).toThrow();
    expect(() => mergeSettings({}, { '\udfff': 1 })).toThrow();
    expect(mergeSettings({}, { a: '\\ud800', b: '😀' })).toEqual({ a: '\\ud800', b: '😀' });
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
