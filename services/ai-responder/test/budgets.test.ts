import { aiResponderApi, PLANS, type PlanName, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, createFixture, type Fixture } from './support.ts';

const { getConfig, updateConfig, toggle, test } = aiResponderApi;
const BASIC = tokensOf('basic');
const PRO = tokensOf('pro');

/** The budget of a plan that has one. */
function tokensOf(plan: PlanName) {
  const { tokensPerDay, tokensPerMonth } = PLANS[plan].ai;
  if (tokensPerDay === null || tokensPerMonth === null) throw new Error(`${plan} has no budget`);
  return { tokensPerDay, tokensPerMonth };
}

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

const update = (tenantId: string, body: object) => call(fixture.ai, updateConfig, { tenantId, body });
const tryOut = (tenantId: string, message: string) => call(fixture.ai, test, { tenantId, body: { message } });
const callsAbout = async (text: string) =>
  (await fixture.calls()).filter((row) => JSON.stringify(row.messages).includes(text));

/** A tenant with the AI on and limits as high as `pro` has them, then on `plan`. */
async function tenantOn(plan: PlanName): Promise<string> {
  const tenantId = uuidv7();
  fixture.plans.of.set(tenantId, 'pro');
  const limits = { maxTokensPerDay: PRO.tokensPerDay, maxTokensPerMonth: PRO.tokensPerMonth };
  expect((await update(tenantId, { enabled: true, settings: { responseDelay: 0 }, limits })).status).toBe(200);
  await movePlan(tenantId, plan);
  return tenantId;
}
async function movePlan(tenantId: string, plan: PlanName): Promise<void> {
  await fixture.tellPlan(tenantId, plan);
  await eventually(async () => {
    const rows = await fixture.sql`select plan from ai_responder.tenants where tenant_id = ${tenantId}`;
    expect(rows).toMatchObject([{ plan }]);
  });
}
/** The tenant has used this many tokens today: the day in Lima, as the default hours have it. */
const use = (tenantId: string, tokens: number) => fixture.sql`
  insert into ai_responder.usage_days (tenant_id, day, tokens, calls)
  values (${tenantId}, (now() at time zone 'America/Lima')::date, ${tokens}, 1)
  on conflict (tenant_id, day) do update set tokens = excluded.tokens`;
/** A customer asks; the end of the reply. */
async function answerTo(tenantId: string, text: string): Promise<string> {
  const { message, conversationId } = await fixture.hear(tenantId, text);
  await eventually(async () => expect(await fixture.stateOf(message.id)).toBe('waiting'));
  await fixture.fire(tenantId, conversationId);
  return eventually(async () => {
    const state = (await fixture.stateOf(message.id))!;
    expect(state).toMatch(/^(done|handed_off|dropped)/);
    return state;
  });
}

describe("a plan's token budget", () => {
  it('stops calls of the model although the tenant’s own limit is higher, and a larger plan allows them again', async () => {
    const tenantId = await tenantOn('basic');
    await use(tenantId, BASIC.tokensPerDay);
    expect(await answerTo(tenantId, 'sobre el plan')).toBe('handed_off: budget');
    expect(await callsAbout('sobre el plan')).toEqual([]);
    await movePlan(tenantId, 'pro');
    expect(await answerTo(tenantId, 'con más plan')).toBe('done');
    expect(await callsAbout('con más plan')).toHaveLength(1);
  });

  it('leaves the last token below it to be spent', async () => {
    const tenantId = await tenantOn('basic');
    await use(tenantId, BASIC.tokensPerDay - 1);
    expect(await answerTo(tenantId, 'el último token')).toBe('done');
    expect(await answerTo(tenantId, 'uno más')).toBe('handed_off: budget');
  });

  it('also holds for trials: they are refused beyond it, and their tokens leave less for replies', async () => {
    const tenantId = await tenantOn('basic');
    await use(tenantId, BASIC.tokensPerDay - 1);
    expect((await tryOut(tenantId, 'una prueba')).status).toBe(200);
    const refused = await tryOut(tenantId, 'otra prueba');
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'too_many_requests' } } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(await callsAbout('otra prueba')).toEqual([]);
    expect(await answerTo(tenantId, 'tras las pruebas')).toBe('handed_off: budget');
    await movePlan(tenantId, 'pro');
    expect((await tryOut(tenantId, 'otra vez')).status).toBe(200);
  });
});

