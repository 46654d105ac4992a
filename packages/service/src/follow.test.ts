import {
  buildEvent,
  type Envelope,
  type EventContract,
  tenantUpdated,
  userDeleted,
  userUpdated,
  uuidv7,
} from '@recado/contracts';
import type { Delivered } from '@recado/messaging';
import { describe, expect, it } from 'vitest';
import { toKnownTenant } from './follow-tenants.ts';
import { toKnownUser } from './follow-users.ts';

const tenantId = uuidv7();
const time = new Date('2026-01-15T10:00:00.000Z');

/** An event as a consumer hands it over. */
function delivered<D>(event: EventContract, data: D): Delivered<D> {
  const { envelope } = buildEvent(event, { tenantId, time, data });
  return { envelope: envelope as Envelope<D>, data, tenantId, id: envelope.id, seq: 1, replay: false };
}

describe('a tenant', () => {
  const data = {
    tenantId,
    name: 'Tienda',
    slug: 'tienda',
    plan: 'pro',
    status: 'active',
    timezone: 'America/Lima',
    language: 'es',
  } as const;

  it('is known by its plan, time zone and country, at the time of the event', () => {
    expect(toKnownTenant(delivered(tenantUpdated, { ...data, country: 'PE' }))).toEqual({
      tenantId,
      plan: 'pro',
      timezone: 'America/Lima',
      country: 'PE',
      changedAt: time.toISOString(),
    });
  });

  it('of an older event has no country', () => {
    expect(toKnownTenant(delivered(tenantUpdated, data))).toMatchObject({ country: null });
  });
});

const NAMES = { email: 'eva@example.com', firstName: 'Eva', lastName: 'Gómez' };

describe('a user', () => {
  const data = { ...NAMES, userId: uuidv7(), role: 'agent', status: 'active' } as const;

  it('is known by role and status, without name and e-mail', () => {
    const known = toKnownUser(delivered(userUpdated, { ...data, changed: ['role'] }), false);
    expect(known).toEqual({
      tenantId,
      id: data.userId,
      role: 'agent',
      status: 'active',
      changedAt: time.toISOString(),
      changeId: expect.any(String),
    });
  });

  it('who was removed is known as removed, whatever the status was', () => {
    expect(toKnownUser(delivered(userDeleted, data), true)).toMatchObject({ status: 'removed' });
  });
});
