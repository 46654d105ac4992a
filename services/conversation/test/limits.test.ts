import { randomUUID } from 'node:crypto';
import type { PLANS } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import {
  createFixture,
  delivered,
  type Fixture,
  insist,
  type Person,
  person,
  received,
  tenantChanged,
} from './setup.ts';

let fixture: Fixture;
/** Two copies of the service share every burst. */
let copies: RunningConversation[];
let now = new Date('2026-05-15T12:00:00.000Z');
beforeAll(async () => {
  fixture = await createFixture('limits');
  copies = [await fixture.start({ now: () => now }), await fixture.start({ now: () => now })];
});
afterAll(() => fixture.close());

let turn = 0;
const post = (who: Person, url: string, payload: object, headers: Record<string, string> = {}) =>
  copies[turn++ % 2]!.app.inject({ method: 'POST', url, headers: { ...who.headers, ...headers }, payload });
const usage = async (who: Person) =>
  (await copies[0]!.app.inject({ method: 'GET', url: '/usage', headers: who.headers })).json();

/** A tenant with a customer's open conversation, on a channel that may be written from. */
async function tenantOn(plan: keyof typeof PLANS, timezone = 'America/Lima') {
  const who = person();
  fixture.identity.tenants.set(who.tenantId, { plan, timezone });
  const channelId = randomUUID();
  fixture.channels.set(channelId, { id: channelId, provider: 'meta', tenantId: who.tenantId });
  const event = received(who.tenantId, { channelId, sentTime: now.toISOString() });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], now));
  const [row] = await fixture.admin.sql`
    select conversation_id from conversation.messages where id = ${event.envelope.id}`;
  const conversationId = row!.conversation_id as string;
  const send = (text = 'Hola', key?: string) =>
    post(
      who,
      `/conversations/${conversationId}/messages`,
      { type: 'text', text },
      key ? { 'idempotency-key': key } : {},
    );
  const toPhone = (to: string, text = 'Hola', key?: string) =>
    post(who, `/channels/${channelId}/messages`, { to, text }, key ? { 'idempotency-key': key } : {});
  return { who, channelId, conversationId, send, toPhone };
}

