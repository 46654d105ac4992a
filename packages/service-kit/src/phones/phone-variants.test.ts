import { describe, expect, it } from 'vitest';
import { phoneKey, phoneVariants } from './phone-variants.ts';

describe('phoneVariants', () => {
  it.each([
    ['Brazil, mobile with the ninth digit', '5511987654321', ['5511987654321', '551187654321']],
    ['Brazil, mobile without it', '551187654321', ['551187654321', '5511987654321']],
    ['Brazil, a landline stays alone', '551132654321', ['551132654321']],
    ['Brazil, nine digits whose rest would be a landline', '5511932654321', ['5511932654321']],
    ['Mexico with the mobile mark', '5215512345678', ['5215512345678', '525512345678']],
    ['Mexico without it', '525512345678', ['525512345678', '5215512345678']],
    ['Argentina with the mobile mark', '5491112345678', ['5491112345678', '541112345678']],
    ['Argentina without it', '541112345678', ['541112345678', '5491112345678']],
    ['a plus sign is no part of it', '+5215512345678', ['5215512345678', '525512345678']],
    ['Peru has one spelling', '51999888777', ['51999888777']],
    ['the United States too', '15551234567', ['15551234567']],
    ['a hidden sender', '123456789@lid', ['123456789@lid']],
  ])('%s', (_, waId, expected) => {
    expect(phoneVariants(waId)).toEqual(expected);
  });

  it('gives the same set from each of its members', () => {
    for (const number of ['5511987654321', '5215512345678', '5491112345678', '51999888777']) {
      const set = phoneVariants(number).toSorted();
      for (const member of set) expect(phoneVariants(member).toSorted()).toEqual(set);
    }
  });
});

describe('phoneKey', () => {
  it('is the same for all spellings of a number, and differs between numbers', () => {
    expect(phoneKey('+5511987654321')).toBe(phoneKey('551187654321'));
    expect(phoneKey('5215512345678')).toBe(phoneKey('+525512345678'));
    expect(phoneKey('5511932654321')).not.toBe(phoneKey('551132654321'));
  });

  it.each([null, '123@lid', 'maria.silva', ''])('is null for %j', (value) => {
    expect(phoneKey(value)).toBeNull();
  });
});
