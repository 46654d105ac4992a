import { randomUUID } from 'node:crypto';
import { buildEvent, type Conversation, type EventData, timerFired } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wakeDue } from '../src/conversations/wake.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import { returnWoken } from '../src/routing/leave.ts';
import type { RunningConversation } from '../src/service.ts';
import { type Chat, type Desk, openDesk, problemsOf } from './desk.ts';
import { createFixture, delivered, type Fixture, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
let desk: Desk;
beforeAll(async () => {
  fixture = await createFixture('snooze');
  service = await fixture.start();
});
afterAll(() => fixture.close());
beforeEach(async () => {
  desk = await openDesk(fixture, service);
});

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const UNTIL = inHours(20);
const snooze = ({ id }: Pick<Chat, 'id'>, until = UNTIL) =>
  desk.ask<Conversation>(desk.agent, 'POST', `/conversations/${id}/snooze`, { until });
const read = async ({ id }: Pick<Chat, 'id'>) =>
  (await desk.ask<Conversation>(desk.agent, 'GET', `/conversations/${id}`)).body;
const list = async (query: string) =>
  (await desk.ask<{ items: Conversation[] }>(desk.agent, 'GET', `/conversations?${query}`)).body.items.map(
    ({ id }) => id,
  );
const news = async (name: string) => (await fixture.outbox(desk.tenantId, name)).map(({ data }) => data as object);
const changes = async () =>
  ((await news('conversation.updated')) as { changed: string[] }[]).map(({ changed }) => changed);

/** The customer of a chat writes. */
async function write(chat: Chat, more: { details?: object } = {}) {
  const event = received(desk.tenantId, {
    channelId: chat.channelId,
    from: { waId: '51999000111', phone: '+51999000111' },
    ...(more as object),
  });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  return event;
}
/** A chat that the customer of the given phone began. */
async function begin(): Promise<Chat> {
  const channelId = randomUUID();
  const event = await write({ id: '', contactId: '', channelId });
  const [row] = await fixture.admin.sql<{ id: string; contactId: string }[]>`
    select c.id, c.contact_id as "contactId" from conversation.messages m
    join conversation.conversations c on c.id = m.conversation_id where m.id = ${event.envelope.id}`;
  return { ...row!, channelId };
}
async function fire({ id }: Pick<Chat, 'id'>, fireAt: string) {
  const key = `conversation-snooze:${id}`;
  const data: EventData<typeof timerFired> = { owner: 'conversation', key, fireAt, firedAt: fireAt, payload: {} };
  const event = delivered(buildEvent(timerFired, { tenantId: desk.tenantId, data }));
  await withWorker(fixture.worker, (tx) => wakeDue(tx, [event, event]));
}

describe('a snoozed chat', () => {
  it('is away until its time, then back, and each is told once', async () => {
    const chat = await desk.addChat();
    expect(await snooze(chat)).toMatchObject({ status: 200, body: { snoozedUntil: UNTIL, status: 'new' } });
    await snooze(chat);
    expect([await list('snoozed=true'), await list('snoozed=false')]).toEqual([[chat.id], []]);
    expect(await news('timer.ordered')).toMatchObject([{ key: `conversation-snooze:${chat.id}`, fireAt: UNTIL }]);
    await fire(chat, UNTIL);
    await fire(chat, UNTIL);
    expect(await read(chat)).toMatchObject({ snoozedUntil: null });
    expect([await list('snoozed=true'), await list('snoozed=false')]).toEqual([[], [chat.id]]);
    expect(await changes()).toEqual([['snoozedUntil'], ['snoozedUntil']]);
  });

  it('that was put off further stays away when the first timer fires', async () => {
    const chat = await desk.addChat();
    await snooze(chat);
    const later = inHours(40);
    await snooze(chat, later);
    await fire(chat, UNTIL);
    expect(await read(chat)).toMatchObject({ snoozedUntil: later });
  });

  it('is back when its customer writes, once, and its timer goes', async () => {
    const chat = await begin();
    await snooze(chat);
    await write(chat);
    await write(chat);
    expect(await read(chat)).toMatchObject({ snoozedUntil: null, unreadCount: 3 });
    expect(await changes()).toEqual([['snoozedUntil'], ['snoozedUntil']]);
    expect(await news('timer.cancelled')).toEqual([{ key: `conversation-snooze:${chat.id}` }]);
  });

  it('stays away when a stored message comes again', async () => {
    const chat = await begin();
    const event = await write(chat);
    await snooze(chat);
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
    expect(await read(chat)).toMatchObject({ snoozedUntil: UNTIL });
  });

  it('is back when it changes hands or is closed, and stays away for a tag or an answer', async () => {
    const [one, two] = [await desk.addChat(), await desk.addChat()];
    for (const chat of [one, two]) await snooze(chat);
    await desk.ask(desk.boss, 'PATCH', `/conversations/${one.id}`, { priority: 'high' });
    await desk.ask(desk.agent, 'POST', `/conversations/${one.id}/messages`, { text: 'Mañana le confirmo' });
    // The answer makes it `active`: no move of a person's.
    expect(await read(one)).toMatchObject({ snoozedUntil: UNTIL });
    await desk.ask(desk.boss, 'POST', `/conversations/${one.id}/assign`, { userId: desk.agent.caller.userId });
    await desk.ask(desk.boss, 'POST', `/conversations/${two.id}/close`, {});
    expect([await read(one), await read(two)]).toMatchObject([{ snoozedUntil: null }, { snoozedUntil: null }]);
    expect(await news('timer.cancelled')).toHaveLength(2);
  });

  it('is back by hand, and a chat that is not away stays as it is', async () => {
    const chat = await desk.addChat();
    await snooze(chat);
    for (let i = 0; i < 2; i++) {
      expect(await desk.ask(desk.agent, 'DELETE', `/conversations/${chat.id}/snooze`)).toMatchObject({
        status: 200,
        body: { snoozedUntil: null },
      });
    }
    expect(await changes()).toHaveLength(2);
  });

  it.each([inHours(-1), inHours(24 * 366)])('is refused until %s, with its field', async (until) => {
    const refused = await snooze(await desk.addChat(), until);
    expect([refused.status, problemsOf(refused)]).toEqual([422, ['until future']]);
  });

  it('is refused when it is closed, waits in a queue, or is of another tenant', async () => {
    const [closed, waiting] = [await desk.addChat(), await desk.addChat()];
    await desk.ask(desk.boss, 'POST', `/conversations/${closed.id}/close`, {});
    await fixture.admin.sql`
      update conversation.conversations set campaign_id = ${randomUUID()}, status = 'queued' where id = ${waiting.id}`;
    const foreign = await (await openDesk(fixture, service)).addChat();
    const answers = await Promise.all([closed, waiting, foreign].map((chat) => snooze(chat)));
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 404]);
  });

  it('takes no place of its agent, and counts apart', async () => {
    const [one, two] = [await desk.addChat(), await desk.addChat()];
    for (const { id } of [one, two]) {
      await desk.ask(desk.boss, 'POST', `/conversations/${id}/assign`, { userId: desk.agent.caller.userId });
    }
    await snooze(one);
    expect((await desk.ask(desk.agent, 'GET', '/conversation-counts')).body).toEqual({
      ...{ open: 1, unassigned: 0, mine: 1, unread: 0, mineUnread: 0, snoozed: 1, mineSnoozed: 1 },
      byStatus: { new: 0, bot: 0, queued: 0, assigned: 1, active: 0, pending: 0 },
    });
  });

  it('returns to the queue when it comes back to an agent who left', async () => {
    const chat = await desk.addChat();
    const campaignId = randomUUID();
    const userId = desk.agent.caller.userId!;
    const { tenantId } = desk;
    await fixture.admin.sql`
      insert into conversation.campaigns (tenant_id, id, name, code, status, priority, timezone, routing_strategy, reassign_offline)
      values (${tenantId}, ${campaignId}, 'Ventas', 'V', 'active', 5, 'America/Lima', 'round_robin', true)`;
    await fixture.admin.sql`
      insert into conversation.agents (tenant_id, id, agent_status, presence_at, presence_id, status, max_chats, auto_assign, settings_at, settings_id)
      values (${tenantId}, ${userId}, 'offline', now(), gen_random_uuid(), 'active', 5, true, now(), gen_random_uuid())`;
    await fixture.admin.sql`
      update conversation.conversations set campaign_id = ${campaignId}, status = 'assigned', assigned_user_id = ${userId}
      where id = ${chat.id}`;
    await snooze(chat);
    await withWorker(fixture.worker, (tx) => returnWoken(tx, [{ tenantId, id: chat.id }]));
    expect(await read(chat)).toMatchObject({ assignedUserId: userId });
    await fire(chat, UNTIL);
    await withWorker(fixture.worker, (tx) => returnWoken(tx, [{ tenantId, id: chat.id }]));
    expect(await read(chat)).toMatchObject({ assignedUserId: null, status: 'queued' });
  });
});

