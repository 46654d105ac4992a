import { aiResponderApi, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, createFixture, type Fixture } from './support.ts';

interface Requested {
  conversationId: string;
  inboundMessageId: string;
  text: string;
  model: string;
  tokensUsed: number;
}

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture({ modelTimeoutMs: 1000 });
});
afterAll(() => fixture.stop());
afterEach(() => fixture.sandbox.clearAiScript());

/** A tenant with the AI on. */
async function tenantWithAi(patch: object = {}): Promise<string> {
  const tenantId = uuidv7();
  const { status } = await call(fixture.ai, aiResponderApi.updateConfig, {
    tenantId,
    body: { enabled: true, settings: { responseDelay: 0 }, ...patch },
  });
  expect(status).toBe(200);
  return tenantId;
}
const waiting = (id: string) => eventually(async () => expect(await fixture.stateOf(id)).toBe('waiting'));
const settled = (id: string, state: string) => eventually(async () => expect(await fixture.stateOf(id)).toBe(state));
const replies = (tenantId: string) => fixture.published<Requested>(tenantId, 'reply.requested');
const callsAbout = async (text: string) =>
  (await fixture.calls()).filter((row) => JSON.stringify(row.messages).includes(text));

describe('a customer’s message', () => {
  it('orders a timer; when it fires, the model is asked once and the reply is requested', async () => {
    const tenantId = await tenantWithAi({ settings: { responseDelay: 1500 } });
    const said = await fixture.hear(tenantId, '¿A qué hora abren hoy?');
    await waiting(said.message.id);
    const [order] = await fixture.published<{ key: string; fireAt: string }>(tenantId, 'timer.ordered');
    expect(order!.key).toBe(`reply:${said.conversationId}`);
    expect(Date.parse(order!.fireAt) - Date.parse(said.message.createdAt)).toBe(1500);
    expect(await callsAbout('¿A qué hora abren hoy?')).toHaveLength(0);

    await fixture.fire(tenantId, said.conversationId);
    await settled(said.message.id, 'done');
    const [call1, ...more] = await callsAbout('¿A qué hora abren hoy?');
    expect(more).toEqual([]);
    const [reply, ...others] = await replies(tenantId);
    expect(others).toEqual([]);
    expect(reply).toMatchObject({
      conversationId: said.conversationId,
      inboundMessageId: said.message.id,
      text: call1!.reply,
      model: 'gpt-3.5-turbo',
      tokensUsed: call1!.promptTokens + call1!.completionTokens,
    });
    const { body } = await call(fixture.ai, aiResponderApi.getConfig, { tenantId });
    expect(body.usage).toEqual({ tokensToday: reply!.tokensUsed, tokensThisMonth: reply!.tokensUsed });
  });

  it('is not answered while the AI is off, also when another tenant’s AI is on', async () => {
    const [on, off] = [await tenantWithAi(), uuidv7()];
    const silent = await fixture.hear(off, 'hola, apagado');
    const heard = await fixture.hear(on, 'hola, encendido');
    await waiting(heard.message.id);
    await fixture.caughtUp();
    expect(await fixture.stateOf(silent.message.id)).toBeUndefined();
    expect(await fixture.published(off, 'timer.ordered')).toEqual([]);
  });

  it('is answered right after the AI is switched on, although it was known to be off a moment before', async () => {
    const tenantId = uuidv7();
    await fixture.hear(tenantId, 'antes');
    await fixture.caughtUp();
    await call(fixture.ai, aiResponderApi.toggle, { tenantId, body: { enabled: true } });
    await waiting((await fixture.hear(tenantId, 'después')).message.id);
  });

  it('from before the AI was switched on stays unanswered when it comes again', async () => {
    const said = fixture.customerSays(uuidv7(), 'de ayer', { createdAt: new Date(Date.now() - 3_600_000) });
    const tenantId = said.event.envelope.tenantid;
    await call(fixture.ai, aiResponderApi.toggle, { tenantId, body: { enabled: true } });
    await fixture.publish(said.event);
    await fixture.caughtUp();
    expect(await fixture.stateOf(said.message.id)).toBeUndefined();
  });

  it.each([
    ['a person holds the conversation', { status: 'active' as const }],
    ['it is assigned', { assignedUserId: uuidv7() }],
  ])('is left alone when %s', async (_, held) => {
    const tenantId = await tenantWithAi();
    const { event, message, thread } = fixture.customerSays(tenantId, 'hola');
    Object.assign(thread.conversation, held);
    Object.assign((event.envelope.data as { conversation: object }).conversation, held);
    await fixture.publish(event);
    await fixture.caughtUp();
    expect(await fixture.stateOf(message.id)).toBeUndefined();
  });

  it('delivered five times, its timer too, is answered once', async () => {
    const tenantId = await tenantWithAi();
    const said = fixture.customerSays(tenantId, 'cinco veces');
    // Without a message id the stream keeps every copy.
    const again = (event: { subject: string; envelope: object }) =>
      fixture.bus.js.publish(event.subject, JSON.stringify(event.envelope));
    for (let i = 0; i < 5; i++) await again(said.event);
    await waiting(said.message.id);
    const timer = fixture.fired(tenantId, said.conversationId);
    for (let i = 0; i < 5; i++) await again(timer);
    await settled(said.message.id, 'done');
    for (let i = 0; i < 3; i++) await again(said.event);
    await again(timer);
    await fixture.caughtUp();
    expect(await replies(tenantId)).toHaveLength(1);
    expect(await callsAbout('cinco veces')).toHaveLength(1);
    expect(await fixture.published(tenantId, 'timer.ordered')).toHaveLength(1);
  });

  it('followed by another within the delay: one reply answers both, and still greets', async () => {
    const tenantId = await tenantWithAi({ welcomeMessage: '¡Bienvenida a la tienda!' });
    const first = await fixture.hear(tenantId, 'Quiero un taladro');
    await waiting(first.message.id);
    const second = await fixture.hear(tenantId, 'Que sea inalámbrico', { conversationId: first.conversationId });
    await waiting(second.message.id);
    expect(await fixture.stateOf(first.message.id)).toBe('superseded');
    expect(await fixture.published(tenantId, 'timer.ordered')).toHaveLength(2);
    await fixture.fire(tenantId, first.conversationId);
    await settled(second.message.id, 'done');
    const [reply, ...others] = await replies(tenantId);
    expect(others).toEqual([]);
    expect(reply!.inboundMessageId).toBe(second.message.id);
    expect(reply!.text).toMatch(/^¡Bienvenida a la tienda!\n\n./);
    expect(await callsAbout('Quiero un taladro')).toHaveLength(1);
  });
});

