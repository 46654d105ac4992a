import { randomUUID } from 'node:crypto';
import {
  aiHandoff,
  buildEvent,
  channelRemoved,
  type EventData,
  presenceChanged,
  timerFired,
  type User,
  userDeleted,
  userUpdated,
} from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { describe, expect, it } from 'vitest';
import { startPair } from './pair.ts';
import { aiReply, received } from './setup.ts';

const pair = startPair('routing');

const phoneOf = (n: number) => `519991${String(n).padStart(5, '0')}`;
const says = (n: number, content = 'Hola') =>
  received(pair.who.tenantId, {
    channelId: pair.channelId,
    content,
    from: { waId: phoneOf(n), phone: `+${phoneOf(n)}`, userId: null, name: `Cliente ${n}` },
  });
const presence = (userId: string, agentStatus: User['agentStatus'], at = new Date()) => {
  const data = { userId, agentStatus, previousStatus: 'offline' as const, reason: null, at: at.toISOString() };
  return buildEvent(presenceChanged, { tenantId: pair.who.tenantId, data });
};

const limit = (userId: string, maxConcurrentChats: number, at: number) => {
  const about = { userId, email: 'ana@example.com', firstName: 'Ana', lastName: '', role: 'agent' as const };
  const limits = { status: 'active' as const, maxConcurrentChats, autoAssign: true };
  const data = { ...about, ...limits, changed: ['maxConcurrentChats'] };
  return buildEvent(userUpdated, { tenantId: pair.who.tenantId, time: new Date(at), data });
};

interface Chat {
  id: string;
  status: string;
  agent: string | null;
  campaign: string | null;
}
const chats = () => pair.fixture.admin.sql<Chat[]>`
  select id, status, assigned_user_id as agent, campaign_id as campaign from conversation.conversations
  where tenant_id = ${pair.who.tenantId} order by coalesce(queued_at, created_at), id`;
const openOf = async (agent: string) =>
  (await chats()).filter((one) => one.agent === agent && one.status !== 'closed').length;
const texts = async () =>
  (
    await pair.fixture.admin.sql<{ content: string }[]>`
    select content from conversation.messages where tenant_id = ${pair.who.tenantId} and direction = 'outbound'
    order by id`
  ).map(({ content }) => content);

