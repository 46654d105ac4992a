import { randomUUID } from 'node:crypto';
import {
  buildEvent,
  type CampaignDetail,
  type Conversation,
  type EventData,
  timerFired,
  userCreated,
} from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { describe, expect, it } from 'vitest';
import { startPair } from './pair.ts';
import { received } from './setup.ts';

const pair = startPair('sla');

async function ask<T = CampaignDetail>(method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object, by = pair.who) {
  const { status, body } = await pair.ask<T>(method, url, payload, by);
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body;
}

const PHONE = '51999100000';
const says = (content = 'Hola') =>
  pair.fixture.publish([
    received(pair.who.tenantId, {
      channelId: pair.channelId,
      content,
      sentTime: new Date().toISOString(),
      from: { waId: PHONE, phone: `+${PHONE}`, userId: null, name: 'Ana' },
    }),
  ]);

const chat = async () => {
  const { items } = await ask<{ items: Conversation[] }>('GET', '/conversations');
  return items[0]!;
};
const chatOf = (agent: string | null) =>
  eventually(async () => {
    const found = await chat();
    expect(found?.assignedUserId).toBe(agent);
    return found!;
  });
type Timer = { key: string; fireAt: string };
const timers = async (id: string) =>
  (await pair.fixture.outbox(pair.who.tenantId, 'timer.ordered'))
    .map(({ data }) => data as Timer)
    .filter(({ key }) => key === `clocks:${id}`);
/** The timer that is ordered as the n-th. */
const timer = (id: string, n: number) =>
  eventually(async () => {
    const ordered = await timers(id);
    expect(ordered.length).toBeGreaterThanOrEqual(n);
    return ordered[n - 1]!;
  });
const fire = (one: Timer, given: object = {}) => {
  const data: EventData<typeof timerFired> = {
    owner: 'conversation',
    ...one,
    firedAt: one.fireAt,
    payload: {},
    ...given,
  };
  return pair.fixture.publish([buildEvent(timerFired, { tenantId: pair.who.tenantId, data })]);
};
const news = async (name: string) =>
  (await pair.fixture.outbox(pair.who.tenantId, name)).map(
    ({ data }) => data as { target: string; conversationId: string },
  );
const transfers = async () =>
  (await pair.fixture.outbox(pair.who.tenantId, 'conversation.updated')).flatMap(({ data }) => {
    const { transfer } = data as EventData<typeof import('@recado/contracts').conversationUpdated>;
    return transfer ? [transfer] : [];
  });

describe('targets of a campaign', () => {
  it('are warned of and missed by one timer, shown on the chat, found in lists, and end with an answer', async () => {
    const ana = pair.addUser();
    await pair.campaignOf([ana], { slaFirstResponseSeconds: 600, slaNextResponseSeconds: 60, slaWarnPercent: 50 });
    await says();
    const { id, awaitedSince } = await chatOf(ana);
    const start = Date.parse(awaitedSince!);
    const warning = await timer(id, 1);
    expect(Date.parse(warning.fireAt)).toBe(start + 300_000);
    await fire(warning);
    const due = await timer(id, 2);
    expect(Date.parse(due.fireAt)).toBe(start + 600_000);
    expect(await news('sla.warned')).toMatchObject([{ target: 'first_response', conversationId: id }]);
    // Of a second copy, and after it has fired.
    await fire(warning);
    await Promise.all([fire(due), fire(due)]);
    await eventually(async () => expect(await news('sla.breached')).toHaveLength(1));
    const list = (sla: string) => ask<{ items: Conversation[] }>('GET', `/conversations?sla=${sla}`);
    expect((await list('breached')).items).toMatchObject([{ id, sla: [{ target: 'first_response', endedAt: null }] }]);
    expect((await list('due')).items).toEqual([]);
    await ask('POST', `/conversations/${id}/messages`, { text: 'Buenas' });
    await eventually(async () => expect((await list('breached')).items).toEqual([]));
    const shown = await ask<Conversation>('GET', `/conversations/${id}`);
    expect(shown.awaitedSince).toBeNull();
    expect(shown.sla).toMatchObject([
      { target: 'first_response', breachedAt: due.fireAt, endedAt: expect.any(String) },
    ]);
    await says('¿Y el precio?');
    const next = await timer(id, 3);
    expect(Date.parse(next.fireAt)).toBe(Date.parse((await chat()).awaitedSince!) + 30_000);
    expect((await list('due')).items).toMatchObject([{ id }]);
    expect(await news('sla.warned')).toHaveLength(1);
  });

  it('cost no timer for each message: the one that is ordered decides anew', async () => {
    const ana = pair.addUser();
    await pair.campaignOf([ana], { slaNextResponseSeconds: 600, slaWarnPercent: null, slaFirstResponseSeconds: 600 });
    await says();
    const { id } = await chatOf(ana);
    await timer(id, 1);
    for (const text of ['Uno', 'Dos', 'Tres']) {
      await ask('POST', `/conversations/${id}/messages`, { text });
      await says(text);
      await eventually(async () => expect((await chat()).awaitedSince).not.toBeNull());
    }
    await eventually(async () =>
      expect((await chat()).sla?.some(({ target }) => target === 'next_response')).toBe(true),
    );
    expect(await timers(id)).toHaveLength(1);
  });

  it('count within the business hours alone, unless the campaign says else', async () => {
    const today = new Date().toLocaleDateString('en-CA', { timeZone: 'America/Lima' });
    const closed = { holidays: [{ date: today }], slaFirstResponseSeconds: 600, slaWarnPercent: null };
    const id = await pair.campaignOf([pair.addUser()], closed);
    await says();
    const { id: first } = await chatOf(null);
    const ordered = await timer(first, 1);
    const tomorrow = new Date(Date.parse(`${today}T05:00:00Z`) + 24 * 3_600_000);
    expect(Date.parse(ordered.fireAt)).toBe(tomorrow.getTime() + 600_000);
    await ask('POST', `/conversations/${first}/close`, {});
    await eventually(async () =>
      expect(await pair.fixture.outbox(pair.who.tenantId, 'timer.cancelled')).toHaveLength(1),
    );
    await ask('PATCH', `/campaigns/${id}`, { clocksInHours: false });
    await says();
    const { id: second, awaitedSince } = await eventually(async () => {
      const found = await chat();
      expect(found.id).not.toBe(first);
      return found;
    });
    expect(Date.parse((await timer(second, 1)).fireAt)).toBe(Date.parse(awaitedSince!) + 600_000);
  });
});