/** Locks tenants' months, so that their sends wait. @returns their release, once they are locked */
async function lockMonths(tenantIds: string[]): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const held = fixture.admin.sql.begin(async (tx) => {
    await tx`select 1 from conversation.usage_months where tenant_id = any(${tenantIds}::uuid[]) for update`;
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  return async () => {
    released.resolve();
    await held;
  };
}

const spend = (who: Person, month: string, messages: number) => fixture.admin.sql`
  insert into conversation.usage_months (tenant_id, month, messages) values (${who.tenantId}, ${month}, ${messages})
  on conflict (tenant_id, month, slot) do update set messages = excluded.messages`;
const outbound = async (who: Person): Promise<number> => {
  const [row] = await fixture.admin.sql`
    select count(*)::int as count from conversation.messages where tenant_id = ${who.tenantId} and direction = 'outbound'`;
  return row!.count;
};
const tally = (answers: { statusCode: number }[]) => answers.map((a) => a.statusCode).toSorted();
const phone = (i: number) => `+5198${String(1_000_000 + i)}`;

describe("the plan's messages of a month", () => {
  it('are exactly the plan’s number, of 50 parallel sends through two copies', async () => {
    const { who, send, toPhone } = await tenantOn('starter');
    await send();
    await spend(who, '2026-05-01', 980);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => insist(() => (i % 2 ? send() : toPhone(phone(i % 10))))),
    );
    expect(answers.filter((a) => a.statusCode === 201)).toHaveLength(20);
    const refused = answers.filter((a) => a.statusCode !== 201);
    expect(new Set(refused.map((a) => a.statusCode))).toEqual(new Set([403]));
    expect(refused[0]!.json().error).toMatchObject({ code: 'plan_limit', entity: 'maxMessages' });
    expect(await outbound(who)).toBe(21);
    expect((await fixture.outbox(who.tenantId, 'message.requested')).length).toBe(21);
    expect(await usage(who)).toMatchObject({ messages: 1000 });
  });

  it('start again with the month of the tenant’s zone', async () => {
    const { who, toPhone } = await tenantOn('starter', 'America/Lima');
    await spend(who, '2026-05-01', 1000);
    now = new Date('2026-06-01T04:59:59.999Z');
    expect((await toPhone(phone(1))).statusCode).toBe(403);
    expect((await usage(who)).period).toEqual({ start: '2026-05-01T05:00:00.000Z', end: '2026-06-01T05:00:00.000Z' });
    now = new Date('2026-06-01T05:00:00.000Z');
    expect(await usage(who)).toMatchObject({ messages: 0, period: { start: '2026-06-01T05:00:00.000Z' } });
    expect((await toPhone(phone(1))).statusCode).toBe(201);
    expect(await usage(who)).toMatchObject({ messages: 1, openConversations: 2 });
    now = new Date('2026-05-15T12:00:00.000Z');
  });

  it('grow with identity’s event of a new plan, and an older event that comes late changes nothing', async () => {
    const { who, send } = await tenantOn('starter');
    await spend(who, '2026-05-01', 1000);
    expect((await send()).statusCode).toBe(403);
    await fixture.publish([
      tenantChanged(who.tenantId, { plan: 'pro' }, new Date('2026-05-10T00:00:00Z')),
      tenantChanged(who.tenantId, { plan: 'starter' }, new Date('2026-05-09T00:00:00Z')),
    ]);
    await eventually(async () => expect((await send()).statusCode).toBe(201));
    await fixture.publish([tenantChanged(who.tenantId, { plan: 'starter' }, new Date('2026-05-11T00:00:00Z'))]);
    await eventually(async () => expect((await send()).statusCode).toBe(403));
    // What an unlimited plan sends counts when it is given up.
    await fixture.publish([tenantChanged(who.tenantId, { plan: 'enterprise' }, new Date('2026-05-12T00:00:00Z'))]);
    await eventually(async () => expect((await send()).statusCode).toBe(201));
    await fixture.admin.sql`
      update conversation.usage_months set messages = 19900 where tenant_id = ${who.tenantId} and slot = 0`;
    const { messages } = await usage(who);
    const many = await Promise.all(Array.from({ length: 19_995 - messages }, () => insist(send)));
    expect(new Set(many.map((a) => a.statusCode))).toEqual(new Set([201]));
    expect(await usage(who)).toMatchObject({ messages: 19_995 });
    await fixture.know(who.tenantId, { plan: 'pro' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => insist(send)));
    expect(tally(answers)).toEqual([...Array(5).fill(201), ...Array(15).fill(403)]);
  });

  it('leave other tenants their places during one tenant’s flood, and a send that waits too long gets 429', async () => {
    const flooding = await tenantOn('starter');
    const other = await tenantOn('starter');
    expect((await flooding.send()).statusCode).toBe(201);
    const release = await lockMonths([flooding.who.tenantId]);
    const flood = Array.from({ length: 60 }, () => flooding.send());
    let refused = 0;
    for (const answer of flood) void answer.then((a) => (refused += Number(a.statusCode === 429)));
    const first = await Promise.race(flood);
    expect(first.statusCode).toBe(429);
    expect(first.headers['retry-after']).toBe('1');
    // Still held: four sends of the flood are in the database of each copy, and no more.
    expect(tally(await Promise.all(Array.from({ length: 8 }, () => other.send())))).toEqual(Array(8).fill(201));
    // All others have waited in vain before the first of the eight may go on.
    await eventually(async () => expect(refused).toBe(52));
    await release();
    const answers = await Promise.all(flood);
    const accepted = answers.filter((a) => a.statusCode === 201).length;
    expect(accepted).toBe(8);
    expect(answers.filter((a) => a.statusCode === 429)).toHaveLength(52);
    expect(await outbound(flooding.who)).toBe(1 + accepted);
  });

  it('leave a fourth tenant its places during three floods', async () => {
    const flooding = await Promise.all(Array.from({ length: 3 }, () => tenantOn('starter')));
    const calm = await tenantOn('starter');
    const months = flooding.map(({ who }) => who.tenantId);
    for (const { send } of flooding) expect((await send()).statusCode).toBe(201);
    const release = await lockMonths(months);
    const flood = flooding.flatMap(({ send }) => Array.from({ length: 60 }, () => send()));
    try {
      // None of the floods' transactions ends before these have.
      for (let i = 0; i < 4; i++) expect((await calm.send()).statusCode).toBe(201);
    } finally {
      await release();
    }
    const answers = await Promise.all(flood);
    expect(answers.filter((a) => a.statusCode !== 201 && a.statusCode !== 429)).toEqual([]);
  });

  it('do not count messages of customers', async () => {
    const { who, channelId } = await tenantOn('starter');
    await spend(who, '2026-05-01', 1000);
    await fixture.know(who.tenantId, { plan: 'starter' });
    const event = received(who.tenantId, { channelId });
    await fixture.publish([event]);
    await eventually(async () => {
      const rows = await fixture.admin.sql`select 1 from conversation.messages where id = ${event.envelope.id}`;
      expect(rows).toHaveLength(1);
    });
    expect((await usage(who)).messages).toBe(1000);
  });
});

