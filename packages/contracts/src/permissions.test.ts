import { describe, expect, it } from 'vitest';
import { PERMISSIONS, permissionsOf } from './permissions.ts';

describe('permissions', () => {
  it('give an admin everything', () => {
    expect(permissionsOf('admin')).toEqual(Object.keys(PERMISSIONS));
  });

  it('hold every name that crm.md gives an endpoint, also for endpoints that do not exist yet', () => {
    const documented = [
      'users.create',
      'users.update',
      'users.delete',
      'campaigns.create',
      'whatsapp.numbers.manage',
      'chats.assign',
      'chats.transfer',
      'chats.close',
      'messages.create',
      'backups.create',
      'backups.restore',
    ];
    expect(documented.filter((name) => !(name in PERMISSIONS))).toEqual([]);
  });

  it('let an agent answer customers but not manage people, numbers or the AI', () => {
    const agent = permissionsOf('agent');
    expect(agent).toContain('messages.create');
    expect(agent).not.toContain('users.create');
    expect(agent).not.toContain('whatsapp.numbers.manage');
    expect(agent).not.toContain('ai.manage');
  });
});