describe('a person', () => {
  it('who took over before the timer fired keeps the AI silent', async () => {
    const tenantId = await tenantWithAi();
    const said = await fixture.hear(tenantId, 'ya me atienden');
    await waiting(said.message.id);
    said.thread.conversation.assignedUserId = uuidv7();
    await fixture.fire(tenantId, said.conversationId);
    await settled(said.message.id, 'dropped: taken_over');
    expect(await callsAbout('ya me atienden')).toHaveLength(0);
    expect(await replies(tenantId)).toEqual([]);
  });

  it('who answered from another place keeps the AI silent as well', async () => {
    const tenantId = await tenantWithAi();
    const said = await fixture.hear(tenantId, 'ya me respondieron', { createdAt: new Date(Date.now() - 50) });
    await waiting(said.message.id);
    fixture.personSays(said.conversationId, 'Aquí estoy');
    await fixture.fire(tenantId, said.conversationId);
    await settled(said.message.id, 'dropped: answered');
    expect(await replies(tenantId)).toEqual([]);
  });
});

describe('a model that fails', () => {
  async function ask(text: string, patch: object = {}) {
    const tenantId = await tenantWithAi(patch);
    const said = await fixture.hear(tenantId, text);
    await waiting(said.message.id);
    await fixture.fire(tenantId, said.conversationId);
    return { tenantId, said };
  }
  const handoffs = (tenantId: string) => fixture.published(tenantId, 'conversation.handed-off');

  it.each([
    ['500', { error: 500 }],
    ['429', { error: 429 }],
    ['half an answer', { fault: 'malformed' as const }],
  ])('with %s three times hands the conversation to an agent', async (name, script) => {
    // The sandbox's 429 asks for a pause of a second.
    const text = `tres veces ${name}`;
    await fixture.sandbox.scriptAi({ match: text, times: null, ...script });
    const { tenantId, said } = await ask(text);
    await settled(said.message.id, 'handed_off: model_error');
    expect(await callsAbout(text)).toHaveLength(3);
    expect(await replies(tenantId)).toEqual([]);
    expect(await handoffs(tenantId)).toMatchObject([
      { conversationId: said.conversationId, inboundMessageId: said.message.id, reason: 'model_error' },
    ]);
  });

  it('to answer in time is asked three times, then an agent', async () => {
    await fixture.sandbox.scriptAi({ match: 'jamás', fault: 'timeout', times: null });
    const { tenantId, said } = await ask('jamás');
    await settled(said.message.id, 'handed_off: timeout');
    expect(await callsAbout('jamás')).toHaveLength(3);
    expect(await handoffs(tenantId)).toMatchObject([{ reason: 'timeout' }]);
  });

  it('twice and then answers gives the customer the answer', async () => {
    await fixture.sandbox.scriptAi({ match: 'a la tercera', times: 2, fault: 'reset' });
    await fixture.sandbox.scriptAi({ match: 'a la tercera', reply: 'Aquí está.' });
    const { tenantId, said } = await ask('a la tercera');
    await settled(said.message.id, 'done');
    expect(await replies(tenantId)).toMatchObject([{ text: 'Aquí está.' }]);
    expect(await handoffs(tenantId)).toEqual([]);
  });

  it('by refusing is not asked again', async () => {
    await fixture.sandbox.scriptAi({ match: 'prohibido', error: 400, times: null });
    const { said } = await ask('prohibido');
    await settled(said.message.id, 'handed_off: model_error');
    expect(await callsAbout('prohibido')).toHaveLength(1);
  });

  it('with an empty answer hands the conversation to an agent, and the tokens count', async () => {
    await fixture.sandbox.scriptAi({ match: 'silencio', reply: '' });
    const { tenantId, said } = await ask('silencio');
    await settled(said.message.id, 'handed_off: empty_reply');
    const { body } = await call(fixture.ai, aiResponderApi.getConfig, { tenantId });
    expect(body.usage.tokensToday).toBeGreaterThan(0);
  });
});