describe("the plan's open conversations", () => {
  it('are exactly the plan’s number, of 50 opened in parallel, and customers open more', async () => {
    const { who, toPhone, channelId, send } = await tenantOn('starter');
    // One is open; 180 more leave room for 19.
    const strangers = Array.from({ length: 180 }, (_, i) =>
      received(who.tenantId, { channelId, from: { waId: `5197${1_000_000 + i}`, phone: `+5197${1_000_000 + i}` } }),
    );
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, strangers.map(delivered), now));
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => insist(() => toPhone(phone(i)))));
    expect(tally(answers)).toEqual([...Array(19).fill(201), ...Array(31).fill(403)]);
    const refused = answers.find((a) => a.statusCode !== 201)!;
    expect(refused.json().error).toMatchObject({ code: 'plan_limit', entity: 'maxConversations' });
    expect(await usage(who)).toMatchObject({ openConversations: 200, messages: 19 });
    // Nothing is left of those refused.
    const [contacts] = await fixture.admin.sql`
      select count(*)::int as count from conversation.contacts where tenant_id = ${who.tenantId}`;
    expect(contacts!.count).toBe(200);
    // In a conversation that is open already one may go on.
    expect((await send()).statusCode).toBe(201);
    const more = received(who.tenantId, { channelId, from: { waId: '51961234567', phone: '+51961234567' } });
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(more)], now));
    expect((await usage(who)).openConversations).toBe(201);
    expect((await toPhone('+51961234567')).statusCode).toBe(201);
    await fixture.admin.sql`
      update conversation.conversations set status = 'closed' where tenant_id = ${who.tenantId} and peer_phone like '+5197%'`;
    expect((await toPhone(phone(60))).statusCode).toBe(201);
  });

  it('have no limit on an unlimited plan', async () => {
    const { who, toPhone } = await tenantOn('enterprise');
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => insist(() => toPhone(phone(i)))));
    expect(tally(answers)).toEqual(Array(30).fill(201));
    expect(await usage(who)).toMatchObject({ messages: 30, openConversations: 31 });
  });
});

describe('a tenant that no event has named', () => {
  it('is asked for once, for any number of parallel sends', async () => {
    const { who, send } = await tenantOn('pro');
    expect(tally(await Promise.all(Array.from({ length: 20 }, () => insist(send))))).toEqual(Array(20).fill(201));
    // Once by each copy at most.
    expect(fixture.identity.asked.filter((id) => id === who.tenantId).length).toBeLessThanOrEqual(2);
    const [row] = await fixture.admin
      .sql`select plan, timezone from conversation.tenants where tenant_id = ${who.tenantId}`;
    expect(row).toEqual({ plan: 'pro', timezone: 'America/Lima' });
  });

  it('gets 503 while identity is away, and nothing is stored', async () => {
    const { who, send } = await tenantOn('pro');
    fixture.identity.away = true;
    try {
      expect((await send()).statusCode).toBe(503);
    } finally {
      fixture.identity.away = false;
    }
    expect(await outbound(who)).toBe(0);
    expect((await send()).statusCode).toBe(201);
  });
});

describe('a send with a key', () => {
  it('happens once for 50 parallel calls through two copies, and every answer is the first message', async () => {
    const { who, send } = await tenantOn('starter');
    const answers = await Promise.all(Array.from({ length: 50 }, () => insist(() => send('Una sola vez', 'key-1'))));
    expect(tally(answers)).toEqual(Array(50).fill(201));
    expect(new Set(answers.map((a) => a.json().message.id)).size).toBe(1);
    expect(new Set(answers.map((a) => JSON.stringify(a.json().message))).size).toBe(1);
    expect(await outbound(who)).toBe(1);
    expect(await fixture.outbox(who.tenantId, 'message.requested')).toHaveLength(1);
    expect(await fixture.outbox(who.tenantId, 'audit.recorded')).toHaveLength(1);
    expect((await usage(who)).messages).toBe(1);
  });

  it('to a phone makes one contact, one conversation, one message', async () => {
    const { who, toPhone } = await tenantOn('starter');
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => insist(() => toPhone('+51981111111', 'Hola', 'key-2'))),
    );
    expect(tally(answers)).toEqual(Array(50).fill(201));
    expect(new Set(answers.map((a) => a.json().message.id)).size).toBe(1);
    expect(await outbound(who)).toBe(1);
    expect((await usage(who)).openConversations).toBe(2);
  });

  it('answers with the message’s present state, and is refused for another message', async () => {
    const { send, toPhone } = await tenantOn('starter');
    const first = (await send('Uno', 'key-3')).json();
    await fixture.admin
      .sql`update conversation.messages set status = 'sent', sent_at = now() where id = ${first.message.id}`;
    expect((await send('Uno', 'key-3')).json()).toMatchObject({ message: { id: first.message.id, status: 'sent' } });
    for (const answer of [await send('Dos', 'key-3'), await toPhone('+51981111111', 'Uno', 'key-3')]) {
      expect([answer.statusCode, answer.json().error.code]).toEqual([422, 'idempotency_mismatch']);
    }
  });

  it('is free again when the send is refused, and counts for its own tenant only', async () => {
    const { who, send } = await tenantOn('starter');
    await spend(who, '2026-05-01', 1000);
    expect((await send('Uno', 'key-4')).statusCode).toBe(403);
    await fixture.admin.sql`update conversation.usage_months set messages = 0 where tenant_id = ${who.tenantId}`;
    const mine = await send('Uno', 'key-4');
    const other = await (await tenantOn('starter')).send('Uno', 'key-4');
    expect([mine.statusCode, other.statusCode]).toEqual([201, 201]);
    expect(mine.json().message.id).not.toBe(other.json().message.id);
  });

  it.each([['x'.repeat(129)], ['con espacio'], ['ñandú']])('%s is no key: 422', async (key) => {
    const { send } = await tenantOn('starter');
    const answer = await send('Uno', key);
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error.details).toMatchObject([{ field: 'idempotency-key' }]);
  });
});
