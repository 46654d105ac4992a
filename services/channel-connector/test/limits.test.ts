import { randomUUID } from 'node:crypto';
import type { AuditEntry, Channel } from '@recado/contracts';
import { eventually, internalToken } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningConnector } from '../src/service.ts';
import {
  bearer,
  channelBody,
  createChannel,
  createFixture,
  eventsOf,
  type Fixture,
  requestMessage,
  tellOfTenant,
  untilState,
} from './support.ts';

let fixture: Fixture;
/** Two copies of the service share every burst. */
let copies: RunningConnector[];
let now: Date | null = null;
beforeAll(async () => {
  fixture = await createFixture({}, { now: () => now ?? new Date() });
  copies = [fixture.connector, await fixture.start()];
});
afterAll(() => fixture.stop());

let made = 0;
const create = (tenantId: string, authorization = bearer(tenantId), more: object = {}) => {
  const n = ++made;
  const body = channelBody({ phone: `+55119123${String(n).padStart(5, '0')}`, phoneNumberId: `2000000${n}` });
  return copies[n % 2]!.app.inject({
    method: 'POST',
    url: '/channels',
    headers: { authorization },
    payload: { ...body, ...more },
  });
};
const count = async (tenantId: string) =>
  (await copies[0]!.app.inject({ url: '/channels-count', headers: { authorization: bearer(tenantId) } })).json();

function tenantOn(plan: 'business' | 'basic' | 'enterprise', timezone = 'America/Lima'): string {
  const tenantId = randomUUID();
  fixture.identity.tenants.set(tenantId, { plan, timezone });
  return tenantId;
}

describe("the plan's numbers", () => {
  it('are exactly as many as the plan has, of 50 connected at once through two copies', async () => {
    const tenantId = tenantOn('business');
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(tenantId)));
    expect(answers.filter((answer) => answer.statusCode === 201)).toHaveLength(3);
    const refused = answers.filter((answer) => answer.statusCode !== 201);
    expect(new Set(refused.map((answer) => answer.statusCode))).toEqual(new Set([403]));
    expect(refused[0]!.json().error).toMatchObject({ code: 'plan_limit', entity: 'maxChannels' });
    expect(await count(tenantId)).toMatchObject({ total: 3 });
    expect(await eventsOf(fixture, tenantId, 'audit.recorded')).toHaveLength(3);
  });

  it('grow with the plan as soon as identity tells of it', async () => {
    const tenantId = tenantOn('basic');
    expect((await create(tenantId)).statusCode).toBe(201);
    expect((await create(tenantId)).statusCode).toBe(403);
    await tellOfTenant(fixture, tenantId, { plan: 'pro' });
    await eventually(async () => expect((await create(tenantId)).statusCode).toBe(201));
    expect(await count(tenantId)).toMatchObject({ total: 2 });
  });

  it('have no limit on an unlimited plan, and connected ones are counted separately', async () => {
    const channel = await createChannel(fixture);
    await create(channel.tenantId);
    expect(await count(channel.tenantId)).toEqual({ total: 2, connected: 1 });
    expect(await count(randomUUID())).toEqual({ total: 0, connected: 0 });
  });

  it('need a permission to read, and an unknown tenant connects none while identity is away', async () => {
    const tenantId = tenantOn('enterprise');
    const headers = { authorization: bearer(tenantId, ['chats.read']) };
    expect((await copies[0]!.app.inject({ url: '/channels-count', headers })).statusCode).toBe(403);
    fixture.identity.away = true;
    try {
      expect((await create(tenantId)).statusCode).toBe(503);
    } finally {
      fixture.identity.away = false;
    }
    expect((await create(tenantId)).statusCode).toBe(201);
  });
});

const connect = (tenantId: string, authorization: string) =>
  create(tenantId, authorization, {
    settings: { greeting: 'Hola', webhookSecret: 'canary-settings' },
    ratePerMinute: 60,
  });

