import { describe, expect, test } from 'vitest';
import { countryOf, countryOfTimeZone, normalisePhone, readPhone } from './phone.ts';

test.each([
  ['310 446 0018', 'CO', '+573104460018'],
  ['3104460018', 'CO', '+573104460018'],
  ['(11) 98765-4321', 'BR', '+5511987654321'],
  ['011 98765-4321', 'BR', '+5511987654321'],
  ['(11) 8765-4321', 'BR', '+551187654321'],
  ['55 1234 5678', 'MX', '+525512345678'],
  ['11 15 2345-6789', 'AR', '+5491123456789'],
  ['999 888 777', 'PE', '+51999888777'],
  ['\u202A310\u00A0446\u20110018\u202C', 'CO', '+573104460018'],
  ['\uFEFF+57\u00A0310\u2011446\u20130018\u200E', 'PE', '+573104460018'],
  ['00 57 310 446 0018', 'PE', '+573104460018'],
  ['＋５７ ３１０ ４４６ ００１８', 'PE', '+573104460018'],
  ['+55 (011) 98765-4321', 'BR', '+5511987654321'],
  ['+52 1 55 1234 5678', 'MX', '+5215512345678'],
  ['+1 555 010 9999', 'PE', '+15550109999'],
] as const)('%j is read in %s as %s', (given, country, expected) => {
  expect(readPhone(given, country)).toEqual({ phone: expected, other: null });
});

test.each([
  ['573104460018', 'PE', '+573104460018'],
  ['551187654321', 'PE', '+551187654321'],
  ['5215512345678', 'PE', '+5215512345678'],
  ['5511987654321', null, '+5511987654321'],
  ['51999888777', 'PE', '+51999888777'],
] as const)('bare digits with a country code, as WhatsApp writes %s, are read as such', (given, country, expected) => {
  expect(readPhone(given, country).phone).toBe(expected);
});

test.each([
  ['310 446 0018', 'PE'],
  ['310 446 0018', null],
  ['(11) 98765-4321', 'CO'],
  ['55 1234 5678', 'BR'],
  ['8765-4321', 'BR'],
  ['+999123', 'PE'],
  ['+0573001234567', 'CO'],
  [`+55${'1'.repeat(30)}`, 'BR'],
  ['abc', 'CO'],
  ['', 'CO'],
] as const)('%j is no phone in %s', (given, country) => {
  expect(readPhone(given, country).phone).toBeNull();
});

describe('bare digits with two readings', () => {
  test('are a number of the country, and the international reading is returned beside it', () => {
    expect(readPhone('51987654321', 'BR')).toEqual({ phone: '+5551987654321', other: '+51987654321' });
  });
  test('have one reading when they are written with separators', () => {
    expect(readPhone('(51) 98765-4321', 'BR')).toEqual({ phone: '+5551987654321', other: null });
  });
  test('have only the reading that is known when neither is a valid number', () => {
    expect(readPhone('15550109999', 'PE')).toEqual({ phone: null, other: '+15550109999' });
  });
});

test.each([
  ['America/Bogota', 'CO'],
  ['America/Sao_Paulo', 'BR'],
  ['Brazil/East', 'BR'],
  ['America/Argentina/Buenos_Aires', 'AR'],
  ['America/Buenos_Aires', 'AR'],
  ['America/Lima', 'PE'],
  ['America/Cancun', 'MX'],
  ['UTC', null],
  ['Etc/GMT+5', null],
  ['no zone', null],
])('the time zone %s belongs to %s', (zone, country) => {
  expect(countryOfTimeZone(zone)).toBe(country);
});

test('the country a tenant set wins over the one of its time zone', () => {
  expect(countryOf({ country: 'MX', timezone: 'America/Bogota' })).toBe('MX');
  expect(countryOf({ country: null, timezone: 'America/Bogota' })).toBe('CO');
});

test.each([
  ['+55 11 98765-4321', '+5511987654321'],
  ['0055 (11) 98765-4321', '+5511987654321'],
  ['+52 1 55 1234 5678', '+525512345678'],
  ['5215512345678', '+525512345678'],
])('the number of a channel or user %s is kept as %s', (given, expected) => {
  expect(normalisePhone(given, null)).toBe(expected);
});

test.each([
  ['8765-4321', 'BR', 'phone_country'],
  ['8765-4321', null, 'phone'],
] as const)('a refusal of %s in %s names the field', (given, country, code) => {
  expect(() => normalisePhone(given, country)).toThrow(
    expect.objectContaining({
      code: 'validation_failed',
      details: [expect.objectContaining({ field: 'phone', code })],
    }),
  );
});