describe('the budget', () => {
  it('once spent, hands over instead of asking the model', async () => {
    const tenantId = await tenantWithAi({ limits: { maxTokensPerDay: 1 } });
    const [first, second] = [
      await fixture.hear(tenantId, 'primero'),
      await fixture.hear(tenantId, 'segundo, sin saldo'),
    ];
    await waiting(second.message.id);
    await fixture.fire(tenantId, first.conversationId);
    await settled(first.message.id, 'done');
    await fixture.fire(tenantId, second.conversationId);
    await settled(second.message.id, 'handed_off: budget');
    expect(await callsAbout('segundo, sin saldo')).toHaveLength(0);
    expect(await fixture.published(tenantId, 'conversation.handed-off')).toMatchObject([{ reason: 'budget' }]);
  });
});

describe('the response mode', () => {
  it('by keywords answers only messages that contain one', async () => {
    const tenantId = await tenantWithAi({ responseMode: 'keywords', keywords: ['cotización'] });
    const [without, having] = [
      await fixture.hear(tenantId, 'hola'),
      await fixture.hear(tenantId, 'Una COTIZACION, por favor'),
    ];
    await waiting(having.message.id);
    await fixture.caughtUp();
    expect(await fixture.stateOf(without.message.id)).toBeUndefined();
  });
});
