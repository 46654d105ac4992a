import { describe, expect, it } from 'vitest';
import { type Caller, requirePermission, serviceCaller } from './caller.ts';
import { Forbidden } from './errors.ts';

const agent: Caller = {
  tenantId: 't',
  userId: 'u',
  role: 'agent',
  permissions: ['chats.read'],
  edition: 'crm',
  service: 'gateway',
};

describe('a permission', () => {
  it('lets those pass who hold it, and nobody else, whatever their role', () => {
    expect(() => requirePermission(agent, 'chats.read')).not.toThrow();
    expect(() => requirePermission(agent, 'users.create')).toThrow(Forbidden);
    expect(() => requirePermission({ ...agent, role: 'admin' }, 'users.create')).toThrow('users.create');
  });

  it('is not asked of services that act for themselves, unless it takes a person', () => {
    const service = serviceCaller('ai-responder', 't');
    expect(() => requirePermission(service, 'chats.read')).not.toThrow();
    expect(() => requirePermission(service, 'users.create', { services: false })).toThrow(Forbidden);
  });
});
