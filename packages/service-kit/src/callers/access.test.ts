import { describe, expect, it } from 'vitest';
import { isAllowed } from './access.ts';
import type { Caller } from './caller.ts';

const caller = (more: Partial<Caller> = {}): Caller => ({
  tenantId: 't',
  userId: 'ana',
  role: 'agent',
  permissions: ['chats.read'],
  edition: 'crm',
  service: 'gateway',
  ...more,
});

describe('access', () => {
  it('is given only to a caller that holds every permission', () => {
    expect(isAllowed(caller(), { permissions: ['chats.read'] })).toBe(true);
    expect(isAllowed(caller(), { permissions: ['chats.read', 'messages.read'] })).toBe(false);
    expect(isAllowed(caller({ permissions: [] }), { permissions: ['chats.read'] })).toBe(false);
    expect(isAllowed(caller({ role: 'admin', permissions: [] }), { permissions: ['chats.read'] })).toBe(false);
  });

  it('to a user’s own data is given to that user alone', () => {
    expect(isAllowed(caller(), { permissions: [], person: 'ana' })).toBe(true);
    expect(isAllowed(caller(), { permissions: [], person: 'luis' })).toBe(false);
    expect(isAllowed(caller({ userId: null }), { permissions: [], person: null })).toBe(false);
    expect(isAllowed(caller({ permissions: [] }), { permissions: ['chats.read'], person: 'ana' })).toBe(false);
  });

  it('to rows with a creator follows the scheduler edition’s rule', () => {
    const made = { permissions: [], createdBy: 'luis' };
    expect(isAllowed(caller({ edition: 'scheduler' }), made)).toBe(false);
    expect(isAllowed(caller({ edition: 'scheduler', userId: 'luis' }), made)).toBe(true);
    expect(isAllowed(caller({ edition: 'scheduler', role: 'admin' }), made)).toBe(true);
    expect(isAllowed(caller({ edition: 'scheduler', userId: null }), { permissions: [], createdBy: null })).toBe(false);
    expect(isAllowed(caller({ edition: 'crm' }), made)).toBe(true);
  });
});
