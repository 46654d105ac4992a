import { EDITIONS } from '@recado/contracts';
import { describe, expect, it } from 'vitest';
import { Forbidden } from '../http/errors.ts';
import type { Caller } from './caller.ts';
import { serviceCaller } from './caller.ts';
import { ownerSeenBy } from './own-resources.ts';

const caller = (given: Partial<Caller>): Caller => ({
  tenantId: 't',
  userId: 'u',
  role: 'agent',
  permissions: [],
  edition: 'scheduler',
  service: 'gateway',
  ...given,
});

describe('the creator whose rows a caller sees', () => {
  it.each<[Caller['role'], string | null]>([
    ['agent', 'u'],
    ['supervisor', 'u'],
    ['admin', null],
  ])('in scheduler, as %s: %s', (role, owner) => {
    expect(ownerSeenBy(caller({ role }))).toBe(owner);
  });

  it.each([...EDITIONS.filter((edition) => edition !== 'scheduler'), null])('in %s: everybody’s', (edition) => {
    for (const role of ['agent', 'supervisor', 'admin'] as const) {
      expect(ownerSeenBy(caller({ edition, role }))).toBeNull();
    }
  });

  it('is none for an API key or a service: they see all rows, with any permissions', () => {
    expect(ownerSeenBy(caller({ role: 'key', userId: null, apiKeyId: 'k' }))).toBeNull();
    expect(ownerSeenBy(serviceCaller('scheduler', 't'))).toBeNull();
    expect(ownerSeenBy({ ...serviceCaller('gateway', 't'), edition: 'scheduler' })).toBeNull();
  });

  it('is refused for a user without an id', () => {
    expect(() => ownerSeenBy(caller({ userId: null }))).toThrow(Forbidden);
  });
});
