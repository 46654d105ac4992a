import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignChats, type FreeAgent, type Member, type RoutedCampaign, roomBeside, type Waiting } from './rules.ts';

const campaign = (given: Partial<RoutedCampaign> = {}): RoutedCampaign => ({
  id: 'ventas',
  strategy: 'round_robin',
  priority: 5,
  turn: 0,
  ...given,
});
const agent = (userId: string, openChats = 0, maxChats = 5): FreeAgent => ({ userId, openChats, maxChats });
const member = (userId: string, given: Partial<Member> = {}): Member => ({
  campaignId: 'ventas',
  userId,
  maxChats: null,
  priority: 0,
  skills: [],
  turn: 0,
  ...given,
});
const chat = (conversationId: string, given: Partial<Waiting> = {}): Waiting => ({
  conversationId,
  campaignId: 'ventas',
  queuedAt: 0,
  tags: [],
  lastUserId: null,
  passedOver: [],
  ...given,
});
const who = (...given: Parameters<typeof assignChats>) =>
  Object.fromEntries(assignChats(...given).map(({ conversationId, userId }) => [conversationId, userId]));

describe('an agent who left the customer waiting', () => {
  it('does not get the chat again, and gets the next one', () => {
    const waiting = [chat('a', { passedOver: ['ana'] }), chat('b', { queuedAt: 1 })];
    expect(who([campaign()], [agent('ana')], [member('ana')], waiting)).toEqual({ b: 'ana' });
  });

  it('gives way to others, also where the contact talked to them last', () => {
    const waiting = [chat('a', { passedOver: ['ana'], lastUserId: 'ana' })];
    const agents = [agent('ana'), agent('luis', 4)];
    expect(who([campaign()], agents, [member('ana'), member('luis')], waiting)).toEqual({ a: 'luis' });
  });

  it('leaves the chat only as far as another one of the campaign has room', () => {
    const members = [
      { ...member('ana'), openChats: 1, userMaxChats: 5 },
      { ...member('luis', { maxChats: 2 }), openChats: 1, userMaxChats: 5 },
      { ...member('eva', { campaignId: 'soporte' }), openChats: 0, userMaxChats: 5 },
    ];
    const room = roomBeside(members);
    expect([room.take('ventas', ['ana']), room.take('ventas', ['ana'])]).toEqual([true, false]);
  });
});

describe('a strategy', () => {
  it('round_robin goes on behind the last one who got a chat', () => {
    const agents = [agent('ana'), agent('luis'), agent('eva')];
    const members = [member('ana', { turn: 3 }), member('luis', { turn: 1 }), member('eva', { turn: 2 })];
    const waiting = ['a', 'b', 'c', 'd'].map((id) => chat(id));
    expect(who([campaign({ turn: 3 })], agents, members, waiting)).toEqual({
      a: 'luis',
      b: 'eva',
      c: 'ana',
      d: 'luis',
    });
  });

  it('least_busy prefers the fewest open chats', () => {
    const members = [member('ana'), member('luis')];
    const strategy = { strategy: 'least_busy' } as const;
    const given = who([campaign(strategy)], [agent('ana', 2), agent('luis', 1)], members, [chat('a'), chat('b')]);
    expect(given.a).toBe('luis');
    expect(Object.values(given).toSorted()).toEqual(['ana', 'luis']);
  });

  it('priority fills the highest first', () => {
    const members = [member('ana', { priority: 1 }), member('luis', { priority: 9 })];
    const agents = [agent('ana'), agent('luis', 4)];
    expect(who([campaign({ strategy: 'priority' })], agents, members, [chat('a'), chat('b')])).toEqual({
      a: 'luis',
      b: 'ana',
    });
  });

  it('skills prefers who has the skills of the tags, and takes another rather than none', () => {
    const members = [member('ana', { skills: ['ingles'] }), member('luis', { skills: ['ventas', 'ingles'] })];
    const agents = [agent('ana'), agent('luis', 0, 1)];
    const tags = ['ventas', 'ingles'];
    const waiting = [chat('a', { tags }), chat('b', { tags, queuedAt: 1 })];
    expect(who([campaign({ strategy: 'skills' })], agents, members, waiting)).toEqual({ a: 'luis', b: 'ana' });
  });
});

it('the last agent of the contact goes first while they have room', () => {
  const members = [member('ana'), member('luis', { turn: 9 })];
  const waiting = [chat('a', { lastUserId: 'luis' }), chat('b', { lastUserId: 'luis', queuedAt: 1 })];
  expect(who([campaign()], [agent('ana'), agent('luis', 0, 1)], members, waiting)).toEqual({ a: 'luis', b: 'ana' });
});

it('the oldest goes first, and those of an important campaign before all others', () => {
  const members = [member('ana'), member('ana', { campaignId: 'soporte' })];
  const campaigns = [campaign(), campaign({ id: 'soporte', priority: 9 })];
  const waiting = [
    chat('new', { queuedAt: 2 }),
    chat('old', { queuedAt: 1 }),
    chat('urgent', { campaignId: 'soporte', queuedAt: 3 }),
  ];
  expect(assignChats(campaigns, [agent('ana', 3)], members, waiting).map((one) => one.conversationId)).toEqual([
    'urgent',
    'old',
  ]);
});