describe('chats of a campaign', () => {
  it('50 at once reach 3 agents, each within their limit, the oldest first; every close brings the next', async () => {
    const agents = [pair.addUser(), pair.addUser({ maxConcurrentChats: 3 }), pair.addUser()];
    await pair.campaignOf([agents[0]!, agents[1]!, { userId: agents[2]!, maxChats: 4 }]);
    await pair.fixture.publish(Array.from({ length: 50 }, (_, n) => says(n)));
    await eventually(async () => {
      const all = await chats();
      expect(all.filter(({ agent }) => agent !== null)).toHaveLength(12);
      expect(all.filter(({ status }) => status === 'queued')).toHaveLength(38);
    });
    const limits = [5, 3, 4];
    for (;;) {
      const loads = await Promise.all(agents.map(openOf));
      for (const [i, load] of loads.entries()) expect(load).toBeLessThanOrEqual(limits[i]!);
      const given = (await chats()).filter(({ agent, status }) => agent !== null && status !== 'closed');
      if (given.length === 0) break;
      await Promise.all(given.map(({ id }) => pair.ask('POST', `/conversations/${id}/close`, {})));
      await eventually(async () => {
        const all = await chats();
        const waiting = all.filter(({ status }) => status === 'queued').length;
        const open = all.filter(({ agent, status }) => agent !== null && status !== 'closed').length;
        expect(open).toBe(Math.min(12, open + waiting));
      });
    }
    expect((await chats()).map(({ status }) => status)).toEqual(Array(50).fill('closed'));
  });

  it('on a number without a campaign stay as they are', async () => {
    await pair.campaignOf([pair.addUser()]);
    pair.channelId = randomUUID();
    await pair.fixture.publish([says(1)]);
    await eventually(async () => expect(await chats()).toHaveLength(1));
    // A campaign's chat that came later is given: routing has looked.
    await pair.fixture.publish([presence(pair.addUser(), 'available')]);
    expect(await chats()).toMatchObject([{ status: 'new', agent: null, campaign: null }]);
  });

  it('of a blocked contact wait for no agent', async () => {
    const ana = pair.addUser();
    await pair.campaignOf([ana]);
    await pair.fixture.publish([says(1)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    const [chat] = await chats();
    await pair.ask('POST', `/conversations/${chat!.id}/close`, {});
    await pair.fixture.admin.sql`
      update conversation.contacts set blocked_at = now() where tenant_id = ${pair.who.tenantId}`;
    await pair.fixture.publish([says(1), says(2)]);
    // The other customer's chat came later: by then routing has looked at both.
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    expect((await chats()).map(({ status, campaign }) => [status, campaign !== null]).toSorted()).toEqual([
      ['assigned', true],
      ['closed', true],
      ['new', false],
    ]);
  });

  it('of a contact who is blocked later take no place of an agent, and wait once they are not', async () => {
    const ana = pair.addUser({ maxConcurrentChats: 1 });
    const id = await pair.campaignOf([ana]);
    await pair.fixture.publish([says(1), says(2), says(3)]);
    const agents = async () => (await chats()).map(({ agent }) => agent !== null);
    await eventually(async () => expect(await agents()).toEqual([true, false, false]));
    const contacts = await pair.fixture.admin.sql<{ contactId: string }[]>`
      select contact_id as "contactId" from conversation.conversations where tenant_id = ${pair.who.tenantId}
      order by coalesce(queued_at, created_at), id`;
    const block = (n: number, isBlocked: boolean) =>
      pair.ask('PUT', `/contacts/${contacts[n]!.contactId}`, { isBlocked });
    const queue = async () => (await pair.ask<{ total: number }>('GET', `/campaigns/${id}/queue`)).body.total;
    // Two wait, and one of them is blocked before the agent has room.
    expect((await block(1, true)).status).toBe(200);
    expect(await queue()).toBe(1);
    await block(0, true);
    await eventually(async () => expect(await agents()).toEqual([true, false, true]));
    await pair.ask('POST', `/conversations/${(await chats())[2]!.id}/close`, {});
    expect(await queue()).toBe(0);
    await block(1, false);
    await eventually(async () => expect(await agents()).toEqual([true, true, true]));
  });

  it('wait until an agent comes, and return to the queue when the agent leaves, once', async () => {
    const [ana, luis] = [pair.addUser({ agentStatus: 'offline' }), pair.addUser({ agentStatus: 'offline' })];
    await pair.campaignOf([ana, luis]);
    await pair.fixture.publish([says(1), says(2)]);
    await eventually(async () => expect((await chats()).map(({ status }) => status)).toEqual(['queued', 'queued']));
    await pair.fixture.publish([presence(ana, 'available')]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
    await pair.fixture.publish([presence(luis, 'available')]);
    const left = presence(ana, 'offline');
    await pair.fixture.publish([left]);
    await eventually(async () => expect(await openOf(luis)).toBe(2));
    // What a supervisor gives by hand stays, also when the event comes again.
    const [one] = await chats();
    await pair.ask('POST', `/conversations/${one!.id}/assign`, { userId: ana });
    await pair.fixture.publish([left, presence(luis, 'busy')]);
    await eventually(async () => expect(await openOf(luis)).toBe(1));
    expect(await openOf(ana)).toBe(1);
  });

  it('that a person answers while they wait still go to an agent', async () => {
    const ana = pair.addUser({ agentStatus: 'offline' });
    await pair.campaignOf([ana]);
    await pair.fixture.publish([says(1)]);
    await eventually(async () => expect(await chats()).toMatchObject([{ status: 'queued' }]));
    const id = (await chats())[0]!.id;
    expect((await pair.ask('POST', `/conversations/${id}/messages`, { text: 'Un momento' })).status).toBe(201);
    await pair.fixture.publish([presence(ana, 'available')]);
    await eventually(async () => expect(await chats()).toMatchObject([{ agent: ana }]));
  });

  it('stay with an agent who pauses, unless the campaign wants them back', async () => {
    const ana = pair.addUser();
    const id = await pair.campaignOf([ana]);
    await pair.fixture.publish([says(1)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    await pair.fixture.publish([presence(ana, 'paused')]);
    await pair.fixture.publish([says(2)]);
    await eventually(async () => expect((await chats()).map(({ status }) => status)).toEqual(['assigned', 'queued']));
    await pair.ask('PATCH', `/campaigns/${id}`, { reassignPaused: true });
    await pair.fixture.publish([presence(ana, 'available', new Date(Date.now() + 1))]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
    await pair.fixture.publish([presence(ana, 'paused', new Date(Date.now() + 2))]);
    await eventually(async () => expect(await openOf(ana)).toBe(0));
  });

  it('reach an agent whose limit was raised', async () => {
    const ana = pair.addUser({ maxConcurrentChats: 1 });
    await pair.campaignOf([ana]);
    await pair.fixture.publish([says(1), says(2)]);
    await eventually(async () => expect((await chats()).map(({ status }) => status)).toEqual(['assigned', 'queued']));
    const about = { userId: ana, email: 'ana@example.com', firstName: 'Ana', lastName: '', role: 'agent' as const };
    const limits = { status: 'active' as const, maxConcurrentChats: 2, autoAssign: true };
    const data = { ...about, ...limits, changed: ['maxConcurrentChats'] };
    await pair.fixture.publish([buildEvent(userUpdated, { tenantId: pair.who.tenantId, data })]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
  });

  it('beyond a limit that was lowered return to the queue, the oldest first, where the campaign wants it', async () => {
    const [ana, luis] = [
      pair.addUser({ maxConcurrentChats: 3 }),
      pair.addUser({ agentStatus: 'offline', maxConcurrentChats: 9 }),
    ];
    const id = await pair.campaignOf([ana, luis]);
    await pair.fixture.publish([says(1)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    await pair.fixture.publish([says(2)]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
    await pair.fixture.publish([says(3)]);
    await eventually(async () => expect(await openOf(ana)).toBe(3));
    const at = Date.now();
    await pair.fixture.publish([limit(ana, 3, at), limit(ana, 2, at + 1)]);
    await eventually(async () =>
      expect((await chats()).map(({ status }) => status)).toEqual(['queued', 'assigned', 'assigned']),
    );
    await pair.fixture.publish([presence(luis, 'available')]);
    await eventually(async () => expect((await chats()).map(({ agent }) => agent)).toEqual([luis, ana, ana]));
    // Of the campaign's own limit, and only while it wants the chats back.
    await pair.ask('POST', `/campaigns/${id}/agents`, { agents: [{ userId: ana, maxChats: 1 }, { userId: luis }] });
    await eventually(async () => expect((await chats()).map(({ agent }) => agent)).toEqual([luis, luis, ana]));
    await pair.ask('PATCH', `/campaigns/${id}`, { reassignFull: false });
    await pair.fixture.publish([limit(luis, 9, at + 2), limit(luis, 1, at + 3)]);
    await eventually(async () =>
      expect(
        await pair.fixture.admin.sql`
        select 1 from conversation.agents where id = ${luis} and max_chats = 1`,
      ).toHaveLength(1),
    );
    expect(await openOf(luis)).toBe(2);
  });

  it('that were open before their number joined enter the campaign, and a number that is removed leaves it', async () => {
    const ana = pair.addUser();
    await pair.fixture.publish([says(1), says(2)]);
    await eventually(async () => expect(await chats()).toHaveLength(2));
    const id = await pair.campaignOf([ana]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
    expect((await chats()).map(({ campaign }) => campaign)).toEqual([id, id]);
    const facts = { channelId: pair.channelId, name: 'Ventas', phone: null, provider: 'meta' as const };
    const data = { ...facts, at: new Date().toISOString() } as EventData<typeof channelRemoved>;
    const removed = buildEvent(channelRemoved, { tenantId: pair.who.tenantId, data });
    await pair.fixture.publish([removed, removed]);
    await eventually(async () => expect((await pair.ask('GET', `/campaigns/${id}`)).body.numbers).toEqual([]));
    expect(await openOf(ana)).toBe(2);
  });

  it('and campaigns may be changed by many at once: no one waits for the other in a circle', async () => {
    const agents = [pair.addUser(), pair.addUser(), pair.addUser()];
    const others = [randomUUID(), randomUUID()];
    for (const id of others) pair.fixture.channels.set(id, { id, provider: 'meta', tenantId: pair.who.tenantId });
    const ids = await Promise.all([
      pair.campaignOf(agents),
      pair.campaignOf(agents, {}, []),
      pair.campaignOf(agents, {}, []),
    ]);
    await pair.fixture.publish(Array.from({ length: 20 }, (_, n) => says(n)));
    await eventually(async () => expect(await chats()).toHaveLength(20));
    const all = await chats();
    let at = Date.now();
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        const id = ids[n % 3]!;
        const chat = all[n % 20]!.id;
        const members = { agents: agents.slice(n % 2).map((userId) => ({ userId, maxChats: 1 + (n % 4) })) };
        const numbers = { channelIds: n % 2 ? others : others.toReversed() };
        switch (n % 6) {
          case 0:
            return pair.ask('POST', `/campaigns/${id}/agents`, members);
          case 1:
            return pair.ask('POST', `/campaigns/${id}/numbers`, numbers);
          case 2:
            return pair.ask('POST', `/conversations/${chat}/transfer`, { to: { kind: 'campaign', campaignId: id } });
          case 3:
            return pair.ask('PATCH', `/campaigns/${id}`, { priority: n });
          case 4:
            return n === 58
              ? pair.ask('DELETE', `/campaigns/${ids[2]}`)
              : pair.ask('POST', `/conversations/${chat}/close`, {});
          default:
            await pair.fixture.publish([
              presence(agents[n % 3]!, n % 4 < 2 ? 'offline' : 'available', new Date(++at)),
              limit(agents[n % 3]!, 1 + (n % 5), at),
            ]);
            return { status: 200 };
        }
      }),
    );
    const allowed = [200, 204, 404, 409, 422];
    expect(answers.map(({ status }) => status).filter((status) => !allowed.includes(status))).toEqual([]);
    expect(
      await pair.fixture.admin.sql`
      select 1 from conversation.dead_letters where tenant_id = ${pair.who.tenantId}`,
    ).toHaveLength(0);
  });

  it('have no agent who was removed as a user, and the others can be saved again', async () => {
    const [ana, luis] = [pair.addUser(), pair.addUser()];
    const id = await pair.campaignOf([ana, luis]);
    const data = { userId: luis, email: 'luis@example.com', firstName: 'Luis', lastName: '', role: 'agent' as const };
    const limits = { status: 'active' as const, maxConcurrentChats: 2, autoAssign: true };
    pair.fixture.identity.users.delete(luis);
    await pair.fixture.publish([
      buildEvent(userDeleted, { tenantId: pair.who.tenantId, data: { ...data, ...limits } }),
    ]);
    const agents = await eventually(async () => {
      const { body } = await pair.ask('GET', `/campaigns/${id}`);
      expect(body.agents.map(({ userId }) => userId)).toEqual([ana]);
      expect(body.agentsCount).toBe(1);
      return body.agents;
    });
    expect((await pair.ask('POST', `/campaigns/${id}/agents`, { agents })).status).toBe(200);
  });

  it('go to the last agent of the contact, where the campaign says so', async () => {
    const [ana, luis] = [pair.addUser(), pair.addUser()];
    await pair.campaignOf([ana, luis], { stickyAgent: true });
    await pair.fixture.publish([says(1)]);
    const [first] = await eventually(async () => {
      const all = await chats();
      expect(all[0]?.agent).toBeTruthy();
      return all;
    });
    await pair.ask('POST', `/conversations/${first!.id}/close`, {});
    await pair.fixture.publish([says(1)]);
    await eventually(async () =>
      expect((await chats()).map(({ agent }) => agent)).toEqual([first!.agent, first!.agent]),
    );
  });

  it.each([
    ['their own limit', { maxConcurrentChats: 1 }, {}],
    ['the limit of the campaign', {}, { maxChats: 1 }],
  ])('that open again go to the agent who had them only within %s', async (_, user, member) => {
    const ana = pair.addUser(user);
    await pair.campaignOf([{ userId: ana, ...member }]);
    await pair.fixture.publish([says(1)]);
    const [first] = await eventually(async () => {
      expect(await openOf(ana)).toBe(1);
      return chats();
    });
    await pair.ask('POST', `/conversations/${first!.id}/close`, {});
    expect((await pair.ask('POST', `/conversations/${first!.id}/reopen`)).body).toMatchObject({ assignedUserId: ana });
    await pair.ask('POST', `/conversations/${first!.id}/close`, {});
    await pair.fixture.publish([says(2)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    expect((await pair.ask('POST', `/conversations/${first!.id}/reopen`)).body).toMatchObject({
      status: 'queued',
      assignedUserId: null,
    });
  });
});

describe('customers of a campaign', () => {
  it('are welcomed once, and told their place when they have to wait', async () => {
    const ana = pair.addUser({ maxConcurrentChats: 1 });
    await pair.campaignOf([ana], { welcomeMessage: 'Bienvenido', queueMessage: 'Eres el número {{position}}' });
    await pair.fixture.publish([says(1)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    await pair.fixture.publish([says(2)]);
    await eventually(async () => expect(await texts()).toEqual(['Bienvenido', 'Bienvenido', 'Eres el número 1']));
    await pair.fixture.publish([says(3)]);
    await eventually(async () => expect((await texts()).slice(3)).toEqual(['Bienvenido', 'Eres el número 2']));
    await pair.fixture.publish([says(3, '¿Hola?')]);
    const [first] = await chats();
    await pair.ask('POST', `/conversations/${first!.id}/close`, {});
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    expect(await texts()).toHaveLength(5);
  });

  it('hear once that it is closed, and their chats are given when it opens', async () => {
    const ana = pair.addUser();
    const today = new Date().toLocaleDateString('en-CA', { timeZone: 'America/Lima' });
    const id = await pair.campaignOf([ana], { offlineMessage: 'Cerrado', holidays: [{ date: today }] });
    await pair.fixture.publish([says(1), says(1, '¿Hola?')]);
    const timer = await eventually(async () => {
      expect(await texts()).toEqual(['Cerrado']);
      const ordered = await pair.fixture.outbox(pair.who.tenantId, 'timer.ordered');
      expect(ordered).toHaveLength(1);
      return ordered[0]!.data as { key: string; fireAt: string };
    });
    expect(timer.key).toBe(`campaign-opens:${id}`);
    expect(await chats()).toMatchObject([{ status: 'queued', agent: null, campaign: id }]);
    const data: EventData<typeof timerFired> = { owner: 'conversation', ...timer, firedAt: timer.fireAt, payload: {} };
    await pair.fixture.publish([buildEvent(timerFired, { tenantId: pair.who.tenantId, data })]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
  });
});

describe('a campaign with the AI first', () => {
  const first = async () => {
    const ana = pair.addUser();
    const id = await pair.campaignOf([ana], { botEnabled: true });
    await pair.fixture.publish([says(1)]);
    const [chat] = await eventually(async () => {
      const all = await chats();
      expect(all).toMatchObject([{ status: 'new', agent: null, campaign: id }]);
      return all;
    });
    return { ana, chat: chat! };
  };
  const inbound = async () => {
    const [row] = await pair.fixture.admin.sql<{ id: string }[]>`
      select id from conversation.messages where tenant_id = ${pair.who.tenantId} and direction = 'inbound'`;
    return row!.id;
  };
  const silence = async (chat: Chat) => {
    const key = `ai-silent:${chat.id}`;
    const ordered = await pair.fixture.outbox(pair.who.tenantId, 'timer.ordered');
    expect(ordered.map(({ data }) => (data as { key: string }).key)).toEqual([key]);
    const at = new Date().toISOString();
    const data = { owner: 'conversation', key, fireAt: at, firedAt: at, payload: {} };
    await pair.fixture.publish([buildEvent(timerFired, { tenantId: pair.who.tenantId, data })]);
  };

  it('gives the chat to a person when the AI stays silent', async () => {
    const { ana, chat } = await first();
    await silence(chat);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
  });

  it('leaves the chat to an AI that answers, until it hands over', async () => {
    const { ana, chat } = await first();
    const inboundMessageId = await inbound();
    await pair.fixture.publish([aiReply(pair.who.tenantId, chat.id, inboundMessageId)]);
    await eventually(async () => expect((await chats())[0]!.status).toBe('bot'));
    await silence(chat);
    const at = new Date().toISOString();
    const data = { conversationId: chat.id, inboundMessageId, reason: 'asked_for_person' as const, at };
    expect(await openOf(ana)).toBe(0);
    await pair.fixture.publish([buildEvent(aiHandoff, { tenantId: pair.who.tenantId, data })]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
  });
});
