import { expect, test } from 'vitest';
import { faultOf, standingOf } from './standing.ts';

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

const blocked = (health: object) => faultOf({ status: 'CONNECTED', platform_type: 'CLOUD_API', health_status: health });

test('a number that may not send has the reasons and remedies of each part that blocks it', () => {
  const unpaid = { error_code: 141006, error_description: 'No payment method.', possible_solution: 'Add one.' };
  const entities = [
    { entity_type: 'PHONE_NUMBER', id: '1', can_send_message: 'AVAILABLE' },
    { entity_type: 'WABA', id: '2', can_send_message: 'BLOCKED', errors: [unpaid, null, { error_code: 141099 }] },
    { entity_type: 'BUSINESS', id: '3', can_send_message: 'LIMITED', additional_info: ['Not verified yet.', 7] },
  ];
  const health = { can_send_message: 'BLOCKED', entities };
  expect(blocked(health)).toBe('WhatsApp does not let this number send (No payment method. Add one. 141099)');
  expect(standingOf(health)).toEqual({
    canSend: 'BLOCKED',
    problems: [
      { entity: 'WABA', canSend: 'BLOCKED', code: '141006', text: 'No payment method.', solution: 'Add one.' },
      { entity: 'WABA', canSend: 'BLOCKED', code: '141099', text: '141099', solution: null },
      { entity: 'BUSINESS', canSend: 'LIMITED', code: null, text: 'Not verified yet.', solution: null },
    ],
  });
});

test.each([
  ['that is limited', { can_send_message: 'LIMITED', entities: [{ can_send_message: 'LIMITED' }] }, null],
  ['that is well', { can_send_message: 'AVAILABLE', entities: [] }, null],
  ['whose reasons are not told', { can_send_message: 'BLOCKED' }, 'WhatsApp does not let this number send'],
])('a number %s has the fault %j', (_title, health, fault) => {
  expect(blocked(health)).toBe(fault);
});

test('a number of which nothing is told has no standing, and of many problems twenty are kept', () => {
  expect([undefined, null, [], 'BLOCKED', {}].map(standingOf)).toEqual([null, null, null, null, null]);
  const entities = [{ entity_type: 'APP', can_send_message: 'LIMITED', additional_info: Array(50).fill('x') }];
  expect(standingOf({ can_send_message: 'LIMITED', entities })!.problems).toHaveLength(20);
});
