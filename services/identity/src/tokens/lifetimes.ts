import type { Edition } from '@recado/contracts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds a refresh token lives, counted anew at each rotation. */
export const REFRESH_SECONDS = 30 * DAY;

/** Seconds an access token of the edition lives (CONTRACTS.md, "Tokens"). */
export function accessSeconds(edition: Edition, env: 'development' | 'production'): number {
  switch (edition) {
    case 'saas':
      return 15 * MINUTE;
    case 'crm':
      return HOUR;
    case 'bots':
      return env === 'development' ? 30 * DAY : 7 * DAY;
    case 'inbox':
    case 'scheduler':
      return DAY;
  }
}

/**
 * Whether the edition has refresh tokens; the others' access tokens live long enough to do without.
 */
export const hasRefreshTokens = (edition: Edition): boolean => edition === 'saas' || edition === 'crm';

/** Seconds after which any access token issued now is dead by itself. */
export const LONGEST_ACCESS_SECONDS = 30 * DAY;
