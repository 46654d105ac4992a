import { uuidv7 } from '@recado/contracts';
import { generateSecret, generateSync } from 'otplib';
import { describe, expect, it } from 'vitest';
import { hashBackupCode, isTimeCode, newBackupCodes, STEP_SECONDS, stepOf } from './codes.ts';

const secret = generateSecret();
const now = 1_795_252_035_000;
const step = Math.floor(now / 1000 / STEP_SECONDS);
const codeAt = (offset: number) => generateSync({ secret, epoch: now / 1000 + offset * STEP_SECONDS });

describe('a code of the authenticator', () => {
  it.each([
    [-2, null],
    [-1, step - 1],
    [0, step],
    [1, step + 1],
    [2, null],
  ])('%i steps away belongs to step %s', (offset, expected) => {
    expect(stepOf(secret, codeAt(offset), now)).toBe(expected);
  });

  it('holds to the edge of its step', () => {
    const edge = (step + 1) * STEP_SECONDS * 1000 - 1;
    expect(stepOf(secret, codeAt(-1), edge)).toBe(step - 1);
    expect(stepOf(secret, codeAt(-1), edge + 1)).toBeNull();
  });

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('is never %j', (code) => {
    expect(isTimeCode(code)).toBe(false);
    expect(stepOf(secret, code, now)).toBeNull();
  });
});

describe('backup codes', () => {
  it('are ten, all different, short enough to type, and no time codes', () => {
    const codes = newBackupCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}$/);
      expect(isTimeCode(code)).toBe(false);
    }
  });

  it('are the same however they are typed, and another user’s are others', () => {
    const [user, other] = [uuidv7(), uuidv7()];
    expect(hashBackupCode(user, ' K7MP x2qd9RTA')).toEqual(hashBackupCode(user, 'k7mp-x2qd-9rta'));
    expect(hashBackupCode(other, 'k7mp-x2qd-9rta')).not.toEqual(hashBackupCode(user, 'k7mp-x2qd-9rta'));
  });
});