// What may happen, in any order. The model is the state of a tenant; after each step routing looks.
interface State {
  agents: Map<string, { available: boolean; maxChats: number }>;
  chats: Map<string, { campaignId: string; userId: string | null; open: boolean; queuedAt: number }>;
}
type Step =
  | {
      kind: 'arrive' | 'assign' | 'transfer' | 'requeue' | 'close' | 'reopen';
      chat: number;
      agent: number;
      campaign: number;
    }
  | { kind: 'presence'; agent: number; available: boolean };

const CAMPAIGNS = ['c0', 'c1'];
const AGENTS = ['a0', 'a1', 'a2'];
const MEMBERS: Member[] = [
  member('a0', { campaignId: 'c0', maxChats: 2 }),
  member('a1', { campaignId: 'c0' }),
  member('a1', { campaignId: 'c1' }),
  member('a2', { campaignId: 'c1', maxChats: 1 }),
];
const step = fc.oneof(
  fc.record({
    kind: fc.constantFrom('arrive', 'assign', 'transfer', 'requeue', 'close', 'reopen'),
    chat: fc.nat(7),
    agent: fc.nat(2),
    campaign: fc.nat(1),
  }),
  fc.record({ kind: fc.constant('presence' as const), agent: fc.nat(2), available: fc.boolean() }),
) as fc.Arbitrary<Step>;

const loadOf = ({ chats }: State, userId: string) =>
  [...chats.values()].filter((one) => one.open && one.userId === userId).length;
const limitOf = (state: State, { userId, maxChats }: Member) =>
  Math.min(state.agents.get(userId)!.maxChats, maxChats ?? Number.POSITIVE_INFINITY);

function apply(state: State, one: Step, at: number): void {
  if (one.kind === 'presence') {
    state.agents.get(AGENTS[one.agent]!)!.available = one.available;
    if (!one.available) for (const c of state.chats.values()) if (c.userId === AGENTS[one.agent]) c.userId = null;
    return;
  }
  const id = `k${one.chat}`;
  const known = state.chats.get(id);
  const campaignId = CAMPAIGNS[one.campaign]!;
  if (one.kind === 'arrive' && !known) state.chats.set(id, { campaignId, userId: null, open: true, queuedAt: at });
  if (!known) return;
  if (one.kind === 'close') known.open = false;
  if (one.kind === 'reopen' && !known.open) Object.assign(known, { open: true, userId: null, queuedAt: at });
  if (!known.open) return;
  if (one.kind === 'assign') known.userId = AGENTS[one.agent]!;
  if (one.kind === 'requeue') Object.assign(known, { userId: null, queuedAt: at });
  if (one.kind === 'transfer') Object.assign(known, { userId: null, campaignId, queuedAt: at });
}

function route(state: State, strategy: RoutedCampaign['strategy']): void {
  const agents = AGENTS.filter((userId) => state.agents.get(userId)!.available).map((userId) =>
    agent(userId, loadOf(state, userId), state.agents.get(userId)!.maxChats),
  );
  const waiting = [...state.chats]
    .filter(([, one]) => one.open && one.userId === null)
    .map(([conversationId, { campaignId, queuedAt }]) => chat(conversationId, { campaignId, queuedAt }));
  const before = new Map(AGENTS.map((userId) => [userId, loadOf(state, userId)]));
  for (const { conversationId, campaignId, userId } of assignChats(
    CAMPAIGNS.map((id) => campaign({ id, strategy })),
    agents,
    MEMBERS,
    waiting,
  )) {
    const given = state.chats.get(conversationId)!;
    expect(given).toMatchObject({ open: true, userId: null, campaignId });
    expect(MEMBERS.some((one) => one.campaignId === campaignId && one.userId === userId)).toBe(true);
    given.userId = userId;
  }
  // Routing fills no agent beyond the limit. What a person gave by hand may already be beyond it.
  for (const userId of AGENTS) {
    const limit = Math.max(...MEMBERS.filter((one) => one.userId === userId).map((one) => limitOf(state, one)));
    expect(loadOf(state, userId)).toBeLessThanOrEqual(Math.max(limit, before.get(userId)!));
  }
}

it('any order of what happens keeps capacity, and no customer waits while an agent has room', () => {
  const strategies = fc.constantFrom('round_robin', 'least_busy', 'priority', 'skills') as fc.Arbitrary<
    RoutedCampaign['strategy']
  >;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), strategies, (steps, strategy) => {
      const state: State = {
        agents: new Map(AGENTS.map((userId, i) => [userId, { available: i > 0, maxChats: 3 }])),
        chats: new Map(),
      };
      steps.forEach((one, at) => {
        apply(state, one, at);
        route(state, strategy);
        for (const [, waits] of state.chats) {
          if (!waits.open || waits.userId !== null) continue;
          const free = MEMBERS.filter(
            (m) =>
              m.campaignId === waits.campaignId &&
              state.agents.get(m.userId)!.available &&
              loadOf(state, m.userId) < limitOf(state, m),
          );
          expect(free).toEqual([]);
        }
      });
    }),
    { numRuns: 300 },
  );
});
