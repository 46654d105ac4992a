import { aiResponderApi, uuidv7 } from '@recado/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { call, createFixture, type Fixture } from './support.ts';

const { getConfig, updateConfig, toggle, test } = aiResponderApi;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());
afterEach(() => fixture.sandbox.clearAiScript());

const get = (tenantId: string) => call(fixture.ai, getConfig, { tenantId });
const update = (tenantId: string, body: object, role: 'admin' | 'supervisor' | 'agent' = 'admin') =>
  call(fixture.ai, updateConfig, { tenantId, body, role });

describe('a configuration', () => {
  it('has sensible defaults, is off, and gets one id for parallel first requests', async () => {
    const tenantId = uuidv7();
    const answers = await Promise.all(Array.from({ length: 10 }, () => get(tenantId)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers[0]).toMatchObject({
      status: 200,
      body: {
        enabled: false,
        model: 'gpt-3.5-turbo',
        personality: 'friendly',
        responseMode: 'always',
        keywords: [],
        businessHours: { monday: { start: '09:00', end: '18:00' }, timezone: 'America/Lima' },
        settings: { temperature: 0.7, maxTokens: 150, responseDelay: 1500, contextWindow: 5, language: 'es' },
        limits: { maxTokensPerDay: 10_000, maxTokensPerMonth: 100_000 },
        usage: { tokensToday: 0, tokensThisMonth: 0 },
      },
    });
    expect(answers[0]!.body).not.toHaveProperty('tenantId');
  });

  it('keeps fields that a change does not name, also inside settings and limits', async () => {
    const tenantId = uuidv7();
    const before = (await get(tenantId)).body;
    const change = {
      personality: 'professional',
      keywords: ['consulta', 'cotización'],
      settings: { temperature: 0.5, maxTokens: 200 },
      limits: { maxTokensPerDay: 5 },
      businessHours: { sunday: { start: '22:00', end: '02:00' }, monday: null, timezone: 'America/Bogota' },
    };
    const { status, body } = await update(tenantId, change);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...before,
      ...change,
      settings: { ...before.settings, temperature: 0.5, maxTokens: 200 },
      limits: { maxTokensPerDay: 5, maxTokensPerMonth: 100_000 },
    });
    expect((await get(tenantId)).body).toEqual(body);
    expect((await update(tenantId, { businessHours: null })).body.businessHours).toBeNull();
  });

  it('takes only models that the installation offers', async () => {
    const tenantId = uuidv7();
    expect((await update(tenantId, { model: 'gpt-4o-mini' })).status).toBe(200);
    const refused = await update(tenantId, { model: 'o1-pro' });
    expect(refused).toMatchObject({
      status: 422,
      body: { error: { details: [{ field: 'model', code: 'model' }] } },
    });
    expect((await get(tenantId)).body.model).toBe('gpt-4o-mini');
  });

  it('never calls a model that is no longer offered', async () => {
    const tenantId = uuidv7();
    await get(tenantId);
    await fixture.sql`update ai_responder.ai_configs set model = 'o1-pro' where tenant_id = ${tenantId}`;
    const before = (await fixture.calls()).length;
    expect((await call(fixture.ai, test, { tenantId, body: { message: 'hola' } })).status).toBe(422);
    expect(await fixture.calls()).toHaveLength(before);
  });

  it('loses none of two changes made at once', async () => {
    const tenantId = uuidv7();
    await Promise.all([
      update(tenantId, { settings: { temperature: 0.1 } }),
      update(tenantId, { settings: { maxTokens: 77 } }),
      update(tenantId, { keywords: ['a'] }),
    ]);
    expect((await get(tenantId)).body).toMatchObject({
      settings: { temperature: 0.1, maxTokens: 77 },
      keywords: ['a'],
    });
  });

  it('of one tenant is not another’s', async () => {
    const [a, b] = [uuidv7(), uuidv7()];
    await update(a, { enabled: true, systemPrompt: 'Secreto de A' });
    const { body } = await get(b);
    expect(body.enabled).toBe(false);
    expect(body.systemPrompt).not.toContain('Secreto');
    expect(body.id).not.toBe((await get(a)).body.id);
  });

  it('can be read by every role and changed only by admins and supervisors', async () => {
    const tenantId = uuidv7();
    expect(await call(fixture.ai, getConfig, { tenantId, role: 'agent' })).toMatchObject({ status: 200 });
    for (const answer of [
      await update(tenantId, { enabled: true }, 'agent'),
      await call(fixture.ai, toggle, { tenantId, role: 'agent', body: { enabled: true } }),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    }
    expect((await get(tenantId)).body.enabled).toBe(false);
    const switched = await call(fixture.ai, toggle, { tenantId, role: 'supervisor', body: { enabled: true } });
    expect(switched).toMatchObject({ status: 200, body: { enabled: true } });
  });

  it.each([
    ['an unknown time zone', { businessHours: { timezone: 'Luna/Base' } }, 'businessHours.timezone'],
    [
      'a clock that does not exist',
      { businessHours: { monday: { start: '25:00', end: '26:00' } } },
      'businessHours.monday.start',
    ],
    ['a tenant of its own choice', { tenantId: uuidv7() }, 'tenantId'],
    ['usage', { usage: { tokensToday: 0 } }, 'usage'],
    ['a NUL', { systemPrompt: 'a\0b' }, 'systemPrompt'],
    ['too warm a temperature', { settings: { temperature: 3 } }, 'settings.temperature'],
  ])('refuses %s', async (_, body, field) => {
    const answer = await update(uuidv7(), body);
    expect(answer.status).toBe(422);
    expect(answer.body.error.details.map((detail: { field: string }) => detail.field)).toContain(field);
  });
});

