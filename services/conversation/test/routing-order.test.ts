import { randomInt, randomUUID } from 'node:crypto';
import { buildEvent, permissionsOf, presenceChanged } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { expect, it } from 'vitest';
import { startPair } from './pair.ts';
import { person, received, typedOnPhone } from './setup.ts';

const pair = startPair('routing-order');

/** Whole numbers below n, the same for the same seed (mulberry32). */
function dice(seed: number): (n: number) => number {
  let a = seed;
  return (n) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

const seeds = process.env.ROUTING_SEED ? [Number(process.env.ROUTING_SEED)] : [1, 2, randomInt(2 ** 31)];

interface Chat {
  id: string;
  status: string;
  agent: string | null;
  campaign: string | null;
  wrote: Date | null;
}
const chats = () => pair.fixture.admin.sql<Chat[]>`
  select id, status, assigned_user_id as agent, campaign_id as campaign, last_inbound_at as wrote
  from conversation.conversations
  where tenant_id = ${pair.who.tenantId} order by coalesce(queued_at, created_at), id`;

const addressOf = (n: number) => {
  const waId = `519991${String(n).padStart(5, '0')}`;
  return { waId, phone: `+${waId}`, userId: null, name: `Cliente ${n}` };
};

it.each(seeds)('any order of what people and customers do leaves no customer waiting (seed %i)', async (seed) => {
  const random = dice(seed);
  const { tenantId } = pair.who;
  const { channelId } = pair;
  const limits = [2, 3, 2];
  const agents = [pair.addUser({ maxConcurrentChats: 2 }), pair.addUser({ maxConcurrentChats: 3 }), pair.addUser()];
  const outsider = pair.addUser();
  const campaign = await pair.campaignOf([agents[0]!, agents[1]!, { userId: agents[2]!, maxChats: 2 }]);
  const callers = [
    ...agents.map((userId) => person({ tenantId, userId, role: 'agent', permissions: permissionsOf('agent') })),
    person({ tenantId, role: 'key', userId: null, apiKeyId: randomUUID(), permissions: permissionsOf('admin') }),
    pair.who,
  ];
  const anyone = () => callers[random(callers.length)]!;
  let clock = Date.now();
  const away = new Set<string>();
  const acts: (() => Promise<unknown>)[] = [
    () => pair.fixture.publish([received(tenantId, { channelId, from: addressOf(random(25)) })]),
    () => pair.fixture.publish([received(tenantId, { channelId, from: addressOf(random(25)) })]),
    () => pair.fixture.publish([typedOnPhone(tenantId, { channelId, content: 'Hola', peer: addressOf(random(25)) })]),
    () => oneOf(({ id }) => pair.ask('POST', `/conversations/${id}/close`, {})),
    () => oneOf(({ id }) => pair.ask('POST', `/conversations/${id}/reopen`)),
    () => oneOf(({ id }) => pair.ask('POST', `/conversations/${id}/messages`, { text: 'Hola' }, anyone())),
    () => {
      const to = addressOf(random(25)).phone;
      return pair.ask('POST', `/channels/${channelId}/messages`, { to, text: 'Hola' }, anyone());
    },
    () => {
      const status = ['active', 'pending', 'queued'][random(3)];
      return oneOf(({ id }) => pair.ask('PATCH', `/conversations/${id}`, { status }, anyone()));
    },
    () => oneOf(({ id }) => pair.ask('POST', `/conversations/${id}/assign`, { userId: outsider })),
    () => oneOf(({ id }) => pair.ask('POST', `/conversations/${id}/transfer`, { to: { kind: 'queue' } })),
    () =>
      oneOf(({ id }) =>
        pair.ask('POST', `/conversations/${id}/transfer`, { to: { kind: 'campaign', campaignId: campaign } }),
      ),
    () => {
      const userId = agents[random(3)]!;
      const isAway = !away.delete(userId) && !!away.add(userId);
      const agentStatus = isAway ? ('offline' as const) : ('available' as const);
      const at = new Date(++clock).toISOString();
      const data = { userId, agentStatus, previousStatus: 'offline' as const, reason: null, at };
      return pair.fixture.publish([buildEvent(presenceChanged, { tenantId, data })]);
    },
  ];
  const oneOf = async (act: (chat: Chat) => Promise<unknown>) => {
    const all = await chats();
    if (all.length > 0) await act(all[random(all.length)]!);
  };
  const statuses: unknown[] = [];
  for (let round = 0; round < 25; round++) {
    const answers = await Promise.all(Array.from({ length: 6 }, () => acts[random(acts.length)]!()));
    statuses.push(...answers.map((answer) => (answer as { status?: number } | undefined)?.status ?? 0));
  }
  expect(statuses.filter((status) => Number(status) >= 500)).toEqual([]);
  await eventually(async () => {
    const open = (await chats()).filter(({ status, campaign: of }) => status !== 'closed' && of);
    const waiting = open.filter(({ status, agent }) => status === 'queued' && !agent);
    for (const [i, userId] of agents.entries()) {
      const load = open.filter(({ agent }) => agent === userId).length;
      expect(load).toBeLessThanOrEqual(limits[i]!);
      if (!away.has(userId) && waiting.length > 0) expect(load).toBe(limits[i]!);
      if (away.has(userId)) expect(load).toBe(0);
    }
    // Whose customer wrote is with an agent or in the queue.
    expect(open.filter(({ agent, status, wrote }) => !agent && wrote && status !== 'queued')).toEqual([]);
  });
  const { body } = await pair.ask('GET', `/campaigns/${campaign}`);
  const all = (await chats()).filter((one) => one.campaign === campaign && one.status !== 'closed');
  expect(body).toMatchObject({
    activeChats: all.filter(({ agent }) => agent !== null).length,
    waitingChats: all.filter(({ agent, status }) => agent === null && status === 'queued').length,
  });
  expect(
    await pair.fixture.admin.sql`select 1 from conversation.dead_letters where tenant_id = ${tenantId}`,
  ).toHaveLength(0);
});
