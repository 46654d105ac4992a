import { describe, expect, it } from 'vitest';
import { newOpaqueToken } from '../tokens/opaque-token.ts';
import { codeOf, isCode } from './code.ts';

const TENANT = '0190a7c0-0000-7000-8000-000000000001';

describe('the code of a token', () => {
  it('is eight digits, the same each time, and another for another token', () => {
    const codes = Array.from({ length: 200 }, () => {
      const token = newOpaqueToken(TENANT);
      expect(codeOf(token)).toBe(codeOf(token));
      expect(codeOf(token)).toMatch(/^\d{8}$/);
      return codeOf(token);
    });
    expect(new Set(codes).size).toBeGreaterThan(195);
  });

  it('is right only for its own token', () => {
    const token = newOpaqueToken(TENANT);
    expect(isCode(token, codeOf(token))).toBe(true);
    expect(isCode(token, String((Number(codeOf(token)) + 1) % 1e8).padStart(8, '0'))).toBe(false);
    expect(isCode(newOpaqueToken(TENANT), codeOf(token))).toBe(false);
  });
});
