import { describe, expect, it } from 'vitest';
import { Forbidden } from '../http/errors.ts';
import { type Caller, requirePermission, serviceCaller } from './caller.ts';

const agent: Caller = {
  tenantId: 't',
  userId: 'u',
  role: 'agent',
  permissions: ['chats.read'],
  edition: 'crm',
  service: 'gateway',
};

describe('a permission', () => {
  it('lets exactly the callers pass that hold it, in any role', () => {
    expect(() => requirePermission(agent, 'chats.read')).not.toThrow();
    expect(() => requirePermission(agent, 'users.create')).toThrow(Forbidden);
    expect(() => requirePermission({ ...agent, role: 'admin' }, 'users.create')).toThrow('users.create');
  });

  it('is not asked of services that act for themselves, unless the route needs a user', () => {
    const service = serviceCaller('ai-responder', 't');
    expect(() => requirePermission(service, 'chats.read')).not.toThrow();
    expect(() => requirePermission(service, 'users.create', { services: false })).toThrow(Forbidden);
  });
});