describe('connecting a number', () => {
  it('emits one audit event, without a secret', async () => {
    const tenantId = randomUUID();
    const userId = randomUUID();
    const permissions = ['whatsapp.numbers.manage', 'whatsapp.numbers.read'];
    const answer = await connect(
      tenantId,
      `Bearer ${internalToken({ tenantId, userId, permissions, edition: 'saas' })}`,
    );
    expect(answer.statusCode).toBe(201);
    const channel = answer.json<Channel>();
    const entries = await eventsOf<AuditEntry>(fixture, tenantId, 'audit.recorded');
    expect(entries).toMatchObject([
      {
        actor: { kind: 'user', userId },
        action: 'channel.create',
        entityType: 'channel',
        entityId: channel.id,
        edition: 'saas',
        success: true,
        changes: {
          name: { from: null, to: 'Support' },
          phone: { from: null, to: channel.phone },
          ratePerMinute: { from: null, to: 60 },
          settings: { from: null, to: { greeting: 'Hola', webhookSecret: '***' } },
        },
      },
    ]);
    const text = JSON.stringify(entries);
    for (const secret of ['canary-settings', 'verify me', 'the app secret', channel.key, 'accessToken']) {
      expect(text).not.toContain(secret);
    }
  });

  it('emits none when it is refused', async () => {
    const tenantId = randomUUID();
    expect((await connect(tenantId, bearer(tenantId, []))).statusCode).toBe(403);
    expect(await eventsOf(fixture, tenantId, 'audit.recorded')).toEqual([]);
  });
});

describe("a number's daily limit", () => {
  const failures = async (tenantId: string) =>
    (
      await eventsOf<{ messageId: string; status: string; error: { code: string; message: string } | null }>(
        fixture,
        tenantId,
        'message.status-changed',
      )
    ).filter((event) => event.status === 'failed');

  it('lets exactly its number of 50 go out, and the others fail at once with the reason', async () => {
    const channel = await createChannel(fixture, { dailyMessageLimit: 20 });
    const asked = await Promise.all(Array.from({ length: 50 }, () => requestMessage(fixture, channel)));
    await eventually(async () => {
      const rows = await fixture.sql<{ state: string; count: number }[]>`
        select state, count(*)::int as count from channel_connector.dispatches where channel_id = ${channel.id} group by 1 order by 1`;
      expect(rows.map(({ state, count }) => [state, count])).toEqual([
        ['failed', 30],
        ['sent', 20],
      ]);
    });
    const failed = await failures(channel.tenantId);
    expect(failed).toHaveLength(30);
    expect(failed[0]!.error).toEqual({
      code: 'daily_limit',
      message: "The number's limit of 20 messages a day is reached",
    });
    const ledger = await Promise.all(
      asked.map(({ messageId }) => fixture.sandbox.control.ledgerMessages({ bizOpaqueCallbackData: messageId })),
    );
    expect(ledger.flat()).toHaveLength(20);
  });

  it('starts again at midnight in the tenant’s zone, and repeats do not count', async () => {
    const tenantId = tenantOn('enterprise', 'Asia/Tokyo');
    const channel = await createChannel(fixture, { tenantId, dailyMessageLimit: 1 });
    const today = new Date();
    // 23:59 in Tokyo.
    now = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() - 1, 14, 59));
    try {
      const first = await requestMessage(fixture, channel, { at: now });
      await untilState(fixture, first.messageId, 'sent');
      const subject = `recado.conversation.${tenantId}.message.requested`;
      const again = await fixture.bus.jsm.streams.getMessage('RECADO_CONVERSATION', { last_by_subj: subject });
      await fixture.bus.js.publish(subject, again!.data);
      const second = await requestMessage(fixture, channel, { at: now });
      await untilState(fixture, second.messageId, 'failed');
      now = new Date(now.getTime() + 60_000);
      const third = await requestMessage(fixture, channel, { at: now });
      await untilState(fixture, third.messageId, 'sent');
      expect(await failures(tenantId)).toMatchObject([{ messageId: second.messageId }]);
    } finally {
      now = null;
    }
  });
});
