import { describe, expect, it } from 'vitest';
import { isCommonPassword, refuseCommonPassword } from './common.ts';

describe('common passwords', () => {
  it.each([
    '12345678',
    'Password1',
    'QWERTYUIOP',
    'contraseña1',
    'flamengo',
    'zzzzzzzzzzz',
    '23456789',
    'ihgfedcba',
    'Monkey123',
    'dragon2024',
    'HolaHola',
    'michelle1',
    'corazon12345',
    'tequieromucho',
    '31121990',
    '19901231',
    '12341234',
    'recado123',
  ])('include %s', (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  it.each(['password123', 'senha123', 'Password123!', 'NewPassword456!', 'SecurePass123', 'newpass456', 'oldpass123'])(
    'do not include %s of the public documents',
    (password) => {
      expect(isCommonPassword(password)).toBe(false);
    },
  );

  it.each(['correct horse battery', 'monkeys in paris', '31131990', '20261332', 'dragon-2024-x', 'Admin123!x'])(
    'do not include %s, which takes a thought',
    (password) => {
      expect(isCommonPassword(password)).toBe(false);
    },
  );

  it('are found quickly, for a password of any length', () => {
    const started = performance.now();
    for (let i = 0; i < 1000; i++) isCommonPassword(`${'ab'.repeat(127)}${i % 10}`);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('are refused by the name of the field', () => {
    expect(() => refuseCommonPassword('correct horse battery staple')).not.toThrow();
    expect(() => refuseCommonPassword('12345678')).toThrowError(
      expect.objectContaining({ code: 'validation_failed', details: [expect.objectContaining({ field: 'password' })] }),
    );
  });
});
