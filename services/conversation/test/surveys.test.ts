import { randomInt, randomUUID } from 'node:crypto';
import {
  buildEvent,
  type EventData,
  permissionsOf,
  type Survey,
  type SurveySummary,
  timerFired,
} from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { joinContact } from '../src/contacts/move.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { askDueSurveys } from '../src/surveys/schedule.ts';
import { createFixture, delivered, type Fixture, type Person, person, received } from './setup.ts';

const NOW = new Date('2030-01-10T12:00:00.000Z');
let now = NOW;
let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('surveys');
  service = await fixture.start({ now: () => now });
});
afterAll(() => fixture.close());

let boss: Person;
let agent: Person;
let channelId: string;
let waId: string;
beforeEach(async () => {
  now = NOW;
  boss = person({ role: 'admin', permissions: permissionsOf('admin') });
  agent = person({ tenantId: boss.tenantId });
  for (const { caller } of [boss, agent]) {
    fixture.identity.users.set(caller.userId!, { tenantId: boss.tenantId, role: 'agent', status: 'active' });
  }
  await fixture.know(boss.tenantId);
  channelId = randomUUID();
  useProvider('meta');
  waId = `5199${randomInt(1_000_000, 9_999_999)}`;
});
const useProvider = (provider: 'meta' | 'wppconnect') =>
  fixture.channels.set(channelId, { id: channelId, provider, tenantId: boss.tenantId });
const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

async function ask<T = Survey>(
  who: Person,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: object,
) {
  const answer = await service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: (answer.body ? answer.json() : null) as T };
}
const set = async (given: object = {}, campaignId: string | null = null) =>
  expect(
    (await ask(boss, 'PUT', '/survey-settings', { campaignId, settings: { enabled: true, minDays: 0, ...given } }))
      .status,
  ).toBe(200);

/** The customer writes, or presses what has this id. */
async function hear(
  content: string,
  more: { choice?: string; at?: Date; provider?: 'meta' | 'wppconnect'; type?: 'text' | 'image' } = {},
) {
  const { choice, at = now, provider = 'meta', type = choice ? 'interactive' : 'text' } = more;
  const event = received(boss.tenantId, {
    ...{ channelId, provider, content, type, sentTime: at.toISOString() },
    from: { waId, phone: `+${waId}`, name: 'Ana' },
    ...(choice && { details: { choice: { id: choice, title: content } } }),
  });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], now));
  return event;
}
interface Chat {
  id: string;
  status: string;
  contactId: string;
  messages: number;
  unread: number;
}
const chats = () => fixture.admin.sql<Chat[]>`
  select id, status, contact_id as "contactId", message_count as messages, unread_count as unread
  from conversation.conversations where tenant_id = ${boss.tenantId} order by created_at, id`;
const sent = () => fixture.admin.sql<{ id: string; content: string; type: string; details: never }[]>`
  select id, content, type, details from conversation.messages
  where tenant_id = ${boss.tenantId} and direction = 'outbound' and author = 'system' order by created_at, id`;
const told = async <T = { surveyId: string }>(name: string) =>
  (await fixture.outbox(boss.tenantId, name)).map(({ data }) => data as T);

/** A chat that this agent answered and closed. */
async function closeChat(who = agent, answer = true): Promise<string> {
  await hear('Hola');
  const { id } = (await chats()).find(({ status }) => status !== 'closed')!;
  await ask(boss, 'POST', `/conversations/${id}/assign`, { userId: who.caller.userId });
  if (answer) expect((await ask(who, 'POST', `/conversations/${id}/messages`, { text: 'Listo' })).status).toBe(201);
  expect((await ask(who, 'POST', `/conversations/${id}/close`, {})).status).toBe(200);
  return id;
}
const surveyOf = async (id: string) =>
  (await ask<{ survey: Survey | null }>(boss, 'GET', `/conversations/${id}/survey`)).body.survey;

