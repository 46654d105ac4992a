import { aiResponderApi, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { call, createFixture, type Fixture } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  // A copy that dies in the middle of a call is one whose lease runs out.
  fixture = await createFixture({ worker: { leaseMs: 1000 } });
  await fixture.addCopy();
});
afterAll(() => fixture.stop());
afterEach(() => fixture.sandbox.clearAiScript());

async function tenantWithAi(): Promise<string> {
  const tenantId = uuidv7();
  await call(fixture.ai, aiResponderApi.updateConfig, {
    tenantId,
    body: { enabled: true, settings: { responseDelay: 0 } },
  });
  return tenantId;
}
const stateIs = (id: string, state: string) => eventually(async () => expect(await fixture.stateOf(id)).toBe(state));
const replies = (tenantId: string) => fixture.published<{ inboundMessageId: string }>(tenantId, 'reply.requested');
const callsAbout = async (text: string) =>
  (await fixture.calls()).filter((row) => JSON.stringify(row.messages).includes(text));

it('A copy that loses its lease in the middle of a call does not reply a second time; both calls are counted', async () => {
  const tenantId = await tenantWithAi();
  await fixture.sandbox.scriptAi({ match: 'lenta', reply: 'tarde', delayMs: 2500 });
  await fixture.sandbox.scriptAi({ match: 'lenta', reply: 'a tiempo' });
  const { message, conversationId } = await fixture.hear(tenantId, 'lenta');
  await stateIs(message.id, 'waiting');
  await fixture.fire(tenantId, conversationId);
  await stateIs(message.id, 'done');
  const calls = await eventually(async () => {
    const rows = await callsAbout('lenta');
    expect(rows).toHaveLength(2);
    return rows;
  });
  const spent = calls.reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0);
  await eventually(async () => {
    const { body } = await call(fixture.ai, aiResponderApi.getConfig, { tenantId });
    expect(body.usage.tokensToday).toBe(spent);
  });
  expect(await replies(tenantId)).toMatchObject([{ inboundMessageId: message.id, text: 'a tiempo' }]);
});

it('A reply whose worker dies each time is given up after five', async () => {
  const tenantId = await tenantWithAi();
  const { message, conversationId } = await fixture.hear(tenantId, 'mortal');
  await stateIs(message.id, 'waiting');
  await fixture.sql`update ai_responder.pending_replies set claims = 5 where inbound_message_id = ${message.id}`;
  await fixture.fire(tenantId, conversationId);
  await stateIs(message.id, 'handed_off: model_error');
  expect(await callsAbout('mortal')).toEqual([]);
});
