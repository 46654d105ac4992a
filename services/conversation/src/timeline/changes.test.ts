import { expect, it } from 'vitest';
import { type ChangedFields, kindsOf } from './changes.ts';

it.each<[string, ChangedFields, string[]]>([
  [
    'a close, with what went along',
    { status: { from: 'assigned', to: 'closed' }, assignedUserId: { from: 'u', to: null } },
    ['chat.closed'],
  ],
  [
    'a reopening for an agent',
    { status: { from: 'closed', to: 'assigned' }, assignedUserId: { from: null, to: 'u' } },
    ['chat.reopened', 'chat.assigned'],
  ],
  [
    'an assignment',
    { status: { from: 'new', to: 'assigned' }, assignedUserId: { from: null, to: 'u' } },
    ['chat.assigned'],
  ],
  ['a return to those who wait', { assignedUserId: { from: 'u', to: null } }, ['chat.queued']],
  ['a campaign', { campaignId: { from: null, to: 'c' } }, ['chat.campaign']],
  ['a priority, which is no news of a timeline', { priority: { from: 'low', to: 'high' } }, []],
])('%s is told as its kinds', (_title, changes, kinds) => {
  expect(kindsOf(changes).map(({ kind }) => kind)).toEqual(kinds);
});
