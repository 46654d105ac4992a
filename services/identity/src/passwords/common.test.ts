import { describe, expect, it } from 'vitest';
import { isCommonPassword, refuseCommonPassword } from './common.ts';

describe('common passwords', () => {
  it.each(['12345678', 'Password1', 'QWERTYUIOP', 'contraseña1', 'flamengo', 'zzzzzzzzzzz', '23456789', 'ihgfedcba'])(
    'include %s',
    (password) => {
      expect(isCommonPassword(password)).toBe(true);
    },
  );

  it.each(['password123', 'senha123', 'Password123!', 'NewPassword456!', 'SecurePass123', 'newpass456'])(
    'do not include %s of the public documents',
    (password) => {
      expect(isCommonPassword(password)).toBe(false);
    },
  );

  it('are refused by the name of the field', () => {
    expect(() => refuseCommonPassword('correct horse battery staple')).not.toThrow();
    expect(() => refuseCommonPassword('12345678')).toThrowError(
      expect.objectContaining({ code: 'validation_failed', details: [expect.objectContaining({ field: 'password' })] }),
    );
  });
});
