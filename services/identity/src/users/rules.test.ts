import { describe, expect, it } from 'vitest';
import { type AccessState, changesAccess, isProfileOnly, losesAdmin } from './rules.ts';

const narrow = { id: 'r', name: 'r', displayName: 'R', permissions: [] };
const admin: AccessState = { id: 'u', role: 'admin', customRole: null, status: 'active' };

describe('a change of access', () => {
  it.each<[string, AccessState, AccessState | null, boolean, boolean]>([
    ['nothing', admin, admin, false, false],
    ['another role', admin, { ...admin, role: 'agent' }, true, true],
    ['a narrower role of the same base', admin, { ...admin, customRole: narrow }, true, true],
    ['suspension', admin, { ...admin, status: 'suspended' }, true, true],
    ['removal', admin, null, true, true],
    ['a supervisor’s removal', { ...admin, role: 'supervisor' }, null, true, false],
    ['an inactive admin’s removal', { ...admin, status: 'inactive' }, null, true, false],
    ['becoming an admin', { ...admin, role: 'agent' }, admin, true, false],
    ['losing a narrower role', { ...admin, customRole: narrow }, admin, true, false],
    [
      'another narrower role',
      { ...admin, customRole: narrow },
      { ...admin, customRole: { ...narrow, id: 's' } },
      true,
      false,
    ],
  ])('by %s', (_, before, after, changes, loses) => {
    expect(changesAccess(before, after)).toBe(changes);
    expect(losesAdmin(before, after)).toBe(loses);
  });
});

it.each([
  [{}, true],
  [{ firstName: 'A', lastName: '', phone: null, avatarUrl: null }, true],
  [{ firstName: 'A', email: 'a@b.example' }, false],
  [{ autoAssign: true }, false],
])('%o is a profile’s alone: %s', (input, expected) => {
  expect(isProfileOnly(input)).toBe(expected);
});
