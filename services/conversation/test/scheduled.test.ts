import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type AuditEntry,
  buildEvent,
  type EventData,
  MAX_SCHEDULED_IN_CHAT,
  permissionsOf,
  type ScheduledMessage,
  timerFired,
} from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { orderScheduled } from '../src/scheduled/due.ts';
import type { RunningConversation } from '../src/service.ts';
import { type Chat, type Desk, openDesk, problemsOf } from './desk.ts';
import { createFixture, delivered, type Fixture, person } from './setup.ts';

let now = new Date();
let fixture: Fixture;
let service: RunningConversation;
let desk: Desk;
beforeAll(async () => {
  fixture = await createFixture('scheduled');
  service = await fixture.start({ now: () => now });
});
afterAll(() => fixture.close());
beforeEach(async () => {
  now = new Date();
  desk = await openDesk(fixture, service);
});

const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();
const text = (body: string) => ({ kind: 'text', body });
const urlOf = ({ id }: Chat, one?: string) => `/conversations/${id}/scheduled-messages${one ? `/${one}` : ''}`;
const schedule = async (chat: Chat, more: object = {}) => {
  const body = { content: text('Buenos días'), sendAt: inMinutes(30), ...more };
  const made = await desk.ask<ScheduledMessage>(desk.agent, 'POST', urlOf(chat), body);
  expect(made).toMatchObject({ status: 201 });
  return made.body;
};
const read = async (chat: Chat, id: string) =>
  (await desk.ask<ScheduledMessage>(desk.agent, 'GET', urlOf(chat, id))).body;
const list = async (chat: Chat, query = '') =>
  (await desk.ask<{ items: ScheduledMessage[]; total: number }>(desk.agent, 'GET', `${urlOf(chat)}?${query}`)).body;
const news = async (name: string) => (await fixture.outbox(desk.tenantId, name)).map(({ data }) => data as object);

/** Its timer fires, twice, and the clock says so. */
async function fire({ id }: { id: string }, fireAt: string): Promise<void> {
  const key = `scheduled-message:${id}`;
  const data: EventData<typeof timerFired> = { owner: 'conversation', key, fireAt, firedAt: fireAt, payload: {} };
  const event = delivered(buildEvent(timerFired, { tenantId: desk.tenantId, data }));
  for (let i = 0; i < 2; i++) await withWorker(fixture.worker, (tx) => orderScheduled(tx, [event]));
}
async function settled(chat: Chat, id: string): Promise<ScheduledMessage> {
  for (let i = 0; i < 100; i++) {
    const one = await read(chat, id);
    if (one.status !== 'scheduled') return one;
    await pause(50);
  }
  throw new Error('It still waits');
}
const jobsDone = async () => {
  for (let i = 0; i < 100; i++) {
    const [row] = await fixture.admin.sql<{ open: number }[]>`
      select count(*)::int as open from conversation.jobs where tenant_id = ${desk.tenantId} and state <> 'done'`;
    if (row!.open === 0) return;
    await pause(50);
  }
  throw new Error('Jobs still run');
};

