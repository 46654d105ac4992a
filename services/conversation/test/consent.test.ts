import { randomUUID } from 'node:crypto';
import type { Message } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { applyStatuses } from '../src/statuses/apply.ts';
import { createFixture, delivered, type Fixture, type Person, person, received, statusChanged } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('consent');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const template = (name: string) => ({ kind: 'template', name, language: 'es', params: { 1: 'Ana' } });
const fields = (answer: { json(): { error: { details: { field: string; code: string }[] } } }) =>
  answer.json().error.details.map(({ field, code }) => `${field} ${code}`);
const requested = (who: Person) => fixture.outbox(who.tenantId, 'message.requested');

/** A customer who wrote just now, in a chat of its own. */
async function customer(who: Person, channelId: string = randomUUID()) {
  const phone = `+519${Math.random().toString().slice(2, 10)}`;
  const event = received(who.tenantId, { channelId, from: { waId: phone.slice(1), phone } });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin
    .sql`select conversation_id from conversation.messages where id = ${event.envelope.id}`;
  fixture.channels.set(channelId, { id: channelId, tenantId: who.tenantId, provider: 'meta' });
  return { phone, channelId, chat: row!.conversation_id as string };
}

const stop = (who: Person, phones: string[]) =>
  fixture.admin.sql`
    update conversation.contacts set marketing_stopped_at = now(), marketing_changed_at = now()
    where tenant_id = ${who.tenantId} and phone = any(${phones})`;

const post = (who: Person, url: string, payload?: object) =>
  service.app.inject({ method: 'POST', url, headers: who.headers, ...(payload && { payload }) });
const toChat = (who: Person, { chat }: { chat: string }, content: object) =>
  post(who, `/conversations/${chat}/messages`, { content });
const toPhone = (who: Person, { channelId, phone }: { channelId: string; phone: string }, content: object) =>
  post(who, `/channels/${channelId}/messages`, { to: phone, content });

it('refuses marketing to a customer who opted out, in a chat and to a phone, and queues nothing', async () => {
  const who = person();
  const ana = await customer(who);
  await stop(who, [ana.phone]);
  const inChat = await toChat(who, ana, template('welcome'));
  expect([inChat.statusCode, fields(inChat)]).toEqual([422, ['content.name marketing_stopped']]);
  const byPhone = await toPhone(who, ana, template('welcome'));
  expect([byPhone.statusCode, fields(byPhone)]).toEqual([422, ['to marketing_stopped']]);
  expect(await requested(who)).toEqual([]);
});

it('still sends what is no marketing to that customer, and marketing after opting in again', async () => {
  const who = person();
  const ana = await customer(who);
  await stop(who, [ana.phone]);
  for (const content of [template('receipt'), template('code'), { kind: 'text', body: 'Hola' }]) {
    const answer = await toChat(who, ana, content);
    expect(answer.statusCode, answer.body).toBe(201);
  }
  expect((await toPhone(who, ana, template('receipt'))).statusCode).toBe(201);
  await fixture.admin.sql`
    update conversation.contacts set marketing_stopped_at = null where tenant_id = ${who.tenantId}`;
  expect((await toChat(who, ana, template('welcome'))).statusCode).toBe(201);
  expect(await requested(who)).toHaveLength(5);
});

it('names each customer of a list who opted out, by the first place, and sends to none', async () => {
  const who = person();
  const [ana, bea, eva] = [await customer(who), await customer(who), await customer(who)];
  await stop(who, [bea.phone, eva.phone]);
  const to = [ana.phone, bea.phone, bea.phone.replace('+51', '+51 '), eva.phone];
  const url = `/channels/${ana.channelId}/messages-bulk`;
  const answer = await post(who, url, { to, content: template('welcome') });
  expect([answer.statusCode, fields(answer)]).toEqual([422, ['to.1 marketing_stopped', 'to.3 marketing_stopped']]);
  const inBulk = () => fixture.outbox(who.tenantId, 'message.bulk-requested');
  expect(await inBulk()).toEqual([]);
  expect((await post(who, url, { to, content: template('receipt') })).statusCode).toBe(201);
  expect(await inBulk()).toHaveLength(3);
});

it('does not send failed marketing again after an opt-out', async () => {
  const who = person();
  const ana = await customer(who);
  const { message } = (await toChat(who, ana, template('welcome'))).json<{ message: Message }>();
  const error = { code: '131000', message: 'Unknown' };
  const { channelId } = ana;
  const failed = { channelId, messageId: message.id, status: 'failed' as const, error, source: 'dispatch' as const };
  await withWorker(fixture.worker, (tx) => applyStatuses(tx, [delivered(statusChanged(who.tenantId, failed))]));
  await stop(who, [ana.phone]);
  const again = await post(who, `/messages/${message.id}/retry`);
  expect([again.statusCode, fields(again)]).toEqual([422, ['content.name marketing_stopped']]);
  expect(await requested(who)).toHaveLength(1);
});

it('while templates cannot be checked, sends them to all but those who opted out', async () => {
  const who = person();
  const [ana, bea] = [await customer(who), await customer(who)];
  await stop(who, [bea.phone]);
  const alone = await fixture.start({ connectorAway: true });
  const send = (one: { chat: string }) =>
    alone.app.inject({
      method: 'POST',
      url: `/conversations/${one.chat}/messages`,
      headers: who.headers,
      payload: { content: template('welcome') },
    });
  expect((await send(ana)).statusCode).toBe(201);
  expect((await send(bea)).statusCode).toBe(503);
  expect(await requested(who)).toHaveLength(1);
});