/** The timer of the question fires, twice, and the job ends. */
async function fire(chatId: string): Promise<Survey> {
  const [order] = (await told<{ key: string; fireAt: string }>('timer.ordered')).slice(-1);
  const data: EventData<typeof timerFired> = { ...order!, owner: 'conversation', firedAt: order!.fireAt, payload: {} };
  const event = delivered(buildEvent(timerFired, { tenantId: boss.tenantId, data }));
  for (let i = 0; i < 2; i++) await withWorker(fixture.worker, (tx) => askDueSurveys(tx, [event]));
  return eventually(async () => {
    const survey = await surveyOf(chatId);
    expect(survey?.status).not.toBe('scheduled');
    return survey!;
  });
}

describe('a chat that was closed', () => {
  it('is asked about once, within the window by a list whose answer opens no chat', async () => {
    await set();
    const chat = await closeChat();
    const [order] = await told<{ key: string; fireAt: string }>('timer.ordered');
    expect(order).toMatchObject({ fireAt: later(1).toISOString() });
    now = later(1);
    const asked = await fire(chat);
    expect(asked).toMatchObject({ status: 'asked', way: 'list', handledBy: 'person', userId: agent.caller.userId });
    const [question, ...more] = await sent();
    expect(more).toEqual([]);
    expect(question).toMatchObject({
      id: asked.messageId,
      type: 'interactive',
      content: '¿Cómo calificas la atención que recibiste?',
    });
    expect(await told('survey.asked')).toMatchObject([{ surveyId: asked.id, way: 'list', handledBy: 'person' }]);

    now = later(5);
    const event = await hear('4 - Buena', { choice: `csat:${asked.id}:4` });
    expect(await surveyOf(chat)).toMatchObject({ status: 'answered', score: 4, comment: null });
    expect(await chats()).toMatchObject([{ id: chat, status: 'closed', unread: 0, messages: 4 }]);
    expect(await told('survey.answered')).toMatchObject([{ surveyId: asked.id, score: 4, hasComment: false }]);
    const [news] = (
      await told<{ message: { id: string; details: object }; conversation: object }>('message.created')
    ).slice(-1);
    expect(news).toMatchObject({
      message: { id: event.envelope.id, details: { survey: { id: asked.id, score: 4 } } },
      conversation: { id: chat, status: 'closed', isNew: false },
    });
    await eventually(async () =>
      expect((await sent()).map(({ content }) => content)).toContain(
        'Gracias. Si quieres, cuéntanos por qué en un mensaje.',
      ),
    );

    now = later(2);
    await hear('Muy amables');
    expect(await surveyOf(chat)).toMatchObject({ score: 4, comment: 'Muy amables' });
    await eventually(async () =>
      expect((await sent()).map(({ content }) => content)).toContain('Gracias por tu opinión.'),
    );
    expect(await told('survey.answered')).toMatchObject([{}, { score: 4, hasComment: true }]);
    expect(JSON.stringify(await told('survey.answered'))).not.toContain('amables');
    expect(await chats()).toHaveLength(1);

    now = later(1);
    await hear('Ahora necesito otra cosa');
    expect(await chats()).toMatchObject([{ status: 'closed' }, { status: 'new', unread: 1 }]);
  });

  it('takes a number as its score only while no chat is open, and repeats change nothing', async () => {
    await set({ askComment: false });
    const chat = await closeChat();
    await fire(chat);
    await hear('¿Siguen ahí?');
    await hear('5');
    expect(await surveyOf(chat)).toMatchObject({ status: 'asked', score: null });
    expect(await chats()).toMatchObject([{ id: chat }, { status: 'new', messages: 2 }]);
    const [, open] = await chats();
    await ask(boss, 'POST', `/conversations/${open!.id}/close`, {});
    const event = await hear('5');
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], now));
    expect(await surveyOf(chat)).toMatchObject({ status: 'answered', score: 5 });
    expect(await chats()).toHaveLength(2);
    expect(await told('survey.answered')).toHaveLength(1);
    await eventually(async () =>
      expect((await sent()).map(({ content }) => content)).toContain('Gracias por tu opinión.'),
    );
  });

  it('keeps an answer in the new chat when more follows it at once', async () => {
    await set();
    const chat = await closeChat();
    await fire(chat);
    const texts = ['3', '¿Y mi factura?'];
    const events = texts.map((content, i) =>
      delivered(
        received(boss.tenantId, {
          ...{ channelId, content, sentTime: later(1 + i).toISOString() },
          from: { waId, phone: `+${waId}` },
        }),
      ),
    );
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, events, now));
    expect(await surveyOf(chat)).toMatchObject({ status: 'answered', score: 3 });
    expect(await chats()).toMatchObject([{ id: chat }, { status: 'new', messages: 2, unread: 2 }]);
  });

  it('is a text where the provider shows no buttons, answered by thumbs', async () => {
    useProvider('wppconnect');
    await set({ scale: 'thumbs', question: { es: '¿Te ayudamos?' } });
    await hear('Hola', { provider: 'wppconnect' });
    const [chat] = await chats();
    await ask(agent, 'POST', `/conversations/${chat!.id}/messages`, { text: 'Listo' });
    await ask(agent, 'POST', `/conversations/${chat!.id}/close`, {});
    expect(await fire(chat!.id)).toMatchObject({ status: 'asked', way: 'text' });
    expect((await sent())[0]!.content).toBe('¿Te ayudamos?\n\n👍 Bien\n👎 Mal\n\nResponde 👍 o 👎.');
    await hear('👎🏽', { provider: 'wppconnect' });
    expect(await surveyOf(chat!.id)).toMatchObject({ status: 'answered', score: 1, scale: 'thumbs' });
  });

  it('is asked about by the template outside the window, and without one not at all', async () => {
    await set({ template: { name: 'receipt', language: 'es', params: { 1: '{{name}}' } } });
    const chat = await closeChat();
    now = later(25 * 60);
    expect(await fire(chat)).toMatchObject({ status: 'asked', way: 'template' });
    expect(await sent()).toMatchObject([{ type: 'template', content: 'Hola Ana' }]);
    await hear('5 - Excelente', { choice: '5 - Excelente' });
    expect(await surveyOf(chat)).toMatchObject({ status: 'answered', score: 5 });

    await set();
    const other = await closeChat();
    now = later(25 * 60);
    expect(await fire(other)).toMatchObject({ status: 'skipped', reason: 'outside_window', askedAt: null });
    await set({ template: { name: 'gone', language: 'es' } });
    const third = await closeChat();
    now = later(25 * 60);
    expect(await fire(third)).toMatchObject({ status: 'skipped', reason: 'template_unusable' });
  });

  it('is not asked about by a marketing template where the customer wants no marketing', async () => {
    await set({ template: { name: 'welcome', language: 'es', params: { 1: 'Ana' } } });
    await hear('BAJA');
    const chat = await closeChat();
    now = later(25 * 60);
    expect(await fire(chat)).toMatchObject({ status: 'skipped', reason: 'opted_out' });
  });

  it('is not asked about when it had no answer, the contact is blocked, or was asked a moment ago', async () => {
    await set({ minDays: 7 });
    const silent = await closeChat(agent, false);
    expect(await fire(silent)).toMatchObject({ status: 'skipped', reason: 'unanswered' });
    const first = await closeChat();
    expect(await fire(first)).toMatchObject({ status: 'asked' });
    const second = await closeChat();
    expect(await fire(second)).toMatchObject({ status: 'skipped', reason: 'asked_recently' });
    now = later(8 * 24 * 60);
    const third = await closeChat();
    await fixture.admin.sql`
      update conversation.contacts set blocked_at = now() where tenant_id = ${boss.tenantId}`;
    expect(await fire(third)).toMatchObject({ status: 'skipped', reason: 'blocked' });
  });

  it('that opens again is asked about after its next close', async () => {
    await set();
    const chat = await closeChat();
    await ask(agent, 'POST', `/conversations/${chat}/reopen`);
    expect(await fire(chat)).toMatchObject({ status: 'skipped', reason: 'reopened' });
    now = later(10);
    await ask(agent, 'POST', `/conversations/${chat}/close`, {});
    expect(await surveyOf(chat)).toMatchObject({ status: 'scheduled', reason: null });
    expect(await fire(chat)).toMatchObject({ status: 'asked' });
    await ask(agent, 'POST', `/conversations/${chat}/reopen`);
    await ask(agent, 'POST', `/conversations/${chat}/close`, {});
    expect(await surveyOf(chat)).toMatchObject({ status: 'asked' });
    expect(await told('timer.ordered')).toHaveLength(2);
  });

  it('is not asked about by a tenant that set nothing, nor one whose campaign asks nothing', async () => {
    const chat = await closeChat();
    expect(await surveyOf(chat)).toBeNull();
    expect(await told('timer.ordered')).toEqual([]);
    expect((await ask<object>(boss, 'GET', '/survey-settings')).body).toMatchObject({
      settings: { enabled: false },
      isInherited: true,
    });
    await set();
    const campaign = { name: 'Ventas', code: randomUUID(), timezone: 'America/Lima' };
    const { id: campaignId } = (await ask(boss, 'POST', '/campaigns', campaign)).body;
    await set({ enabled: false }, campaignId);
    expect((await ask<object>(boss, 'GET', `/survey-settings?campaignId=${campaignId}`)).body).toMatchObject({
      settings: { enabled: false },
      isInherited: false,
    });
    await hear('Hola');
    const [, open] = await chats();
    await fixture.admin.sql`
      update conversation.conversations set campaign_id = ${campaignId} where id = ${open!.id}`;
    await ask(agent, 'POST', `/conversations/${open!.id}/close`, {});
    expect(await surveyOf(open!.id)).toBeNull();
    expect((await ask(boss, 'DELETE', `/survey-settings/${campaignId}`)).status).toBe(204);
    expect((await ask<object>(boss, 'GET', `/survey-settings?campaignId=${campaignId}`)).body).toMatchObject({
      settings: { enabled: true },
      isInherited: true,
    });
  });

  it('beyond the plan is not asked about', async () => {
    await set();
    const chat = await closeChat();
    await fixture.know(boss.tenantId, { plan: 'starter' });
    await fixture.admin.sql`
      update conversation.usage_months set messages = 1000000 where tenant_id = ${boss.tenantId}`;
    expect(await fire(chat)).toMatchObject({ status: 'skipped', reason: 'plan' });
    expect(await sent()).toEqual([]);
  });
});