describe('a scheduled message', () => {
  it('is sent at its time, once, by its author, and says so', async () => {
    const chat = await desk.addChat();
    const one = await schedule(chat);
    expect(await news('timer.ordered')).toMatchObject([{ key: `scheduled-message:${one.id}`, fireAt: one.sendAt }]);
    now = new Date(one.sendAt);
    await fire(one, one.sendAt);
    const after = await settled(chat, one.id);
    expect(after).toMatchObject({ status: 'sent', messageId: expect.any(String), reason: null });
    await jobsDone();
    expect(await news('message.requested')).toMatchObject([{ messageId: after.messageId, text: 'Buenos días' }]);
    const [{ message }] = (await news('message.created')) as [{ message: object }];
    expect(message).toMatchObject({ author: 'user', userId: desk.agent.caller.userId });
    expect((await news('scheduled-message.updated')).map((data) => (data as ScheduledMessage).status)).toEqual([
      'scheduled',
      'sent',
    ]);
  });

  it('that was moved is sent at its new time, although our clock is a little behind', async () => {
    const chat = await desk.addChat();
    const one = await schedule(chat);
    const later = inMinutes(60);
    const moved = await desk.ask(desk.agent, 'PATCH', urlOf(chat, one.id), { sendAt: later, content: text('Otro') });
    expect(moved).toMatchObject({ status: 200, body: { sendAt: later } });
    now = new Date(one.sendAt);
    await fire(one, one.sendAt);
    await jobsDone();
    expect(await read(chat, one.id)).toMatchObject({ status: 'scheduled' });
    now = new Date(Date.parse(later) - 2000);
    await fire(one, later);
    expect(await settled(chat, one.id)).toMatchObject({ status: 'sent' });
    expect(await news('message.requested')).toMatchObject([{ text: 'Otro' }]);
  });

  it('is cancelled when the customer wrote since, at once and without a trace in the chat', async () => {
    const [chat, other] = [await desk.addChat(), await desk.addChat()];
    const one = await schedule(chat, { cancelOnReply: true });
    const two = await schedule(other);
    await fixture.admin.sql`
      update conversation.conversations set last_inbound_at = ${inMinutes(1)} where id in (${chat.id}, ${other.id})`;
    expect(await read(chat, one.id)).toMatchObject({ status: 'cancelled', reason: 'customer_wrote' });
    expect([(await list(chat, 'status=scheduled')).total, (await list(chat, 'status=cancelled')).total]).toEqual([
      0, 1,
    ]);
    expect((await desk.ask(desk.agent, 'PATCH', urlOf(chat, one.id), { sendAt: inMinutes(50) })).status).toBe(409);
    now = new Date(one.sendAt);
    for (const each of [one, two]) await fire(each, each.sendAt);
    expect(await settled(other, two.id)).toMatchObject({ status: 'sent' });
    await jobsDone();
    const stored = await fixture.admin.sql`
      select status, reason from conversation.scheduled_messages where id = ${one.id}`;
    expect([...stored]).toEqual([{ status: 'cancelled', reason: 'customer_wrote' }]);
    expect(await news('message.requested')).toHaveLength(1);
  });

  it('outside the reply window, in a closed chat, or of an author who left fails with its reason', async () => {
    const [late, closed, gone] = [
      await desk.addChat({ lastInboundAt: new Date('2026-01-01') }),
      await desk.addChat(),
      await desk.addChat(),
    ];
    const all: [Chat, ScheduledMessage][] = [];
    for (const chat of [late, closed, gone]) all.push([chat, await schedule(chat)]);
    await desk.ask(desk.boss, 'POST', `/conversations/${closed.id}/close`, {});
    now = new Date(all[0]![1].sendAt);
    for (const [, one] of all.slice(0, 2)) await fire(one, one.sendAt);
    expect(await settled(late, all[0]![1].id)).toMatchObject({ status: 'failed', reason: 'outside_window' });
    expect(await settled(closed, all[1]![1].id)).toMatchObject({ status: 'failed', reason: 'conflict' });
    await fixture.admin.sql`
      insert into conversation.users (tenant_id, id, role, status, changed_at, change_id)
      values (${desk.tenantId}, ${desk.agent.caller.userId}, 'agent', 'removed', now(), gen_random_uuid())
      on conflict (tenant_id, id) do update set status = 'removed'`;
    await fire(all[2]![1], all[2]![1].sendAt);
    expect(await settled(gone, all[2]![1].id)).toMatchObject({ status: 'failed', reason: 'author_gone' });
    expect(await news('message.requested')).toEqual([]);
    const failed = ((await news('scheduled-message.updated')) as ScheduledMessage[]).filter(
      (one) => one.status === 'failed',
    );
    expect(failed).toHaveLength(3);
    expect(JSON.stringify(failed)).not.toContain('Buenos');
  });

  it('of an author who may not write messages any more fails', async () => {
    const chat = await desk.addChat();
    const one = await schedule(chat);
    now = new Date(one.sendAt);
    const known = fixture.identity.users.get(desk.agent.caller.userId!)!;
    fixture.identity.users.set(desk.agent.caller.userId!, { ...known, permissions: ['messages.read'] } as never);
    await fire(one, one.sendAt);
    expect(await settled(chat, one.id)).toMatchObject({ status: 'failed', reason: 'forbidden' });
    expect(await news('message.requested')).toEqual([]);
  });

  it('of an API key is sent as that key while it counts, and fails once it ended', async () => {
    const apiKeyId = randomUUID();
    const permissions = ['messages.create'] as const;
    const { tenantId } = desk;
    fixture.identity.keys.set(apiKeyId, { tenantId, permissions });
    const machine = person({ tenantId, role: 'key', userId: null, apiKeyId, permissions: [...permissions] });
    const [chat, other] = [await desk.addChat(), await desk.addChat()];
    const make = async (about: Chat) => {
      const body = { content: text('Su pedido salió'), sendAt: inMinutes(30) };
      return (await desk.ask<ScheduledMessage>(machine, 'POST', urlOf(about), body)).body;
    };
    const [one, two] = [await make(chat), await make(other)];
    now = new Date(one.sendAt);
    await fire(one, one.sendAt);
    expect(await settled(chat, one.id)).toMatchObject({ status: 'sent' });
    const [sent] = (await fixture.outbox(tenantId, 'audit.recorded')).map(({ data }) => data as AuditEntry).slice(-1);
    expect(sent).toMatchObject({ action: 'message.create', actor: { kind: 'api_key', apiKeyId } });
    fixture.identity.keys.delete(apiKeyId);
    await fire(two, two.sendAt);
    expect(await settled(other, two.id)).toMatchObject({ status: 'failed', reason: 'author_gone' });
    expect(await news('message.requested')).toHaveLength(1);
  });

  it('is changed and cancelled by its author, and by who gives chats to others, alone', async () => {
    const { tenantId } = desk;
    const colleague = person({ tenantId, role: 'agent', permissions: permissionsOf('agent') });
    const machine = person({
      ...{ tenantId, role: 'key', userId: null, apiKeyId: randomUUID() },
      permissions: permissionsOf('agent'),
    });
    const chat = await desk.addChat();
    const one = await schedule(chat);
    for (const who of [colleague, machine]) {
      expect((await desk.ask(who, 'PATCH', urlOf(chat, one.id), { content: text('Otro') })).status).toBe(403);
      expect((await desk.ask(who, 'DELETE', urlOf(chat, one.id))).status).toBe(403);
      expect((await desk.ask(who, 'GET', urlOf(chat, one.id))).status).toBe(200);
    }
    expect(await read(chat, one.id)).toMatchObject({ status: 'scheduled', content: text('Buenos días') });
    for (const who of [desk.agent, desk.boss]) {
      const changed = await desk.ask(who, 'PATCH', urlOf(chat, one.id), { content: text(`De ${who.caller.role}`) });
      expect([changed.status, changed.body]).toMatchObject([200, { userId: desk.agent.caller.userId }]);
    }
    expect((await desk.ask(desk.boss, 'DELETE', urlOf(chat, one.id))).status).toBe(200);
  });

  it('more than an hour late is not sent any more', async () => {
    const chat = await desk.addChat();
    const one = await schedule(chat);
    now = new Date(Date.parse(one.sendAt) + 3_600_001);
    await fire(one, one.sendAt);
    expect(await settled(chat, one.id)).toMatchObject({ status: 'failed', reason: 'late' });
  });

  it('is cancelled by hand, stays so, and is not cancelled once it was sent', async () => {
    const chat = await desk.addChat();
    const [one, two] = [await schedule(chat), await schedule(chat)];
    for (let i = 0; i < 2; i++) {
      expect(await desk.ask(desk.boss, 'DELETE', urlOf(chat, one.id))).toMatchObject({
        status: 200,
        body: { status: 'cancelled', reason: 'user' },
      });
    }
    expect(await news('timer.cancelled')).toEqual([{ key: `scheduled-message:${one.id}` }]);
    now = new Date(two.sendAt);
    for (const each of [one, two]) await fire(each, each.sendAt);
    await settled(chat, two.id);
    await jobsDone();
    expect((await desk.ask(desk.boss, 'DELETE', urlOf(chat, two.id))).status).toBe(409);
    expect(await news('message.requested')).toHaveLength(1);
  });

  it('is refused for the past, for too far ahead, and beyond what may wait', async () => {
    const chat = await desk.addChat();
    for (const sendAt of [inMinutes(-1), inMinutes(366 * 24 * 60)]) {
      const refused = await desk.ask(desk.agent, 'POST', urlOf(chat), { content: text('a'), sendAt });
      expect([refused.status, problemsOf(refused)]).toEqual([422, ['sendAt future']]);
    }
    await fixture.admin.sql`
      insert into conversation.scheduled_messages (tenant_id, id, conversation_id, content, send_at, created_at, updated_at)
      select ${desk.tenantId}, gen_random_uuid(), ${chat.id}, '{"kind":"text","body":"a"}', now() + interval '1 day', now(), now()
      from generate_series(1, ${MAX_SCHEDULED_IN_CHAT})`;
    const full = await desk.ask(desk.agent, 'POST', urlOf(chat), { content: text('a'), sendAt: inMinutes(5) });
    expect([full.status, problemsOf(full)]).toEqual([422, ['sendAt too_big']]);
  });

  it('of a canned answer is filled in when it is made', async () => {
    const chat = await desk.addChat();
    const { body } = await desk.ask<{ id: string }>(desk.boss, 'POST', '/canned-answers', {
      shortcut: 'a',
      content: 'Hola {{contact.name}}',
    });
    const made = await desk.ask<ScheduledMessage>(desk.agent, 'POST', urlOf(chat), {
      canned: { answerId: body.id },
      sendAt: inMinutes(5),
    });
    expect(made.body.content).toEqual(text('Hola Luz Vera'));
    const asking = { shortcut: 'b', content: '{{ask:Lista}}'.repeat(5) };
    const { body: long } = await desk.ask<{ id: string }>(desk.boss, 'POST', '/canned-answers', asking);
    const canned = { answerId: long.id, values: { Lista: 'x'.repeat(1000) } };
    const refused = await desk.ask(desk.agent, 'POST', urlOf(chat), { canned, sendAt: inMinutes(5) });
    expect([refused.status, problemsOf(refused)]).toEqual([422, ['content.body too_big']]);
  });

  it('of another tenant or another chat is a 404', async () => {
    const [chat, other] = [await desk.addChat(), await desk.addChat()];
    const { id } = await schedule(chat);
    const stranger = await openDesk(fixture, service);
    const tries: [Desk, string][] = [
      [stranger, urlOf(chat, id)],
      [desk, urlOf(other, id)],
      [desk, urlOf(chat, randomUUID())],
    ];
    for (const [who, url] of tries) {
      expect((await who.ask(who.boss, 'GET', url)).status).toBe(404);
      expect((await who.ask(who.boss, 'DELETE', url)).status).toBe(404);
      expect((await who.ask(who.boss, 'PATCH', url, { sendAt: inMinutes(9) })).status).toBe(404);
    }
    expect((await stranger.ask(stranger.boss, 'GET', urlOf(chat))).status).toBe(404);
  });
});
