import { expect, test } from 'vitest';
import { faultOf } from './standing.ts';

test.each([
  ['CONNECTED', 'CLOUD_API', null],
  ['FLAGGED', 'CLOUD_API', null],
  ['RESTRICTED', 'CLOUD_API', null],
  ['RATE_LIMITED', 'CLOUD_API', null],
  ['PENDING', 'CLOUD_API', null],
  ['UNVERIFIED', 'CLOUD_API', null],
  ['A_NEW_WORD', 'CLOUD_API', null],
  [undefined, undefined, null],
  ['BANNED', 'CLOUD_API', /banned/],
  ['DISCONNECTED', 'NOT_APPLICABLE', /not registered/],
  ['PENDING', 'NOT_APPLICABLE', /not registered/],
  ['UNVERIFIED', 'NOT_APPLICABLE', /not verified/],
  ['MIGRATED', 'NOT_APPLICABLE', /not at this business account/],
  ['DELETED', 'NOT_APPLICABLE', /not at this business account/],
])('a number that is %s on %s has the fault %s', (status, platform_type, fault) => {
  const found = faultOf({ status, platform_type });
  if (fault === null) expect(found).toBeNull();
  else expect(found).toMatch(fault);
});