describe('answers', () => {
  async function answeredBy(who: Person, score: number): Promise<string> {
    const chat = await closeChat(who);
    const { id } = await fire(chat);
    await hear('x', { choice: `csat:${id}:${score}` });
    waId = `5199${randomInt(1_000_000, 9_999_999)}`;
    return chat;
  }
  const list = async (query: string, who = boss) =>
    (await ask<{ items: Survey[]; total: number; nextCursor: string | null }>(who, 'GET', `/surveys?${query}`)).body;
  const period = `from=${new Date(NOW.getTime() - 86_400_000).toISOString()}&to=${new Date(NOW.getTime() + 86_400_000).toISOString()}`;

  it('are listed by filters and pages, and agents see those about their own chats', async () => {
    await set({ askComment: false });
    const mine = await answeredBy(agent, 5);
    now = later(1);
    const others = await answeredBy(boss, 2);
    now = later(1);
    const silent = await closeChat(boss);
    await fire(silent);
    expect((await list('')).items.map(({ conversationId }) => conversationId)).toEqual([others, mine]);
    expect(await list('', agent)).toMatchObject({ total: 1, items: [{ conversationId: mine, score: 5 }] });
    expect(await list('score=2')).toMatchObject({ total: 1, items: [{ conversationId: others }] });
    expect(await list('status=asked')).toMatchObject({ total: 1, items: [{ conversationId: silent }] });
    expect(await list(`userId=${agent.caller.userId}&handledBy=person&channelId=${channelId}`)).toMatchObject({
      total: 1,
    });
    expect(await list('handledBy=ai')).toMatchObject({ total: 0 });
    const page = await list('limit=1');
    expect(page).toMatchObject({ total: 2, items: [{ conversationId: others }] });
    expect(await list(`limit=1&cursor=${page.nextCursor}`)).toMatchObject({
      items: [{ conversationId: mine }],
      nextCursor: null,
    });

    const summary = (await ask<SurveySummary>(boss, 'GET', `/surveys-summary?${period}`)).body;
    expect(summary).toMatchObject({ asked: 3, answered: 2, responseRate: 0.6667, average: 3.5 });
    expect(summary.distribution).toEqual({ 1: 0, 2: 1, 3: 0, 4: 0, 5: 1 });
    expect(summary.agents).toMatchObject([
      { userId: boss.caller.userId, asked: 2, answered: 1, average: 2 },
      { userId: agent.caller.userId, asked: 1, answered: 1, average: 5 },
    ]);
    expect((await ask<SurveySummary>(agent, 'GET', `/surveys-summary?${period}`)).body).toMatchObject({ asked: 1 });
    const long = `from=2028-01-01T00:00:00.000Z&to=2030-01-01T00:00:00.000Z`;
    expect(await ask(boss, 'GET', `/surveys-summary?${long}`)).toMatchObject({ status: 422 });
  });

  it('of another tenant are not seen, and its buttons answer nothing', async () => {
    await set();
    const chat = await closeChat();
    const { id } = await fire(chat);
    const stranger = person({ role: 'admin', permissions: permissionsOf('admin') });
    expect(await list('status=asked', stranger)).toMatchObject({ total: 0 });
    expect((await ask(stranger, 'GET', `/conversations/${chat}/survey`)).status).toBe(404);
    const other = received(stranger.tenantId, {
      ...{ channelId: randomUUID(), content: '1', type: 'interactive', sentTime: now.toISOString() },
      details: { choice: { id: `csat:${id}:1`, title: '1' } },
    });
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(other)], now));
    expect(await surveyOf(chat)).toMatchObject({ status: 'asked', score: null });
  });

  it('go with an erased contact, and follow one that joins another', async () => {
    await set();
    const chat = await answeredBy(agent, 5);
    const { contactId } = (await chats())[0]!;
    const into = randomUUID();
    await fixture.admin.sql`
      insert into conversation.contacts (tenant_id, id, name, phone, entered_at)
      values (${boss.tenantId}, ${into}, 'Luz', '+51999000111', now())`;
    await withWorker(fixture.worker, (tx) => joinContact(tx, boss.tenantId, contactId, into));
    expect((await surveyOf(chat))?.contact).toMatchObject({ id: into });
    expect((await ask(boss, 'DELETE', `/contacts/${into}`)).status).toBe(204);
    expect(await surveyOf(chat)).toBeNull();
  });
});

it('settings name what is wrong, and need their permission', async () => {
  const put = (settings: object) =>
    ask<{ error: { details: object[] } }>(boss, 'PUT', '/survey-settings', { settings });
  expect(await put({ enabled: true, delaySeconds: -1 })).toMatchObject({
    status: 422,
    body: { error: { details: [{ field: 'settings.delaySeconds' }] } },
  });
  expect(await put({ enabled: true, question: { fr: 'Quoi ?' } })).toMatchObject({ status: 422 });
  expect((await ask(agent, 'PUT', '/survey-settings', { settings: { enabled: true } })).status).toBe(403);
  const unknown = { campaignId: randomUUID(), settings: { enabled: true } };
  expect((await ask(boss, 'PUT', '/survey-settings', unknown)).status).toBe(404);
  expect(await told('audit.recorded')).toEqual([]);
});
