import { EDITIONS } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { accessSeconds, hasRefreshTokens, LONGEST_ACCESS_SECONDS } from './lifetimes.ts';

describe('token lifetimes', () => {
  it.each([
    ['saas', 900],
    ['crm', 3_600],
    ['bots', 604_800],
    ['inbox', 86_400],
    ['scheduler', 86_400],
  ] as const)('an access token of %s lives %i seconds', (edition, seconds) => {
    expect(accessSeconds(edition, 'production')).toBe(seconds);
  });

  it('lets bots keep a token for 30 days in development only', () => {
    expect(accessSeconds('bots', 'development')).toBe(30 * 86_400);
  });

  it('gives refresh tokens only to saas and crm', () => {
    expect(EDITIONS.filter(hasRefreshTokens)).toEqual(['saas', 'crm']);
  });

  it('never issues a token that outlives a remembered revocation', () => {
    for (const edition of EDITIONS) {
      expect(accessSeconds(edition, 'development')).toBeLessThanOrEqual(LONGEST_ACCESS_SECONDS);
    }
  });
});