describe('an archived chat', () => {
  it('is a closed one out of the lists, and back when it is opened again', async () => {
    const chat = await desk.addChat();
    const url = `/conversations/${chat.id}/archive`;
    expect((await desk.ask(desk.agent, 'POST', url)).status).toBe(409);
    await desk.ask(desk.boss, 'POST', `/conversations/${chat.id}/close`, {});
    expect(await desk.ask(desk.agent, 'POST', url)).toMatchObject({ status: 200, body: { archived: true } });
    expect([await list('archived=true'), await list('archived=false')]).toEqual([[chat.id], []]);
    await desk.ask(desk.agent, 'DELETE', url);
    await desk.ask(desk.agent, 'POST', url);
    const { body } = await desk.ask<Conversation>(desk.boss, 'POST', `/conversations/${chat.id}/reopen`);
    expect(body).toMatchObject({ archived: false, metrics: { reopenCount: 1 } });
  });

  it('stays archived when its customer writes: another chat opens', async () => {
    const chat = await begin();
    await desk.ask(desk.boss, 'POST', `/conversations/${chat.id}/close`, {});
    await desk.ask(desk.agent, 'POST', `/conversations/${chat.id}/archive`);
    await write(chat);
    const open = await list('archived=false');
    expect([open.length, open.includes(chat.id), (await read(chat)).archived]).toEqual([1, false, true]);
  });
});

describe('the numbers of a chat', () => {
  it('count both sides, and what customers waited for answers of people', async () => {
    const chat = await begin();
    await write(chat);
    await fixture.admin.sql`
      update conversation.conversations set awaited_since = now() - interval '60 seconds' where id = ${chat.id}`;
    const answer = () => desk.ask(desk.agent, 'POST', `/conversations/${chat.id}/messages`, { text: 'Hola' });
    await answer();
    await answer();
    const { metrics, messageCount } = await read(chat);
    expect(metrics).toMatchObject({ inboundCount: 2, answerCount: 1, reopenCount: 0 });
    expect(metrics!.answerSeconds).toBeGreaterThanOrEqual(59);
    expect(metrics!.answerSeconds).toBeLessThan(90);
    expect(messageCount).toBe(4);
  });
});
