import { randomUUID } from 'node:crypto';
import { type CampaignDetail, permissionsOf, type User } from '@recado/contracts';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, type Fixture, type Person, person } from './setup.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Two copies of the service, and for each test an admin of a new tenant with one number. */
export interface Pair {
  fixture: Fixture;
  who: Person;
  channelId: string;
  /** Asks the copies in turn. */
  ask<T = CampaignDetail>(
    method: Method,
    url: string,
    payload?: object,
    by?: Person,
    headers?: object,
  ): Promise<{ status: number; body: T }>;
  /** A user whom identity knows: an agent who takes chats. */
  addUser(given?: Partial<User>): string;
  /** A campaign with these agents and numbers. */
  campaignOf(agents: (string | object)[], given?: object, channelIds?: string[]): Promise<string>;
}

export function startPair(name: string): Pair {
  let copies: RunningConversation[];
  let calls = 0;
  const pair = {} as Pair;
  beforeAll(async () => {
    pair.fixture = await createFixture(name);
    await pair.fixture.bus.ensureStream('scheduler');
    copies = [await pair.fixture.start(), await pair.fixture.start()];
  });
  afterAll(() => pair.fixture.close());
  beforeEach(() => {
    pair.who = person({ role: 'admin', permissions: permissionsOf('admin') });
    pair.channelId = randomUUID();
    const { tenantId } = pair.who;
    pair.fixture.channels.set(pair.channelId, { id: pair.channelId, provider: 'meta', tenantId });
  });
  pair.ask = async <T>(method: Method, url: string, payload?: object, by = pair.who, headers: object = {}) => {
    const { app } = copies[++calls % copies.length]!;
    const given = { ...by.headers, ...headers };
    const answer = await app.inject({ method, url, headers: given, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: (answer.body ? answer.json() : null) as T };
  };
  pair.addUser = (given = {}) => {
    const id = randomUUID();
    const facts = {
      role: 'agent',
      status: 'active',
      agentStatus: 'available',
      maxConcurrentChats: 5,
      autoAssign: true,
    };
    const agentStatusAt = '2026-01-01T00:00:00.000Z';
    const { tenantId } = pair.who;
    pair.fixture.identity.users.set(id, { tenantId, ...facts, agentStatusAt, ...given } as never);
    return id;
  };
  pair.campaignOf = async (agents, given = {}, channelIds = [pair.channelId]) => {
    const body = { name: 'Ventas', code: randomUUID(), timezone: 'America/Lima', ...given };
    const { id } = (await pair.ask('POST', '/campaigns', body)).body;
    const members = agents.map((one) => (typeof one === 'string' ? { userId: one } : one));
    expect((await pair.ask('POST', `/campaigns/${id}/agents`, { agents: members })).status).toBe(200);
    expect((await pair.ask('POST', `/campaigns/${id}/numbers`, { channelIds })).status).toBe(200);
    return id;
  };
  return pair;
}
