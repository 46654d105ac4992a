import { randomUUID } from 'node:crypto';
import { firstIdAt, permissionsOf, UNCERTAIN, uuidv7 } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { applyStatuses } from '../src/statuses/apply.ts';
import { createFixture, delivered, type Fixture, type Person, person, received, statusChanged } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('retries');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const apply = (...events: ReturnType<typeof statusChanged>[]) =>
  withWorker(fixture.worker, (tx) => applyStatuses(tx, events.map(delivered)));
const ask = (who: Person, method: 'GET' | 'POST', url: string, payload?: object) =>
  service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
const retry = (who: Person, id: string) => ask(who, 'POST', `/messages/${id}/retry`);

interface Sent {
  id: string;
  conversationId: string;
  channelId: string;
}

/** A message of a person in a fresh conversation, and what became of it. */
async function sentMessage(who: Person, error: { code: string; message: string } | null): Promise<Sent> {
  const channelId = randomUUID();
  const from = { waId: `519${Math.random().toString().slice(2, 10)}`, phone: null };
  const event = received(who.tenantId, { channelId, from });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin
    .sql`select conversation_id from conversation.messages where id = ${event.envelope.id}`;
  const conversationId = row!.conversation_id as string;
  const sent = await ask(who, 'POST', `/conversations/${conversationId}/messages`, { type: 'text', text: 'Hola' });
  const id = sent.json().message.id as string;
  const status = error === null ? ('sent' as const) : ('failed' as const);
  await apply(statusChanged(who.tenantId, { channelId, messageId: id, status, error, source: 'dispatch' }));
  return { id, conversationId, channelId };
}

const UNREACHABLE = { code: '131026', message: 'Not on WhatsApp' };
const requested = async (who: Person) =>
  (
    (await fixture.outbox(who.tenantId, 'message.requested')) as unknown as {
      data: { messageId: string; text: string };
    }[]
  ).map(({ data }) => data);

describe('a failed message', () => {
  it('is sent again as a new message of the same words, and both say so', async () => {
    const who = person();
    const failed = await sentMessage(who, UNREACHABLE);
    const answer = await retry(who, failed.id);
    expect(answer.statusCode).toBe(201);
    const { message } = answer.json();
    expect(message).toMatchObject({
      conversationId: failed.conversationId,
      content: 'Hola',
      status: 'pending',
      author: 'user',
    });
    expect(message.id).not.toBe(failed.id);
    expect((await requested(who)).map(({ messageId }) => messageId)).toEqual([failed.id, message.id]);
    expect((await ask(who, 'GET', `/messages/${failed.id}`)).json()).toMatchObject({
      message: { status: 'failed', error: UNREACHABLE },
      retriedBy: message.id,
      retryOf: null,
    });
    expect((await ask(who, 'GET', `/messages/${message.id}`)).json()).toMatchObject({ retryOf: failed.id });
    const audits = (await fixture.outbox(who.tenantId, 'audit.recorded')) as unknown as {
      data: { action: string; entityId: string };
    }[];
    expect(audits.at(-1)!.data).toMatchObject({ action: 'message.retry', entityId: message.id });
  });

  it('is sent again once, also by many calls at the same moment', async () => {
    const who = person();
    const failed = await sentMessage(who, UNREACHABLE);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => retry(who, failed.id)));
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.json().message.id)).size).toBe(1);
    expect(await requested(who)).toHaveLength(2);
  });

  it('reads nothing and takes over nothing: a message sent again is no new word of a person', async () => {
    const who = person();
    const failed = await sentMessage(who, UNREACHABLE);
    await fixture.admin.sql`
      update conversation.conversations set unread_count = 3, status = 'bot' where id = ${failed.conversationId}`;
    expect((await retry(who, failed.id)).json().conversation).toMatchObject({ unreadCount: 3, status: 'bot' });
  });
});

describe('a message that may not be sent again', () => {
  it.each<[string, { code: string; message: string } | null]>([
    ['that did not fail', null],
    ['whose fate is unknown', { code: UNCERTAIN, message: 'Nobody knows' }],
  ])('%s is 409, and nothing goes out', async (_what, error) => {
    const who = person();
    const { id } = await sentMessage(who, error);
    const answer = await retry(who, id);
    expect([answer.statusCode, answer.json().error.entity]).toEqual([409, 'message']);
    expect(await requested(who)).toHaveLength(1);
  });

  it('is 422 when the reply window has closed meanwhile, and may go once it opens again', async () => {
    const who = person();
    const { id, conversationId } = await sentMessage(who, UNREACHABLE);
    const setInbound = (hours: number) => fixture.admin.sql`
      update conversation.conversations set last_inbound_at = now() - make_interval(hours => ${hours})
      where id = ${conversationId}`;
    await setInbound(25);
    expect((await retry(who, id)).json().error.code).toBe('outside_window');
    await setInbound(1);
    expect((await retry(who, id)).statusCode).toBe(201);
  });

  it('is 404 for another tenant and 403 without the permission', async () => {
    const who = person();
    const { id } = await sentMessage(who, UNREACHABLE);
    expect((await retry(person(), id)).statusCode).toBe(404);
    expect((await retry(person({ tenantId: who.tenantId, permissions: ['messages.read'] }), id)).statusCode).toBe(403);
    expect((await retry(who, uuidv7())).statusCode).toBe(404);
  });
});

