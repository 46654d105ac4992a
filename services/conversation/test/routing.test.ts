import { randomInt, randomUUID } from 'node:crypto';
import {
  aiHandoff,
  buildEvent,
  type CampaignDetail,
  channelRemoved,
  type EventData,
  permissionsOf,
  presenceChanged,
  timerFired,
  type User,
  userDeleted,
  userUpdated,
} from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningConversation } from '../src/service.ts';
import { aiReply, createFixture, type Fixture, type Person, person, received } from './setup.ts';

let fixture: Fixture;
let copies: RunningConversation[];
beforeAll(async () => {
  fixture = await createFixture('routing');
  await fixture.bus.ensureStream('scheduler');
  copies = [await fixture.start(), await fixture.start()];
});
afterAll(() => fixture.close());

let who: Person;
let channelId: string;
let calls = 0;
beforeEach(() => {
  who = person({ role: 'admin', permissions: permissionsOf('admin') });
  channelId = randomUUID();
  fixture.channels.set(channelId, { id: channelId, provider: 'meta', tenantId: who.tenantId });
});

/** Asks the copies in turn. */
async function ask<T = CampaignDetail>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
) {
  const { app } = copies[++calls % copies.length]!;
  const answer = await app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: (answer.body ? answer.json() : null) as T };
}

function addUser(given: Partial<User> = {}): string {
  const id = randomUUID();
  const facts = { role: 'agent', status: 'active', agentStatus: 'available', maxConcurrentChats: 5, autoAssign: true };
  const agentStatusAt = '2026-01-01T00:00:00.000Z';
  fixture.identity.users.set(id, { tenantId: who.tenantId, ...facts, agentStatusAt, ...given } as never);
  return id;
}

/** A campaign with the number and these agents. */
async function campaignOf(agents: (string | object)[], given: object = {}, channelIds = [channelId]): Promise<string> {
  const body = { name: 'Ventas', code: randomUUID(), timezone: 'America/Lima', ...given };
  const { id } = (await ask('POST', '/campaigns', body)).body;
  const members = agents.map((one) => (typeof one === 'string' ? { userId: one } : one));
  expect((await ask('POST', `/campaigns/${id}/agents`, { agents: members })).status).toBe(200);
  expect((await ask('POST', `/campaigns/${id}/numbers`, { channelIds })).status).toBe(200);
  return id;
}

const phoneOf = (n: number) => `519991${String(n).padStart(5, '0')}`;
const says = (n: number, content = 'Hola') =>
  received(who.tenantId, {
    channelId,
    content,
    from: { waId: phoneOf(n), phone: `+${phoneOf(n)}`, userId: null, name: `Cliente ${n}` },
  });
const presence = (userId: string, agentStatus: User['agentStatus'], at = new Date()) => {
  const data = { userId, agentStatus, previousStatus: 'offline' as const, reason: null, at: at.toISOString() };
  return buildEvent(presenceChanged, { tenantId: who.tenantId, data });
};

const limit = (userId: string, maxConcurrentChats: number, at: number) => {
  const about = { userId, email: 'ana@example.com', firstName: 'Ana', lastName: '', role: 'agent' as const };
  const limits = { status: 'active' as const, maxConcurrentChats, autoAssign: true };
  const data = { ...about, ...limits, changed: ['maxConcurrentChats'] };
  return buildEvent(userUpdated, { tenantId: who.tenantId, time: new Date(at), data });
};

interface Chat {
  id: string;
  status: string;
  agent: string | null;
  campaign: string | null;
}
const chats = () => fixture.admin.sql<Chat[]>`
  select id, status, assigned_user_id as agent, campaign_id as campaign from conversation.conversations
  where tenant_id = ${who.tenantId} order by coalesce(queued_at, created_at), id`;
const openOf = async (agent: string) =>
  (await chats()).filter((one) => one.agent === agent && one.status !== 'closed').length;
