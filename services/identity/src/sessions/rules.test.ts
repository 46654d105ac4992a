import { uuidv7 } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { PARALLEL_MS, presented } from './rules.ts';
import type { PresentedToken } from './store.ts';

const token = (given: Partial<PresentedToken> = {}): PresentedToken => ({
  sessionId: uuidv7(),
  userId: uuidv7(),
  edition: 'saas',
  usedMsAgo: null,
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
    ['used after the request came in was sent in parallel', token({ usedMsAgo: 40 }), 60, 'parallel'],
    [
      'used just before is parallel: its successor is not out yet',
      token({ usedMsAgo: PARALLEL_MS - 1 }),
      0,
      'parallel',
    ],
    ['used when the successor was out is a replay', token({ usedMsAgo: PARALLEL_MS }), 0, 'replayed'],
    ['used long ago is a replay, however long this request waited', token({ usedMsAgo: 90_000 }), 500, 'replayed'],
    ['used is a replay though its family is dead', token({ usedMsAgo: 90_000, revoked: true }), 0, 'replayed'],
  ] as const)('%s', (_, presentedToken, waitedMs, expected) => {
    expect(presented(presentedToken, 'saas', waitedMs)).toBe(expected);
  });
});