describe('a customer whom the agent leaves waiting', () => {
  it('is handed to another agent, who is told why, and not back to the same one', async () => {
    const [ana, luis] = [pair.addUser(), pair.addUser({ agentStatus: 'offline' })];
    await pair.campaignOf([ana, luis], { silenceSeconds: 60 });
    await says();
    const { id } = await chatOf(ana);
    // Without another agent with room it stays, and is looked at again.
    await fire(await timer(id, 1));
    const second = await timer(id, 2);
    expect((await chat()).assignedUserId).toBe(ana);
    pair.fixture.identity.users.set(luis, {
      ...pair.fixture.identity.users.get(luis)!,
      agentStatus: 'available',
    } as never);
    await pair.fixture.admin.sql`
      update conversation.agents set agent_status = 'available' where tenant_id = ${pair.who.tenantId} and id = ${luis}`;
    await fire(second);
    await chatOf(luis);
    expect(await transfers()).toMatchObject([{ fromUserId: ana, byUserId: null, by: 'silence' }]);
    const rows = await pair.fixture.admin.sql`
      select passed_over as passed from conversation.conversation_clocks where conversation_id = ${id}`;
    expect(rows).toMatchObject([{ passed: [{ userId: ana }] }]);
  });

  it('waits in the queue for others, and for the same agent only after the same time', async () => {
    const ana = pair.addUser();
    await pair.campaignOf([ana], { silenceSeconds: 60, silenceAction: 'queue' });
    await says();
    const { id } = await chatOf(ana);
    const first = await timer(id, 1);
    await fire(first);
    await chatOf(null);
    const back = await timer(id, 2);
    expect(Date.parse(back.fireAt)).toBe(Date.parse(first.fireAt) + 60_000);
    expect(await chat()).toMatchObject({ status: 'queued', assignedUserId: null });
    await fire(back);
    await chatOf(ana);
  });

  it('comes to a supervisor where the campaign wants it, beyond their limit', async () => {
    const ana = pair.addUser();
    const chief = randomUUID();
    const about = {
      userId: chief,
      email: 'eva@example.com',
      firstName: 'Eva',
      lastName: '',
      role: 'supervisor' as const,
    };
    const limits = { status: 'active' as const, maxConcurrentChats: 0, autoAssign: false };
    await pair.fixture.publish([
      buildEvent(userCreated, { tenantId: pair.who.tenantId, data: { ...about, ...limits } }),
    ]);
    await pair.campaignOf([ana], { silenceSeconds: 60, silenceAction: 'supervisor' });
    await eventually(async () =>
      expect(
        await pair.fixture.admin
          .sql`select 1 from conversation.users where tenant_id = ${pair.who.tenantId} and id = ${chief}`,
      ).toHaveLength(1),
    );
    await says();
    const { id } = await chatOf(ana);
    await fire(await timer(id, 1));
    await chatOf(chief);
    expect((await ask<CampaignDetail>('GET', `/campaigns/${(await chat()).campaignId}`)).activeChats).toBe(1);
  });

  it('who was answered in time stays with the agent', async () => {
    const ana = pair.addUser();
    await pair.campaignOf([ana, pair.addUser()], { silenceSeconds: 60 });
    await says();
    const { id } = await eventually(async () => {
      const found = await chat();
      expect(found?.assignedUserId).toBeTruthy();
      return found!;
    });
    const { assignedUserId } = await chat();
    const ordered = await timer(id, 1);
    await ask('POST', `/conversations/${id}/messages`, { text: 'Ya lo veo' });
    await fire(ordered);
    await fire({ ...ordered, fireAt: new Date(Date.parse(ordered.fireAt) + 60_000).toISOString() });
    await eventually(async () =>
      expect(
        await pair.fixture.admin.sql`
        select 1 from conversation.conversation_clocks where conversation_id = ${id} and timer_at is null`,
      ).toHaveLength(1),
    );
    await says('Gracias');
    await timer(id, 2);
    expect((await chat()).assignedUserId).toBe(assignedUserId);
    expect(await transfers()).toEqual([]);
  });
});