const admin = () => person({ permissions: permissionsOf('admin') });

describe('all that failed', () => {
  const all = (who: Person) => ask(who, 'POST', '/messages-retry-failed');

  it('is sent again once: not what is uncertain, too old, or outside its window', async () => {
    const who = admin();
    const good = [await sentMessage(who, UNREACHABLE), await sentMessage(who, UNREACHABLE)];
    await sentMessage(who, null);
    await sentMessage(who, { code: UNCERTAIN, message: 'Nobody knows' });
    const closed = await sentMessage(who, UNREACHABLE);
    const late = await sentMessage(who, UNREACHABLE);
    await fixture.admin
      .sql`update conversation.conversations set status = 'closed' where id = ${closed.conversationId}`;
    await fixture.admin.sql`
      update conversation.conversations set last_inbound_at = now() - interval '25 hours' where id = ${late.conversationId}`;
    const old = await sentMessage(who, UNREACHABLE);
    const id = firstIdAt(Date.now() - 25 * 3600_000);
    await fixture.admin.sql`update conversation.messages set id = ${id} where id = ${old.id}`;
    const answer = await all(who);
    expect([answer.statusCode, answer.json()]).toEqual([200, { retried: 2, skipped: 0 }]);
    for (const one of good) expect((await ask(who, 'GET', `/messages/${one.id}`)).json().retriedBy).not.toBeNull();
    expect((await all(who)).json()).toEqual({ retried: 0, skipped: 0 });
  });

  it('of another tenant stays, and it takes the permission', async () => {
    const who = admin();
    await sentMessage(who, UNREACHABLE);
    expect((await all(admin())).json()).toEqual({ retried: 0, skipped: 0 });
    expect((await all(person({ tenantId: who.tenantId, permissions: ['messages.create'] }))).statusCode).toBe(403);
  });
});

describe('the history of a message', () => {
  it('has every report once, in order, with price and error', async () => {
    const who = person();
    const { id, channelId } = await sentMessage(who, null);
    const providerMessageId = `wamid.${id}`;
    const base = { channelId, providerMessageId };
    const details = { pricing: { billable: true, model: 'PMP', category: 'service' } };
    const delivered = statusChanged(who.tenantId, {
      ...base,
      messageId: id,
      status: 'delivered',
      at: '2026-05-01T10:00:02.000Z',
      details,
    });
    const failed = statusChanged(who.tenantId, {
      ...base,
      messageId: null,
      status: 'failed',
      at: '2026-05-01T10:00:03.000Z',
      error: UNREACHABLE,
    });
    await apply(delivered, failed);
    await apply(failed, delivered);
    const { statuses } = (await ask(who, 'GET', `/messages/${id}`)).json();
    // The send's own result is of now, the others are of May.
    expect(statuses.map(({ status }: { status: string }) => status)).toEqual(['delivered', 'failed', 'sent']);
    expect(statuses.find(({ status }: { status: string }) => status === 'delivered')).toMatchObject({
      source: 'webhook',
      details,
    });
    expect(statuses.find(({ status }: { status: string }) => status === 'failed')).toMatchObject({
      error: UNREACHABLE,
    });
  });

  it('has a report that came before its message was known', async () => {
    const who = person();
    const { id, channelId } = await sentMessage(who, null);
    const providerMessageId = `wamid.${id}`;
    await apply(statusChanged(who.tenantId, { channelId, messageId: null, providerMessageId, status: 'read' }));
    expect((await ask(who, 'GET', `/messages/${id}`)).json().statuses).toHaveLength(1);
    await apply(statusChanged(who.tenantId, { channelId, messageId: id, providerMessageId, status: 'delivered' }));
    const { statuses } = (await ask(who, 'GET', `/messages/${id}`)).json();
    expect(statuses.map(({ status }: { status: string }) => status).sort()).toEqual(['delivered', 'read', 'sent']);
  });

  it('is shown to its own tenant alone', async () => {
    const who = person();
    const { id } = await sentMessage(who, null);
    expect((await ask(person(), 'GET', `/messages/${id}`)).statusCode).toBe(404);
    expect((await ask(person({ tenantId: who.tenantId, permissions: [] }), 'GET', `/messages/${id}`)).statusCode).toBe(
      403,
    );
  });
});
