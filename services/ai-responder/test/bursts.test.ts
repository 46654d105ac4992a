import { aiResponderApi, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, createFixture, type Fixture } from './support.ts';

const QUIET_MS = 150;
/** Of the calls of the model; a burst names one. */
const DELAYS = [0, 30, 100, 600, 900, 1200];

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture({}, { RECADO_AI_CONCURRENCY: '100', RECADO_AI_LONGEST_WAIT_MS: '4000' });
  await fixture.addCopy();
  await fixture.playScheduler();
  for (const ms of DELAYS) await fixture.sandbox.scriptAi({ match: `modelo-${ms} `, delayMs: ms, times: null });
});
afterAll(() => fixture.stop());

interface Requested {
  conversationId: string;
  inboundMessageId: string;
}
const replies = (tenantId: string) => fixture.published<Requested>(tenantId, 'reply.requested');
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function tenantWithAi(): Promise<string> {
  const tenantId = uuidv7();
  const limits = { maxTokensPerDay: 1_000_000, maxTokensPerMonth: 1_000_000 };
  const body = { enabled: true, limits, settings: { responseDelay: QUIET_MS, contextWindow: 40 } };
  await call(fixture.ai, aiResponderApi.updateConfig, { tenantId, body });
  return tenantId;
}

/** A customer writes lines. Each comes before the answer to those before it can be there. */
async function burst(tenantId: string, n: number): Promise<string[]> {
  const delay = DELAYS[Math.floor(Math.random() * DELAYS.length)]!;
  const lines = 1 + Math.floor(Math.random() * 5);
  // Half of the time the model already writes when the next line comes.
  const most = delay >= 600 && Math.random() < 0.5 ? QUIET_MS + delay / 3 : QUIET_MS * 0.6;
  const ids: string[] = [];
  let conversationId: string | undefined;
  for (let i = 0; i < lines; i++) {
    const said = await fixture.hear(tenantId, `modelo-${delay} ráfaga ${n} línea ${i}.`, { conversationId });
    conversationId = said.conversationId;
    ids.push(said.message.id);
    if (i < lines - 1) await sleep(Math.random() * most);
  }
  return ids;
}

it('500 bursts at random gaps and model times get one answer each, to all of it, from two copies', async () => {
  const tenants = await Promise.all(Array.from({ length: 10 }, tenantWithAi));
  const bursts: { tenantId: string; ids: string[] }[] = [];
  for (let wave = 0; wave < 10; wave++) {
    const under = Array.from({ length: 50 }, async (_, i) => {
      await sleep(Math.random() * 1500);
      const tenantId = tenants[i % tenants.length]!;
      bursts.push({ tenantId, ids: await burst(tenantId, wave * 50 + i) });
    });
    await Promise.all(under);
  }
  await fixture.caughtUp();
  await eventually(
    async () => {
      const [{ left }] = await fixture.sql<[{ left: number }]>`
        select count(*)::int as left from ai_responder.pending_replies where state in ('waiting', 'due', 'working')`;
      expect(left).toBe(0);
    },
    { timeoutMs: 30_000 },
  );
  const answered = (await Promise.all(tenants.map(replies))).flat().map(({ inboundMessageId }) => inboundMessageId);
  expect(answered.sort()).toEqual(bursts.map(({ ids }) => ids.at(-1)!).sort());
  const earlier = bursts.flatMap(({ ids }) => ids.slice(0, -1));
  const states = await fixture.sql<{ state: string }[]>`
    select distinct state from ai_responder.pending_replies where inbound_message_id = any(${earlier}::uuid[])`;
  expect(states).toEqual([{ state: 'superseded' }]);
}, 120_000);

it('A line ends the call of the model under way in another copy, and its answer reads all lines', async () => {
  const tenantId = await tenantWithAi();
  await fixture.sandbox.scriptAi({ match: 'una sola vez', reply: 'tarde', delayMs: 3000 });
  const first = await fixture.hear(tenantId, 'una sola vez, parte uno');
  await eventually(async () => expect(await fixture.stateOf(first.message.id)).toBe('working'));
  const began = performance.now();
  const second = await fixture.hear(tenantId, 'y la parte dos', { conversationId: first.conversationId });
  await eventually(async () => expect(await fixture.stateOf(second.message.id)).toBe('done'));
  expect(performance.now() - began).toBeLessThan(2500);
  expect(await fixture.stateOf(first.message.id)).toBe('superseded');
  expect(await replies(tenantId)).toMatchObject([{ inboundMessageId: second.message.id }]);
  const calls = (await fixture.calls()).filter((row) => JSON.stringify(row.messages).includes('y la parte dos'));
  expect(calls).toHaveLength(1);
  expect(JSON.stringify(calls[0]!.messages)).toContain('una sola vez, parte uno');
});

it('Lines that never end are answered after the longest wait, each once and in order', async () => {
  const tenantId = await tenantWithAi();
  const ids: string[] = [];
  let conversationId: string | undefined;
  for (let i = 0; i < 100; i++) {
    const said = await fixture.hear(tenantId, `modelo-30 sin parar ${i}.`, { conversationId });
    conversationId = said.conversationId;
    ids.push(said.message.id);
    await sleep(100);
  }
  await eventually(async () => expect(await fixture.stateOf(ids.at(-1)!)).toBe('done'), { timeoutMs: 15_000 });
  const answers = (await replies(tenantId)).map(({ inboundMessageId }) => ids.indexOf(inboundMessageId));
  expect(answers.length).toBeGreaterThanOrEqual(3);
  expect(answers).toEqual(answers.toSorted((a, b) => a - b));
  expect(answers.at(-1)).toBe(99);
  const calls = (await fixture.calls()).filter((row) => JSON.stringify(row.messages).includes('sin parar'));
  const lastTurns = calls.map(({ messages }) => (messages as { role: string; content: string }[]).at(-1)!);
  // Also where the answer before it came in between: the model answers the customer.
  expect(new Set(lastTurns.map(({ role }) => role))).toEqual(new Set(['user']));
  for (const i of answers) expect(lastTurns.map(({ content }) => content)).toContain(`modelo-30 sin parar ${i}.`);
}, 40_000);