const texts = async () =>
  (
    await fixture.admin.sql<{ content: string }[]>`
    select content from conversation.messages where tenant_id = ${who.tenantId} and direction = 'outbound'
    order by id`
  ).map(({ content }) => content);

describe('chats of a campaign', () => {
  it('50 at once reach 3 agents, each within their limit, the oldest first; every close brings the next', async () => {
    const agents = [addUser(), addUser({ maxConcurrentChats: 3 }), addUser()];
    await campaignOf([agents[0]!, agents[1]!, { userId: agents[2]!, maxChats: 4 }]);
    await fixture.publish(Array.from({ length: 50 }, (_, n) => says(n)));
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
      await Promise.all(given.map(({ id }) => ask('POST', `/conversations/${id}/close`, {})));
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
    await campaignOf([addUser()]);
    channelId = randomUUID();
    await fixture.publish([says(1)]);
    await eventually(async () => expect(await chats()).toHaveLength(1));
    // A campaign's chat that came later is given: routing has looked.
    await fixture.publish([presence(addUser(), 'available')]);
    expect(await chats()).toMatchObject([{ status: 'new', agent: null, campaign: null }]);
  });

  it('of a blocked contact wait for no agent', async () => {
    const ana = addUser();
    await campaignOf([ana]);
    await fixture.publish([says(1)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    const [chat] = await chats();
    await ask('POST', `/conversations/${chat!.id}/close`, {});
    await fixture.admin.sql`
      update conversation.contacts set blocked_at = now() where tenant_id = ${who.tenantId}`;
    await fixture.publish([says(1), says(2)]);
    // The other customer's chat came later: by then routing has looked at both.
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    expect((await chats()).map(({ status, campaign }) => [status, campaign !== null]).toSorted()).toEqual([
      ['assigned', true],
      ['closed', true],
      ['new', false],
    ]);
  });

  it('of a contact who is blocked later take no place of an agent, and wait once they are not', async () => {
    const ana = addUser({ maxConcurrentChats: 1 });
    const id = await campaignOf([ana]);
    await fixture.publish([says(1), says(2), says(3)]);
    const agents = async () => (await chats()).map(({ agent }) => agent !== null);
    await eventually(async () => expect(await agents()).toEqual([true, false, false]));
    const contacts = await fixture.admin.sql<{ contactId: string }[]>`
      select contact_id as "contactId" from conversation.conversations where tenant_id = ${who.tenantId}
      order by coalesce(queued_at, created_at), id`;
    const block = (n: number, isBlocked: boolean) => ask('PUT', `/contacts/${contacts[n]!.contactId}`, { isBlocked });
    const queue = async () => (await ask<{ total: number }>('GET', `/campaigns/${id}/queue`)).body.total;
    // Two wait, and one of them is blocked before the agent has room.
    expect((await block(1, true)).status).toBe(200);
    expect(await queue()).toBe(1);
    await block(0, true);
    await eventually(async () => expect(await agents()).toEqual([true, false, true]));
    await ask('POST', `/conversations/${(await chats())[2]!.id}/close`, {});
    expect(await queue()).toBe(0);
    await block(1, false);
    await eventually(async () => expect(await agents()).toEqual([true, true, true]));
  });

  it('wait until an agent comes, and return to the queue when the agent leaves, once', async () => {
    const [ana, luis] = [addUser({ agentStatus: 'offline' }), addUser({ agentStatus: 'offline' })];
    await campaignOf([ana, luis]);
    await fixture.publish([says(1), says(2)]);
    await eventually(async () => expect((await chats()).map(({ status }) => status)).toEqual(['queued', 'queued']));
    await fixture.publish([presence(ana, 'available')]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
    await fixture.publish([presence(luis, 'available')]);
    const left = presence(ana, 'offline');
    await fixture.publish([left]);
    await eventually(async () => expect(await openOf(luis)).toBe(2));
    // What a supervisor gives by hand stays, also when the event comes again.
    const [one] = await chats();
    await ask('POST', `/conversations/${one!.id}/assign`, { userId: ana });
    await fixture.publish([left, presence(luis, 'busy')]);
    await eventually(async () => expect(await openOf(luis)).toBe(1));
    expect(await openOf(ana)).toBe(1);
  });

  it('that a person answers while they wait still go to an agent', async () => {
    const ana = addUser({ agentStatus: 'offline' });
    await campaignOf([ana]);
    await fixture.publish([says(1)]);
    await eventually(async () => expect(await chats()).toMatchObject([{ status: 'queued' }]));
    const id = (await chats())[0]!.id;
    expect((await ask('POST', `/conversations/${id}/messages`, { text: 'Un momento' })).status).toBe(201);
    await fixture.publish([presence(ana, 'available')]);
    await eventually(async () => expect(await chats()).toMatchObject([{ agent: ana }]));
  });

  it('stay with an agent who pauses, unless the campaign wants them back', async () => {
    const ana = addUser();
    const id = await campaignOf([ana]);
    await fixture.publish([says(1)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    await fixture.publish([presence(ana, 'paused')]);
    await fixture.publish([says(2)]);
    await eventually(async () => expect((await chats()).map(({ status }) => status)).toEqual(['assigned', 'queued']));
    await ask('PATCH', `/campaigns/${id}`, { reassignPaused: true });
    await fixture.publish([presence(ana, 'available', new Date(Date.now() + 1))]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
    await fixture.publish([presence(ana, 'paused', new Date(Date.now() + 2))]);
    await eventually(async () => expect(await openOf(ana)).toBe(0));
  });

  it('reach an agent whose limit was raised', async () => {
    const ana = addUser({ maxConcurrentChats: 1 });
    await campaignOf([ana]);
    await fixture.publish([says(1), says(2)]);
    await eventually(async () => expect((await chats()).map(({ status }) => status)).toEqual(['assigned', 'queued']));
    const about = { userId: ana, email: 'ana@example.com', firstName: 'Ana', lastName: '', role: 'agent' as const };
    const limits = { status: 'active' as const, maxConcurrentChats: 2, autoAssign: true };
    const data = { ...about, ...limits, changed: ['maxConcurrentChats'] };
    await fixture.publish([buildEvent(userUpdated, { tenantId: who.tenantId, data })]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
  });

  it('beyond a limit that was lowered return to the queue, the oldest first, where the campaign wants it', async () => {
    const [ana, luis] = [
      addUser({ maxConcurrentChats: 3 }),
      addUser({ agentStatus: 'offline', maxConcurrentChats: 9 }),
    ];
    const id = await campaignOf([ana, luis]);
    await fixture.publish([says(1)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    await fixture.publish([says(2)]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
    await fixture.publish([says(3)]);
    await eventually(async () => expect(await openOf(ana)).toBe(3));
    const at = Date.now();
    await fixture.publish([limit(ana, 3, at), limit(ana, 2, at + 1)]);
    await eventually(async () =>
      expect((await chats()).map(({ status }) => status)).toEqual(['queued', 'assigned', 'assigned']),
    );
    await fixture.publish([presence(luis, 'available')]);
    await eventually(async () => expect((await chats()).map(({ agent }) => agent)).toEqual([luis, ana, ana]));
    // Of the campaign's own limit, and only while it wants the chats back.
    await ask('POST', `/campaigns/${id}/agents`, { agents: [{ userId: ana, maxChats: 1 }, { userId: luis }] });
    await eventually(async () => expect((await chats()).map(({ agent }) => agent)).toEqual([luis, luis, ana]));
    await ask('PATCH', `/campaigns/${id}`, { reassignFull: false });
    await fixture.publish([limit(luis, 9, at + 2), limit(luis, 1, at + 3)]);
    await eventually(async () =>
      expect(
        await fixture.admin.sql`
        select 1 from conversation.agents where id = ${luis} and max_chats = 1`,
      ).toHaveLength(1),
    );
    expect(await openOf(luis)).toBe(2);
  });

  it('that were open before their number joined enter the campaign, and a number that is removed leaves it', async () => {
    const ana = addUser();
    await fixture.publish([says(1), says(2)]);
    await eventually(async () => expect(await chats()).toHaveLength(2));
    const id = await campaignOf([ana]);
    await eventually(async () => expect(await openOf(ana)).toBe(2));
    expect((await chats()).map(({ campaign }) => campaign)).toEqual([id, id]);
    const facts = { channelId, name: 'Ventas', phone: null, provider: 'meta' as const };
    const data = { ...facts, at: new Date().toISOString() } as EventData<typeof channelRemoved>;
    const removed = buildEvent(channelRemoved, { tenantId: who.tenantId, data });
    await fixture.publish([removed, removed]);
    await eventually(async () => expect((await ask('GET', `/campaigns/${id}`)).body.numbers).toEqual([]));
    expect(await openOf(ana)).toBe(2);
  });

  it('and campaigns may be changed by many at once: no one waits for the other in a circle', async () => {
    const agents = [addUser(), addUser(), addUser()];
    const others = [randomUUID(), randomUUID()];
    for (const id of others) fixture.channels.set(id, { id, provider: 'meta', tenantId: who.tenantId });
    const ids = await Promise.all([campaignOf(agents), campaignOf(agents, {}, []), campaignOf(agents, {}, [])]);
    await fixture.publish(Array.from({ length: 20 }, (_, n) => says(n)));
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
            return ask('POST', `/campaigns/${id}/agents`, members);
          case 1:
            return ask('POST', `/campaigns/${id}/numbers`, numbers);
          case 2:
            return ask('POST', `/conversations/${chat}/transfer`, { to: { kind: 'campaign', campaignId: id } });
          case 3:
            return ask('PATCH', `/campaigns/${id}`, { priority: n });
          case 4:
            return n === 58 ? ask('DELETE', `/campaigns/${ids[2]}`) : ask('POST', `/conversations/${chat}/close`, {});
          default:
            await fixture.publish([
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
      await fixture.admin.sql`
      select 1 from conversation.dead_letters where tenant_id = ${who.tenantId}`,
    ).toHaveLength(0);
  });

  it('have no agent who was removed as a user, and the others can be saved again', async () => {
    const [ana, luis] = [addUser(), addUser()];
    const id = await campaignOf([ana, luis]);
    const data = { userId: luis, email: 'luis@example.com', firstName: 'Luis', lastName: '', role: 'agent' as const };
    const limits = { status: 'active' as const, maxConcurrentChats: 2, autoAssign: true };
    fixture.identity.users.delete(luis);
    await fixture.publish([buildEvent(userDeleted, { tenantId: who.tenantId, data: { ...data, ...limits } })]);
    const agents = await eventually(async () => {
      const { body } = await ask('GET', `/campaigns/${id}`);
      expect(body.agents.map(({ userId }) => userId)).toEqual([ana]);
      expect(body.agentsCount).toBe(1);
      return body.agents;
    });
    expect((await ask('POST', `/campaigns/${id}/agents`, { agents })).status).toBe(200);
  });

  it('go to the last agent of the contact, where the campaign says so', async () => {
    const [ana, luis] = [addUser(), addUser()];
    await campaignOf([ana, luis], { stickyAgent: true });
    await fixture.publish([says(1)]);
    const [first] = await eventually(async () => {
      const all = await chats();
      expect(all[0]?.agent).toBeTruthy();
      return all;
    });
    await ask('POST', `/conversations/${first!.id}/close`, {});
    await fixture.publish([says(1)]);
    await eventually(async () =>
      expect((await chats()).map(({ agent }) => agent)).toEqual([first!.agent, first!.agent]),
    );
  });

  it.each([
    ['their own limit', { maxConcurrentChats: 1 }, {}],
    ['the limit of the campaign', {}, { maxChats: 1 }],
  ])('that open again go to the agent who had them only within %s', async (_, user, member) => {
    const ana = addUser(user);
    await campaignOf([{ userId: ana, ...member }]);
    await fixture.publish([says(1)]);
    const [first] = await eventually(async () => {
      expect(await openOf(ana)).toBe(1);
      return chats();
    });
    await ask('POST', `/conversations/${first!.id}/close`, {});
    expect((await ask('POST', `/conversations/${first!.id}/reopen`)).body).toMatchObject({ assignedUserId: ana });
    await ask('POST', `/conversations/${first!.id}/close`, {});
    await fixture.publish([says(2)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    expect((await ask('POST', `/conversations/${first!.id}/reopen`)).body).toMatchObject({
      status: 'queued',
      assignedUserId: null,
    });
  });
});

describe('customers of a campaign', () => {
  it('are welcomed once, and told their place when they have to wait', async () => {
    const ana = addUser({ maxConcurrentChats: 1 });
    await campaignOf([ana], { welcomeMessage: 'Bienvenido', queueMessage: 'Eres el número {{position}}' });
    await fixture.publish([says(1)]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    await fixture.publish([says(2)]);
    await eventually(async () => expect(await texts()).toEqual(['Bienvenido', 'Bienvenido', 'Eres el número 1']));
    await fixture.publish([says(3)]);
    await eventually(async () => expect((await texts()).slice(3)).toEqual(['Bienvenido', 'Eres el número 2']));
    await fixture.publish([says(3, '¿Hola?')]);
    const [first] = await chats();
    await ask('POST', `/conversations/${first!.id}/close`, {});
    await eventually(async () => expect(await openOf(ana)).toBe(1));
    expect(await texts()).toHaveLength(5);
  });

  it('hear once that it is closed, and their chats are given when it opens', async () => {
    const ana = addUser();
    const today = new Date().toLocaleDateString('en-CA', { timeZone: 'America/Lima' });
    const id = await campaignOf([ana], { offlineMessage: 'Cerrado', holidays: [{ date: today }] });
    await fixture.publish([says(1), says(1, '¿Hola?')]);
    const timer = await eventually(async () => {
      expect(await texts()).toEqual(['Cerrado']);
      const ordered = await fixture.outbox(who.tenantId, 'timer.ordered');
      expect(ordered).toHaveLength(1);
      return ordered[0]!.data as { key: string; fireAt: string };
    });
    expect(timer.key).toBe(`campaign-opens:${id}`);
    expect(await chats()).toMatchObject([{ status: 'queued', agent: null, campaign: id }]);
    const data: EventData<typeof timerFired> = { owner: 'conversation', ...timer, firedAt: timer.fireAt, payload: {} };
    await fixture.publish([buildEvent(timerFired, { tenantId: who.tenantId, data })]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
  });
});

describe('a campaign with the AI first', () => {
  const first = async () => {
    const ana = addUser();
    const id = await campaignOf([ana], { botEnabled: true });
    await fixture.publish([says(1)]);
    const [chat] = await eventually(async () => {
      const all = await chats();
      expect(all).toMatchObject([{ status: 'new', agent: null, campaign: id }]);
      return all;
    });
    return { ana, chat: chat! };
  };
  const inbound = async () => {
    const [row] = await fixture.admin.sql<{ id: string }[]>`
      select id from conversation.messages where tenant_id = ${who.tenantId} and direction = 'inbound'`;
    return row!.id;
  };
  const silence = async (chat: Chat) => {
    const key = `ai-silent:${chat.id}`;
    const ordered = await fixture.outbox(who.tenantId, 'timer.ordered');
    expect(ordered.map(({ data }) => (data as { key: string }).key)).toEqual([key]);
    const at = new Date().toISOString();
    const data = { owner: 'conversation', key, fireAt: at, firedAt: at, payload: {} };
    await fixture.publish([buildEvent(timerFired, { tenantId: who.tenantId, data })]);
  };

  it('gives the chat to a person when the AI stays silent', async () => {
    const { ana, chat } = await first();
    await silence(chat);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
  });

  it('leaves the chat to an AI that answers, until it hands over', async () => {
    const { ana, chat } = await first();
    const inboundMessageId = await inbound();
    await fixture.publish([aiReply(who.tenantId, chat.id, inboundMessageId)]);
    await eventually(async () => expect((await chats())[0]!.status).toBe('bot'));
    await silence(chat);
    const at = new Date().toISOString();
    const data = { conversationId: chat.id, inboundMessageId, reason: 'asked_for_person' as const, at };
    expect(await openOf(ana)).toBe(0);
    await fixture.publish([buildEvent(aiHandoff, { tenantId: who.tenantId, data })]);
    await eventually(async () => expect(await openOf(ana)).toBe(1));
  });
});

/** Whole numbers below n, the same for the same seed (mulberry32). */
function dice(seed: number): (n: number) => number {
  let a = seed;
  return (n) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

const seeds = process.env.ROUTING_SEED ? [Number(process.env.ROUTING_SEED)] : [1, 2, randomInt(2 ** 31)];

it.each(seeds)('any order of what people and customers do leaves no customer waiting (seed %i)', async (seed) => {
  const random = dice(seed);
  const agents = [addUser({ maxConcurrentChats: 2 }), addUser({ maxConcurrentChats: 3 }), addUser()];
  const outsider = addUser();
  const campaign = await campaignOf([agents[0]!, agents[1]!, { userId: agents[2]!, maxChats: 2 }]);
  let clock = Date.now();
  const away = new Set<string>();
  const acts: (() => Promise<unknown>)[] = [
    () => fixture.publish([says(random(25))]),
    () => fixture.publish([says(random(25))]),
    () => oneOf(({ id }) => ask('POST', `/conversations/${id}/close`, {})),
    () => oneOf(({ id }) => ask('POST', `/conversations/${id}/reopen`)),
    () => oneOf(({ id }) => ask('POST', `/conversations/${id}/messages`, { text: 'Hola' })),
    () => oneOf(({ id }) => ask('PATCH', `/conversations/${id}`, { status: 'pending' })),
    () => oneOf(({ id }) => ask('POST', `/conversations/${id}/assign`, { userId: outsider })),
    () => oneOf(({ id }) => ask('POST', `/conversations/${id}/transfer`, { to: { kind: 'queue' } })),
    () =>
      oneOf(({ id }) =>
        ask('POST', `/conversations/${id}/transfer`, { to: { kind: 'campaign', campaignId: campaign } }),
      ),
    () => {
      const userId = agents[random(3)]!;
      const isAway = !away.delete(userId) && !!away.add(userId);
      return fixture.publish([presence(userId, isAway ? 'offline' : 'available', new Date(++clock))]);
    },
  ];
  const oneOf = async (act: (chat: Chat) => Promise<unknown>) => {
    const all = await chats();
    if (all.length > 0) await act(all[random(all.length)]!);
  };
  for (let round = 0; round < 25; round++) {
    await Promise.all(Array.from({ length: 5 }, () => acts[random(acts.length)]!()));
  }
  const limits = new Map([2, 3, 2].map((limit, i) => [agents[i]!, limit]));
  await eventually(async () => {
    const all = await chats();
    const waiting = all.filter(({ status, agent, campaign: of }) => status === 'queued' && !agent && of);
    for (const [userId, limit] of limits) {
      const load = all.filter(({ agent, status }) => agent === userId && status !== 'closed').length;
      expect(load).toBeLessThanOrEqual(limit);
      if (!away.has(userId) && waiting.length > 0) expect(load).toBe(limit);
      if (away.has(userId)) expect(load).toBe(0);
    }
    expect(all.filter(({ status, agent }) => status === 'new' && !agent)).toEqual([]);
  });
  const { body } = await ask('GET', `/campaigns/${campaign}`);
  const all = (await chats()).filter((one) => one.campaign === campaign && one.status !== 'closed');
  expect(body).toMatchObject({
    activeChats: all.filter(({ agent }) => agent !== null).length,
    waitingChats: all.filter(({ agent, status }) => agent === null && status === 'queued').length,
  });
});
