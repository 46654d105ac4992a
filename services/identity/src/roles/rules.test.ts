import { PERMISSION_NAMES, type Permission, permissionsOf, type Role } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { isWithin, rightsOf } from './rules.ts';

const builtIn = (role: Role) => rightsOf({ role, customRole: null });
const person = (role: Role, permissions: readonly string[] = permissionsOf(role)) => ({
  role,
  permissions: [...permissions],
});
const key = (permissions: readonly string[]) => ({ role: 'key' as const, permissions: [...permissions] });

describe('rights', () => {
  it('of a built-in role are its own, and those of a tenant’s role are its listed ones that still exist', () => {
    expect(builtIn('agent').permissions).toEqual(permissionsOf('agent'));
    const customRole = { permissions: ['chats.read', 'gone.since', 'users.read'] };
    expect(rightsOf({ role: 'agent', customRole })).toEqual({
      role: 'agent',
      permissions: ['users.read', 'chats.read'],
    });
  });

  it.each<[Role, Role, boolean]>([
    ['admin', 'admin', true],
    ['admin', 'agent', true],
    ['supervisor', 'admin', false],
    ['supervisor', 'supervisor', true],
    ['supervisor', 'agent', true],
    ['agent', 'supervisor', false],
    ['agent', 'agent', true],
  ])('of a %s hold those of a %s: %s', (one, other, expected) => {
    expect(isWithin(person(one), builtIn(other))).toBe(expected);
  });

  it('are exceeded by one more permission, and by a higher role without permissions', () => {
    for (const permission of PERMISSION_NAMES) {
      const without = permissionsOf('admin').filter((name) => name !== permission);
      expect(isWithin(person('admin', without), { role: 'agent', permissions: [permission] })).toBe(false);
      expect(isWithin(person('admin', without), builtIn('admin'))).toBe(false);
    }
    expect(isWithin(person('supervisor', PERMISSION_NAMES), { role: 'admin', permissions: [] })).toBe(false);
  });

  it('of a key include the roles whose permissions it holds', () => {
    expect(isWithin(key(PERMISSION_NAMES), builtIn('admin'))).toBe(true);
    const some: Permission[] = [...permissionsOf('agent'), 'users.create'];
    expect(isWithin(key(some), builtIn('agent'))).toBe(true);
    expect(isWithin(key(some), { role: 'supervisor', permissions: [] })).toBe(false);
    expect(isWithin(key(['users.create']), { role: 'agent', permissions: [] })).toBe(false);
  });

  it('are none for a service: it gives no rights', () => {
    expect(isWithin({ role: 'service', permissions: [...PERMISSION_NAMES] }, builtIn('agent'))).toBe(false);
  });
});
