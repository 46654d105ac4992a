import { randomUUID } from 'node:crypto';
import { buildEvent, type User, userCreated, userDeleted, userUpdated } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, type Fixture } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('users');
  service = await fixture.start();
});
afterAll(() => fixture.close());

/** A user of a tenant, and identity's events about it. */
function someone(tenantId: string = randomUUID()) {
  const userId = randomUUID();
  const person = { userId, email: 'ana@example.com', firstName: 'Ana', lastName: 'Paz' };
  const facts = { ...person, role: 'agent' as const, status: 'active' as User['status'] };
  const at = (minute: number) => new Date(`2026-05-01T10:0${minute}:00.000Z`);
  return {
    tenantId,
    userId,
    created: buildEvent(userCreated, { tenantId, subject: userId, time: at(1), data: facts }),
    updated: (minute: number, given: Partial<Pick<User, 'role' | 'status'>>) =>
      buildEvent(userUpdated, {
        tenantId,
        subject: userId,
        time: at(minute),
        data: { ...facts, ...given, changed: Object.keys(given) },
      }),
    removed: buildEvent(userDeleted, { tenantId, subject: userId, time: at(5), data: facts }),
    known: () => service.deps.users.get(tenantId, userId),
  };
}
type Someone = ReturnType<typeof someone>;
const is = (one: Someone, expected: Partial<Awaited<ReturnType<Someone['known']>>>) =>
  eventually(async () => expect(await one.known()).toMatchObject(expected));

describe('users of identity', () => {
  it('are known from their events: created, with another role, deactivated, removed', async () => {
    const ana = someone();
    await fixture.publish([ana.created]);
    await is(ana, { role: 'agent', status: 'active' });
    await fixture.publish([ana.updated(2, { role: 'supervisor' })]);
    await is(ana, { role: 'supervisor', status: 'active' });
    await fixture.publish([ana.updated(3, { role: 'supervisor', status: 'inactive' })]);
    await is(ana, { status: 'inactive' });
    await fixture.publish([ana.removed]);
    await is(ana, { status: 'removed' });
  });

  it('are the same after events in another order and twice', async () => {
    const ana = someone();
    const suspended = ana.updated(4, { status: 'suspended' });
    await fixture.publish([suspended]);
    await is(ana, { status: 'suspended' });
    await fixture.publish([ana.updated(2, { role: 'supervisor' }), ana.created, suspended, ana.created]);
    // Each kind of event has its own reader. It handles these after the others.
    const [joined, promoted] = [someone(), someone()];
    await fixture.publish([joined.created, promoted.updated(2, { role: 'admin' })]);
    await Promise.all([is(joined, { role: 'agent' }), is(promoted, { role: 'admin' })]);
    await is(ana, { role: 'agent', status: 'suspended' });
  });

  it('who were there before the service listened are asked for once', async () => {
    const ana = someone();
    fixture.identity.users.set(ana.userId, { tenantId: ana.tenantId, role: 'supervisor', status: 'active' });
    expect(await ana.known()).toMatchObject({ role: 'supervisor', status: 'active' });
    expect(await ana.known()).toMatchObject({ role: 'supervisor' });
    expect(fixture.identity.askedUsers.filter((id) => id === ana.userId)).toHaveLength(1);
    await fixture.publish([ana.updated(3, { status: 'inactive' })]);
    await is(ana, { role: 'agent', status: 'inactive' });
  });

  it('of another tenant, or of none, are not found', async () => {
    const [ana, other] = [someone(), someone()];
    await fixture.publish([ana.created]);
    await is(ana, { status: 'active' });
    fixture.identity.users.set(ana.userId, { tenantId: ana.tenantId, role: 'agent', status: 'active' });
    await expect(service.deps.users.get(other.tenantId, ana.userId)).rejects.toMatchObject({ code: 'not_found' });
    await expect(other.known()).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are asked for again after identity was away', async () => {
    const ana = someone();
    fixture.identity.users.set(ana.userId, { tenantId: ana.tenantId, role: 'agent', status: 'active' });
    fixture.identity.away = true;
    await expect(ana.known()).rejects.toMatchObject({ code: 'unavailable' });
    fixture.identity.away = false;
    expect(await ana.known()).toMatchObject({ status: 'active' });
  });
});
