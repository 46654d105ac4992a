import { type AuditEntry, aiResponderApi, type RouteContract, uuidv7 } from '@recado/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, createFixture, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture();
});
afterAll(() => fixture.stop());

/** What each changing route is called with; a new route needs a line here. */
const BODIES: Record<string, object> = {
  updateConfig: { systemPrompt: 'Nuevo', settings: { temperature: 0.1, maxTokens: 99 } },
  toggle: { enabled: true },
};
const changing = Object.entries(aiResponderApi as Record<string, RouteContract>).filter(
  ([, contract]) => contract.method !== 'GET' && typeof contract.audit === 'string',
) as [keyof typeof aiResponderApi, RouteContract][];
const audited = (tenantId: string) => fixture.published<AuditEntry>(tenantId, 'audit.recorded');

it.each(changing)('%s emits one audit event with only the changed fields', async (name, contract) => {
  const tenantId = uuidv7();
  const { body: before } = await call(fixture.ai, aiResponderApi.getConfig, { tenantId });
  expect(await audited(tenantId)).toEqual([]);
  const { status, body } = await call(fixture.ai, aiResponderApi[name], { tenantId, body: BODIES[name]! });
  expect(status).toBe(200);
  const entries = await audited(tenantId);
  expect(entries).toMatchObject([
    { action: contract.audit, entityType: 'ai_config', entityId: body.id, success: true, actor: { kind: 'user' } },
  ]);
  expect(entries[0]!.changes).toEqual(
    name === 'toggle'
      ? { enabled: { from: false, to: true } }
      : {
          systemPrompt: { from: before.systemPrompt, to: 'Nuevo' },
          'settings.temperature': { from: 0.7, to: 0.1 },
          'settings.maxTokens': { from: 150, to: 99 },
        },
  );
});

it.each(changing)('%s that is refused emits none, and one without a change says so', async (name) => {
  const tenantId = uuidv7();
  const refused = await call(fixture.ai, aiResponderApi[name], { tenantId, role: 'agent', body: BODIES[name]! });
  expect(refused.status).toBe(403);
  expect(await audited(tenantId)).toEqual([]);
  for (let i = 0; i < 2; i++) await call(fixture.ai, aiResponderApi[name], { tenantId, body: BODIES[name]! });
  expect((await audited(tenantId)).map(({ changes }) => changes !== null)).toEqual([true, false]);
});

it('parallel changes each record the value before', async () => {
  const tenantId = uuidv7();
  const temperatures = [0.1, 0.2, 0.3, 0.4, 0.5];
  await Promise.all(
    temperatures.map((temperature) =>
      call(fixture.ai, aiResponderApi.updateConfig, { tenantId, body: { settings: { temperature } } }),
    ),
  );
  const steps = (await audited(tenantId)).map(({ changes }) => changes!['settings.temperature']!);
  expect(steps.map(({ to }) => to).toSorted()).toEqual(temperatures);
  // A chain from the default: each began where another ended.
  expect(steps.map(({ from }) => from).toSorted()).toEqual(
    [0.7, ...temperatures].filter((t) => t !== last(steps)).toSorted(),
  );
});

/** The end of the chain: the value that is no step's start. */
const last = (steps: { from: unknown; to: unknown }[]) =>
  steps.find(({ to }) => !steps.some(({ from }) => from === to))!.to;
