import { randomUUID } from 'node:crypto';
import { aiHandoff, buildEvent, type Conversation, type EventData, permissionsOf, timerFired } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { describe, expect, it } from 'vitest';
import { startPair } from './pair.ts';
import { aiReply, type Person, person, received, typedOnPhone } from './setup.ts';

const pair = startPair('routing-answers');

const PHONE = '51999300000';
const from = { waId: PHONE, phone: `+${PHONE}`, userId: null, name: 'Ana' };
const says = (content = 'Hola') =>
  pair.fixture.publish([
    received(pair.who.tenantId, { channelId: pair.channelId, content, sentTime: new Date().toISOString(), from }),
  ]);
const chat = async () => (await pair.ask<{ items: Conversation[] }>('GET', '/conversations')).body.items[0]!;
const chatIs = (expected: object) =>
  eventually(async () => {
    const found = await chat();
    expect(found).toMatchObject(expected);
    return found;
  });

/** An agent of the tenant, and what they may send. */
const agentOf = (userId: string): Person =>
  person({ tenantId: pair.who.tenantId, userId, role: 'agent', permissions: permissionsOf('agent') });
const key = (): Person =>
  person({
    tenantId: pair.who.tenantId,
    role: 'key',
    userId: null,
    apiKeyId: randomUUID(),
    permissions: permissionsOf('admin'),
  });
const write = (id: string, by: Person) => pair.ask('POST', `/conversations/${id}/messages`, { text: 'Hola' }, by);
const patch = (id: string, body: object, by?: Person) =>
  pair.ask<Conversation & { error: { entity?: string } }>('PATCH', `/conversations/${id}`, body, by);

/** A chat in which the AI, who comes first, has answered. */
async function botChat(agents: string[], given: object = {}) {
  const campaignId = await pair.campaignOf(agents, { botEnabled: true, ...given });
  await says();
  const { id } = await chatIs({ status: 'new', campaignId });
  await answer(id);
  return { id, campaignId };
}
/** The AI answers the customer's last message. */
async function answer(id: string) {
  const [last] = await pair.fixture.admin.sql<{ id: string }[]>`
    select id from conversation.messages where tenant_id = ${pair.who.tenantId} and direction = 'inbound'
    order by id desc limit 1`;
  await pair.fixture.publish([aiReply(pair.who.tenantId, id, last!.id)]);
  await chatIs({ status: 'bot', lastMessage: { direction: 'outbound' } });
}
const silences = async (id: string) =>
  (await pair.fixture.outbox(pair.who.tenantId, 'timer.ordered'))
    .map(({ data }) => data as { key: string; fireAt: string })
    .filter((timer) => timer.key === `ai-silent:${id}`);
const fire = (timer: { key: string; fireAt: string }) => {
  const data: EventData<typeof timerFired> = { owner: 'conversation', ...timer, firedAt: timer.fireAt, payload: {} };
  return pair.fixture.publish([buildEvent(timerFired, { tenantId: pair.who.tenantId, data })]);
};
const typed = (content: string) =>
  pair.fixture.publish([typedOnPhone(pair.who.tenantId, { channelId: pair.channelId, content, peer: from })]);

describe('a chat of the AI', () => {
  it('goes to an agent when the customer writes again and the AI stays silent', async () => {
    const ana = pair.addUser();
    const { id } = await botChat([ana], { botWaitSeconds: 1 });
    await says('¿Hay alguien?');
    const timer = await eventually(async () => {
      const ordered = await silences(id);
      expect(ordered).toHaveLength(2);
      return ordered[1]!;
    });
    await fire(timer);
    await chatIs({ assignedUserId: ana });
  });

  it('stays with an AI that answers in time, and each line of the customer counts from the first', async () => {
    const ana = pair.addUser();
    const { id } = await botChat([ana]);
    await says('Una pregunta');
    await eventually(async () => expect(await silences(id)).toHaveLength(2));
    await says('¿A qué hora abren?');
    const timers = await eventually(async () => {
      const ordered = await silences(id);
      expect(ordered).toHaveLength(3);
      return ordered;
    });
    expect(timers[2]!.fireAt).toBe(timers[1]!.fireAt);
    await answer(id);
    await fire(timers[2]!);
    // What comes later is seen later: by then the timer has been looked at.
    await says('Gracias');
    await eventually(async () => expect(await silences(id)).toHaveLength(4));
    expect(await chat()).toMatchObject({ status: 'bot', assignedUserId: null });
  });

  it('that a free agent answers is theirs at once', async () => {
    const [ana, luis] = [pair.addUser(), pair.addUser()];
    const { id } = await botChat([ana, luis]);
    expect((await write(id, agentOf(luis))).status).toBe(201);
    await chatIs({ status: 'active', assignedUserId: luis });
  });

  it.each([
    ['an agent without room', { maxConcurrentChats: 0 }],
    ['an agent who is away', { agentStatus: 'offline' as const }],
  ])('that %s answers waits for another', async (_, given) => {
    const [ana, luis] = [pair.addUser(), pair.addUser(given)];
    const { id } = await botChat([ana, luis]);
    expect((await write(id, agentOf(luis))).status).toBe(201);
    await chatIs({ status: 'assigned', assignedUserId: ana });
  });

  it('that a phone answers waits for an agent', async () => {
    const ana = pair.addUser();
    await botChat([ana]);
    await typed('Le atiendo desde el celular');
    await chatIs({ status: 'assigned', assignedUserId: ana });
  });

  it('that a key answers stays with the AI', async () => {
    const ana = pair.addUser();
    const { id } = await botChat([ana]);
    expect((await write(id, key())).status).toBe(201);
    const inboundMessageId = randomUUID();
    expect(await chat()).toMatchObject({ status: 'bot', assignedUserId: null });
    const data = { conversationId: id, inboundMessageId, reason: 'budget' as const, at: new Date().toISOString() };
    await pair.fixture.publish([buildEvent(aiHandoff, { tenantId: pair.who.tenantId, data })]);
    await chatIs({ assignedUserId: ana });
  });

  it('waits for an agent once its campaign does without the AI', async () => {
    const ana = pair.addUser();
    const { campaignId } = await botChat([ana]);
    expect((await pair.ask('PATCH', `/campaigns/${campaignId}`, { botEnabled: false })).status).toBe(200);
    await chatIs({ assignedUserId: ana });
  });
});