describe('a trial', () => {
  const ask = (tenantId: string, body: object) => call(fixture.ai, test, { tenantId, body });

  it('answers as the AI would, with its configuration, counts its tokens and sends nothing', async () => {
    const tenantId = uuidv7();
    await update(tenantId, { systemPrompt: 'Eres de TechStore', settings: { contextWindow: 3 } });
    const { status, body } = await ask(tenantId, {
      message: '¿Horarios?',
      context: ['Viejo', 'Hola', 'Hola, ¿en qué puedo ayudarte?', 'Nada', 'Bien'],
    });
    expect(status).toBe(200);
    const [row, ...others] = (await fixture.calls()).filter((one) =>
      JSON.stringify(one.messages).includes('TechStore'),
    );
    expect(others).toEqual([]);
    expect(row!.messages).toEqual([
      { role: 'system', content: expect.stringContaining('Eres de TechStore') },
      { role: 'assistant', content: 'Nada' },
      { role: 'user', content: 'Bien' },
      { role: 'user', content: '¿Horarios?' },
    ]);
    expect(body).toMatchObject({
      response: row!.reply,
      metadata: { model: 'gpt-3.5-turbo', tokensUsed: row!.promptTokens + row!.completionTokens, temperature: 0.7 },
    });
    expect((await get(tenantId)).body.usage.tokensToday).toBe(body.metadata.tokensUsed);
    expect(await fixture.published(tenantId, 'reply.requested')).toEqual([]);
  });

  it.each([
    ['fails', '[[error:500]]', 502, 'bad_gateway'],
    ['refuses', '[[error:400]]', 502, 'bad_gateway'],
    ['breaks off', '[[reset]]', 502, 'bad_gateway'],
    ['is busy', '[[error:429]]', 503, 'unavailable'],
  ])('says so when the model %s', async (_, message, status, code) => {
    expect(await ask(uuidv7(), { message })).toMatchObject({ status, body: { error: { code } } });
  });

  it('of one tenant waits only for its own trials, and gets 429 when there are too many', async () => {
    const [flooding, other] = [uuidv7(), uuidv7()];
    const flood = Array.from({ length: 12 }, () => ask(flooding, { message: 'hola [[slow:1500]]' }));
    const beside = await ask(other, { message: 'hola' });
    expect(beside.status).toBe(200);
    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(4);
  });

  it('is refused once the budget is spent, with the time until it resets', async () => {
    const tenantId = uuidv7();
    await update(tenantId, { limits: { maxTokensPerMonth: 0 } });
    const answer = await ask(tenantId, { message: 'hola' });
    expect(answer).toMatchObject({ status: 429, body: { error: { code: 'too_many_requests' } } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });
});
