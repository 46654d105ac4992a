import { aiResponderApi, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { AiResponder } from '../src/service.ts';
import { call, createFixture, type Fixture } from './support.ts';

let fixture: Fixture;
let other: AiResponder;
beforeAll(async () => {
  fixture = await createFixture();
  other = await fixture.addCopy();
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

it('Two copies share the work: 40 conversations, timers fired twice, 40 calls and 40 replies', async () => {
  const tenantId = await tenantWithAi();
  const said = await Promise.all(Array.from({ length: 40 }, (_, i) => fixture.hear(tenantId, `copias ${i}`)));
  for (const { message } of said) await stateIs(message.id, 'waiting');
  await Promise.all(
    said.flatMap(({ conversationId }) => [
      fixture.fire(tenantId, conversationId),
      fixture.fire(tenantId, conversationId),
    ]),
  );
  for (const { message } of said) await stateIs(message.id, 'done');
  const answered = (await replies(tenantId)).map((reply) => reply.inboundMessageId);
  expect(answered.sort()).toEqual(said.map(({ message }) => message.id).sort());
  expect(await callsAbout('copias ')).toHaveLength(40);
});

it('Every copy answers at once after one copy switched the AI on', async () => {
  const tenantId = uuidv7();
  for (let round = 0; round < 5; round++) {
    // An event while off: each copy that gets it remembers that the AI is off.
    await fixture.hear(tenantId, 'apagado');
    await fixture.caughtUp();
    await call(round % 2 ? other : fixture.ai, aiResponderApi.toggle, { tenantId, body: { enabled: true } });
    const { message } = await fixture.hear(tenantId, 'encendido');
    await stateIs(message.id, 'waiting');
    await call(other, aiResponderApi.toggle, { tenantId, body: { enabled: false } });
  }
});

it('One tenant’s flood on a slow model does not block another’s reply', async () => {
  const [flooder, calm] = [await tenantWithAi(), await tenantWithAi()];
  await fixture.sandbox.scriptAi({ match: 'inundación', delayMs: 250, times: null });
  const flood = await Promise.all(Array.from({ length: 60 }, (_, i) => fixture.hear(flooder, `inundación ${i}`)));
  for (const { message } of flood) await stateIs(message.id, 'waiting');
  await Promise.all(flood.map(({ conversationId }) => fixture.fire(flooder, conversationId)));
  const { message, conversationId } = await fixture.hear(calm, 'en calma');
  await stateIs(message.id, 'waiting');
  await fixture.fire(calm, conversationId);
  await stateIs(message.id, 'done');
  expect((await replies(flooder)).length).toBeLessThan(60);
  for (const one of flood) await stateIs(one.message.id, 'done');
  expect(await replies(flooder)).toHaveLength(60);
});

it('A copy told to stop gives its reply back, and another finishes it', async () => {
  const tenantId = await tenantWithAi();
  await Promise.all([fixture.ai.stop(), other.stop()]);
  const last = await fixture.addCopy();
  await fixture.sandbox.scriptAi({ match: 'relevo', fault: 'timeout' });
  const { message, conversationId } = await fixture.hear(tenantId, 'relevo');
  await stateIs(message.id, 'waiting');
  await fixture.fire(tenantId, conversationId);
  await eventually(async () => expect(await callsAbout('relevo')).toHaveLength(1));
  await last.stop();
  await fixture.addCopy();
  await stateIs(message.id, 'done');
  expect(await replies(tenantId)).toHaveLength(1);
});
