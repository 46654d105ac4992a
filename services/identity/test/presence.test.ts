import { type AgentStatusChange, identityApi, type Session } from '@recado/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf, type People, peopleOf } from './people.ts';
import { call, callerOf, type Running, startForTest } from './support.ts';

let running: Running;
let people: People;
let admin: Session;
beforeAll(async () => {
  running = await startForTest();
  people = peopleOf(running);
  admin = await people.register({ plan: 'enterprise' });
});
afterAll(async () => {
  await people.sql.end();
  await running.stop();
});

const set = (by: Session, userId: string, body: object, caller = callerOf(by)) =>
  call(running, identityApi.setAgentStatus, { params: { userId }, body, caller });
const history = (by: Session, userId: string, query: Record<string, string> = {}, caller = callerOf(by)) =>
  call(running, identityApi.listAgentStatusHistory, { params: { userId }, query, caller });

describe('presence', () => {
  it('is shown with its reason and time, with one event and one audit entry', async () => {
    const session = await people.join(admin);
    const { id } = session.user;
    expect(session.user).toMatchObject({ agentStatus: 'offline', agentStatusReason: null, agentStatusAt: null });
    const before = Date.now();
    const { status, body } = await set(session, id, { agentStatus: 'paused', reason: ' Almuerzo ' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ agentStatus: 'paused', agentStatusReason: 'Almuerzo' });
    expect(Date.parse(body.agentStatusAt)).toBeGreaterThanOrEqual(before);
    expect((await people.get(admin, id)).body).toEqual(body);
    const told = (await people.events<{ userId: string }>(admin.tenant.id, 'presence.changed')).filter(
      ({ data }) => data.userId === id,
    );
    expect(told.map(({ data }) => data)).toEqual([
      { userId: id, agentStatus: 'paused', previousStatus: 'offline', reason: 'Almuerzo', at: body.agentStatusAt },
    ]);
    const audits = await people.audits(admin.tenant.id, 'user.set_agent_status');
    expect(audits.filter(({ entityId }) => entityId === id)).toMatchObject([
      { changes: { agentStatus: { from: 'offline', to: 'paused' }, reason: { from: null, to: 'Almuerzo' } } },
    ]);
  });

  it('set again to the same changes nothing; another reason does', async () => {
    const session = await people.join(admin);
    const { id } = session.user;
    const first = await set(session, id, { agentStatus: 'paused', reason: 'Almuerzo' });
    const same = await set(session, id, { agentStatus: 'paused', reason: 'Almuerzo' });
    expect(same.body).toEqual(first.body);
    await set(session, id, { agentStatus: 'paused', reason: 'Reunión' });
    expect((await history(session, id)).body.total).toBe(2);
  });

  it('has a history with the seconds each lasted', async () => {
    const session = await people.join(admin);
    const { id } = session.user;
    for (const agentStatus of ['available', 'busy', 'paused']) await set(session, id, { agentStatus });
    // 90 s available, then an hour busy.
    await people.sql`
      update identity.agent_status_changes set at = ended_at - interval '90 seconds'
      where user_id = ${id} and agent_status = 'available'`;
    await people.sql`
      update identity.agent_status_changes set ended_at = at + interval '1 hour' where user_id = ${id} and agent_status = 'busy'`;
    const { body } = await history(session, id);
    expect(body.total).toBe(3);
    expect(
      body.items.map(({ agentStatus, seconds, changedBy }: AgentStatusChange) => [agentStatus, seconds, changedBy]),
    ).toEqual([
      ['paused', null, id],
      ['busy', 3600, id],
      ['available', 90, id],
    ]);
    const second = await history(session, id, { page: '2', limit: '2' });
    expect(second.body).toMatchObject({ total: 3, items: [{ agentStatus: 'available' }] });
    const [paused, busy] = body.items as AgentStatusChange[];
    const since = await history(session, id, { from: paused!.at });
    expect(since.body.items.map((item: AgentStatusChange) => item.agentStatus)).toEqual(['paused', 'busy']);
    const until = await history(session, id, { to: busy!.at });
    expect(until.body.items.map((item: AgentStatusChange) => item.agentStatus)).toEqual(['available']);
  });

  it('has one present entry after 20 changes at once', async () => {
    const session = await people.join(admin);
    const { id } = session.user;
    const reasons = Array.from({ length: 20 }, (_, i) => ({ agentStatus: 'paused', reason: `r${i}` }));
    const answers = await Promise.all(reasons.map((body) => set(session, id, body)));
    for (const { status } of answers) expect(status).toBe(200);
    const { body } = await history(session, id, { limit: '100' });
    expect(body.total).toBe(20);
    expect(body.items.filter((item: AgentStatusChange) => item.seconds === null)).toHaveLength(1);
    for (const { seconds } of body.items) expect(seconds ?? 0).toBeGreaterThanOrEqual(0);
  });

  it('is not touched by a log-in', async () => {
    const session = await people.join(admin);
    await set(session, session.user.id, { agentStatus: 'busy' });
    const again = await people.login(session.user.email);
    expect(again.body.user).toMatchObject({ agentStatus: 'busy' });
    expect((await history(session, session.user.id)).body.total).toBe(1);
  });

  it('of another user needs users.update to set and users.read to see', async () => {
    const [agent, other] = await Promise.all([people.join(admin), people.join(admin)]);
    const { id } = other.user;
    expect(await set(agent, id, { agentStatus: 'offline' })).toMatchObject({ status: 403 });
    expect(await set(admin, id, { agentStatus: 'paused', reason: 'Capacitación' })).toMatchObject({ status: 200 });
    expect((await history(agent, id)).body.items).toMatchObject([{ changedBy: admin.user.id }]);
    const key = keyOf(admin, ['users.update']);
    expect(await set(admin, id, { agentStatus: 'busy' }, key)).toMatchObject({ status: 200 });
    expect(await history(admin, id, {}, key)).toMatchObject({ status: 403 });
    expect((await history(admin, id)).body.items[0]).toMatchObject({ agentStatus: 'busy', changedBy: null });
  });

  it('accepts valid texts only, and history for any time', async () => {
    const session = await people.join(admin);
    const { id } = session.user;
    const refused = await set(session, id, { agentStatus: 'paused', reason: 'x\ud800' });
    expect(refused.status).toBe(422);
    expect(refused.body.error.details).toMatchObject([{ field: 'reason', code: 'ill_formed' }]);
    expect(await set(session, id, { agentStatus: 'paused', reason: 'café ☕' })).toMatchObject({
      body: { agentStatusReason: 'café ☕' },
    });
    const [audit] = (await people.audits(admin.tenant.id, 'user.set_agent_status')).filter(
      (one) => one.entityId === id,
    );
    expect(audit!.changes!.reason).toEqual({ from: null, to: 'café ☕' });
    for (const from of ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999Z']) {
      for (const query of [{ from }, { to: from }] as Record<string, string>[])
        expect((await history(session, id, query)).status).toBeLessThan(500);
    }
  });

  it('of an inactive user stays offline', async () => {
    const { body: user } = await people.create(admin, { status: 'inactive' });
    expect(await set(admin, user.id, { agentStatus: 'available' })).toMatchObject({ status: 422 });
  });
});