describe('a limit above the plan’s', () => {
  it('is refused with its name and the plan’s number, and changes nothing', async () => {
    const tenantId = uuidv7();
    fixture.plans.of.set(tenantId, 'basic');
    const limits = { maxTokensPerDay: BASIC.tokensPerDay + 1, maxTokensPerMonth: BASIC.tokensPerMonth + 1 };
    const both = await update(tenantId, { keywords: ['nuevo'], limits });
    expect(both.status).toBe(422);
    expect(both.body.error).toMatchObject({
      code: 'validation_failed',
      details: [
        { field: 'limits.maxTokensPerDay', code: 'too_big', params: { maximum: BASIC.tokensPerDay } },
        { field: 'limits.maxTokensPerMonth', code: 'too_big', params: { maximum: BASIC.tokensPerMonth } },
      ],
    });
    const one = await update(tenantId, { limits: { maxTokensPerMonth: BASIC.tokensPerMonth + 1 } });
    expect(one.body.error.details).toMatchObject([{ field: 'limits.maxTokensPerMonth' }]);
    expect((await call(fixture.ai, getConfig, { tenantId })).body).toMatchObject({
      keywords: [],
      limits: { maxTokensPerDay: 10_000, maxTokensPerMonth: 100_000 },
    });
    expect((await update(tenantId, { limits: { maxTokensPerDay: BASIC.tokensPerDay } })).status).toBe(200);
  });

  it('may be set on an unlimited plan', async () => {
    const tenantId = uuidv7();
    expect((await update(tenantId, { limits: { maxTokensPerDay: 1_000_000_000 } })).status).toBe(200);
  });

  it('that was stored before does not block other changes', async () => {
    const tenantId = await tenantOn('basic');
    expect((await update(tenantId, { keywords: ['precio'] })).body).toMatchObject({
      keywords: ['precio'],
      limits: { maxTokensPerDay: PRO.tokensPerDay },
    });
  });
});

describe('a tenant whose plan is not known from an event', () => {
  it('is asked for once', async () => {
    const tenantId = uuidv7();
    const changes = Array.from({ length: 5 }, () => update(tenantId, { limits: { maxTokensPerDay: 5_000 } }));
    expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect((await tryOut(tenantId, 'hola')).status).toBe(200);
    expect(fixture.plans.asked.filter((id) => id === tenantId)).toHaveLength(1);
  });

  it('waits while identity is away: limits and trials get 503, and a reply comes later', async () => {
    const tenantId = uuidv7();
    await call(fixture.ai, toggle, { tenantId, body: { enabled: true } });
    await update(tenantId, { settings: { responseDelay: 0 } });
    fixture.plans.away = true;
    const { message, conversationId } = await fixture.hear(tenantId, 'sin plan todavía');
    try {
      expect((await update(tenantId, { limits: { maxTokensPerDay: 1 } })).status).toBe(503);
      expect((await tryOut(tenantId, 'hola')).status).toBe(503);
      await eventually(async () => expect(await fixture.stateOf(message.id)).toBe('waiting'));
      const before = fixture.plans.asked.length;
      await fixture.fire(tenantId, conversationId);
      await eventually(async () => expect(fixture.plans.asked.length).toBeGreaterThan(before));
      expect(await callsAbout('sin plan todavía')).toEqual([]);
    } finally {
      fixture.plans.away = false;
    }
    await eventually(async () => expect(await fixture.stateOf(message.id)).toBe('done'));
  });
});
