import { expect, test } from 'vitest';
import { normalisePhone } from './phone.ts';

test.each([
  ['+55 11 98765-4321', '+5511987654321'],
  ['5511987654321', '+5511987654321'],
  ['0055 (11) 98765-4321', '+5511987654321'],
  ['+1 555 010 9999', '+15550109999'],
  ['+52 1 55 1234 5678', '+525512345678'],
  ['5215512345678', '+525512345678'],
  ['+52 55 1234 5678', '+525512345678'],
])('%s → %s', (given, expected) => {
  expect(normalisePhone(given)).toBe(expected);
});

test.each(['', 'abc', '+999123', '12', '+55', `+55${'1'.repeat(30)}`])('%s is refused, naming the field', (given) => {
  expect(() => normalisePhone(given)).toThrow(
    expect.objectContaining({ code: 'validation_failed', details: [expect.objectContaining({ field: 'phone' })] }),
  );
});
