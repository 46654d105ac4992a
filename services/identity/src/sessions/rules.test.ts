import { uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { presented } from './rules.ts';
import type { PresentedToken } from './store.ts';

const GRACE_MS = 30_000;
const token = (given: Partial<PresentedToken> = {}): PresentedToken => ({
  sessionId: uuidv7(),
  userId: uuidv7(),
  edition: 'saas',
  usedMsAgo: null,
  successorSalt: null,
  familyMovedOn: false,
  expired: false,
  revoked: false,
  ...given,
});

describe('a refresh token', () => {
  it.each([
    ['is fresh until it is used', token(), 0, 'fresh'],
    ['that nobody issued is unknown', null, 0, 'unknown'],
    ['of another edition is unknown', token({ edition: 'crm' }), 0, 'unknown'],
    ['of an ended session is unknown', token({ revoked: true }), 0, 'unknown'],
    ['dies by itself', token({ expired: true }), 0, 'expired'],
    ['used after the request came in gets its successor again', token({ usedMsAgo: 40 }), 60, 'repeated'],
    ['used within the grace period gets its successor again', token({ usedMsAgo: GRACE_MS - 1 }), 0, 'repeated'],
    ['used before the grace period is a replay', token({ usedMsAgo: GRACE_MS }), 0, 'replayed'],
    ['counts the grace period to the arrival of the request', token({ usedMsAgo: GRACE_MS + 400 }), 500, 'repeated'],
    ['whose family moved on is a replay', token({ usedMsAgo: 40, familyMovedOn: true }), 0, 'replayed'],
    ['of an ended session gets nothing again', token({ usedMsAgo: 40, revoked: true }), 0, 'unknown'],
    ['used is a replay though its family is dead', token({ usedMsAgo: 90_000, revoked: true }), 0, 'replayed'],
  ] as const)('%s', (_, presentedToken, waitedMs, expected) => {
    expect(presented(presentedToken, 'saas', waitedMs, GRACE_MS)).toBe(expected);
  });
});