describe('a chat that waits', () => {
  const waiting = async (agents: string[]) => {
    await pair.campaignOf(agents);
    await says();
    return (await chatIs({ status: 'queued', assignedUserId: null })).id;
  };

  it.each(['active', 'pending'] as const)('is taken by the free user who shows it as %s', async (status) => {
    const ana = pair.addUser({ agentStatus: 'offline' });
    const id = await waiting([ana]);
    const luis = pair.addUser();
    await pair.campaignOf([luis], {}, []);
    const { status: code, body } = await patch(id, { status }, agentOf(luis));
    expect([code, body.status, body.assignedUserId]).toEqual([200, status, luis]);
  });

  it.each(['active', 'pending'] as const)('is not made %s by one who takes no chats, and stays', async (status) => {
    const ana = pair.addUser({ agentStatus: 'offline' });
    const id = await waiting([ana]);
    for (const by of [pair.who, agentOf(ana), key()]) {
      const { status: code, body } = await patch(id, { status, priority: 'high' }, by);
      expect([code, body.error.entity]).toEqual([409, 'conversation_waits']);
    }
    expect(await chat()).toMatchObject({ status: 'queued', priority: 'normal', assignedUserId: null });
    // With a user it has an agent, and other fields may be changed as before.
    expect((await patch(id, { priority: 'high' }, key())).status).toBe(200);
    const given = await patch(id, { status, assignedUserId: ana });
    expect([given.status, given.body.status]).toEqual([200, status]);
  });

  it('and was closed waits again when one who takes no chats opens it', async () => {
    const ana = pair.addUser({ agentStatus: 'offline' });
    const id = await waiting([ana]);
    await pair.ask('POST', `/conversations/${id}/close`, {});
    const { status, body } = await patch(id, { status: 'active' });
    expect([status, body.status, body.assignedUserId]).toEqual([200, 'queued', null]);
  });
});

describe('a chat that a user began', () => {
  const begin = (by: Person) =>
    pair.ask('POST', `/channels/${pair.channelId}/messages`, { to: `+${PHONE}`, text: 'Buenos días' }, by);

  it('is theirs when they have room', async () => {
    const ana = pair.addUser();
    await pair.campaignOf([ana, pair.addUser()]);
    expect((await begin(agentOf(ana))).status).toBe(201);
    await chatIs({ status: 'active', assignedUserId: ana });
  });

  it('goes to another agent when the customer answers and they have no room', async () => {
    const [ana, luis] = [pair.addUser(), pair.addUser({ agentStatus: 'offline' })];
    await pair.campaignOf([ana, luis]);
    expect((await begin(agentOf(luis))).status).toBe(201);
    await chatIs({ status: 'active', assignedUserId: null, campaignId: expect.any(String) });
    await says('¿Quién es?');
    await chatIs({ status: 'assigned', assignedUserId: ana });
  });

  it('goes to an agent once its number joins a campaign', async () => {
    const ana = pair.addUser();
    expect((await begin(pair.who)).status).toBe(201);
    await says('¿Quién es?');
    await chatIs({ status: 'active', assignedUserId: null, unreadCount: 1 });
    await pair.campaignOf([ana]);
    await chatIs({ status: 'assigned', assignedUserId: ana });
  });

  it('while its campaign was not in use goes to an agent once it is', async () => {
    const ana = pair.addUser();
    const id = await pair.campaignOf([ana], { status: 'inactive' });
    await says();
    await chatIs({ status: 'new', assignedUserId: null });
    expect((await pair.ask('PATCH', `/campaigns/${id}`, { status: 'active' })).status).toBe(200);
    await chatIs({ assignedUserId: ana });
  });
});
