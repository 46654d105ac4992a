import { randomUUID } from 'node:crypto';
import { buildEvent, dispatchUncertain, UNCERTAIN, uuidv7, uuidv7Time } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { applyStatuses } from '../src/statuses/apply.ts';
import { keepUncertain } from '../src/statuses/uncertain.ts';
import { createFixture, delivered, type Fixture, type Person, person, received, statusChanged } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('undelivered');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const ask = (who: Person, method: 'GET' | 'POST', url: string, payload?: object) =>
  service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
const apply = (...events: ReturnType<typeof statusChanged>[]) =>
  withWorker(fixture.worker, (tx) => applyStatuses(tx, events.map(delivered)));

const GONE = { code: '131026', message: 'Not on WhatsApp' };
const SLOW = { code: '131049', message: 'Too many' };

/** A message to a customer that failed for a reason; the provider says so as often as `times`. */
async function failed(
  who: Person,
  error: typeof GONE,
  { phone = '51999888777', times = 1, channelId = randomUUID() } = {},
) {
  const event = received(who.tenantId, { channelId, from: { waId: phone, phone: `+${phone}` } });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin
    .sql`select conversation_id from conversation.messages where id = ${event.envelope.id}`;
  const url = `/conversations/${row!.conversation_id}/messages`;
  const id = (await ask(who, 'POST', url, { type: 'text', text: 'Hola' })).json().message.id as string;
  for (let i = 0; i < times; i++) {
    await apply(statusChanged(who.tenantId, { channelId, messageId: id, status: 'failed', error }));
  }
  return { id, channelId };
}

interface Item {
  message: { id: string; error: unknown };
  contact: { id: string; phone: string | null };
  retriedBy: string | null;
}
async function list(who: Person, query = ''): Promise<{ items: Item[]; nextCursor: string | null }> {
  const answer = await ask(who, 'GET', `/messages-undelivered${query}`);
  expect(answer.statusCode).toBe(200);
  return answer.json();
}
const idsOf = ({ items }: { items: Item[] }) => items.map(({ message }) => message.id);

describe('the list of what was not delivered', () => {
  it('has each failed message once, the last to fail first, with its reason and customer', async () => {
    const who = person();
    const [one, two] = [await failed(who, GONE, { times: 3 }), await failed(who, SLOW, { phone: '51911222333' })];
    const found = await list(who);
    expect(idsOf(found)).toEqual([two.id, one.id]);
    expect(found.items[1]).toMatchObject({
      message: { error: GONE },
      contact: { phone: '+51999888777' },
      retriedBy: null,
    });
    expect(found.nextCursor).toBeNull();
    // It was delivered after all.
    await apply(statusChanged(who.tenantId, { ...two, messageId: two.id, status: 'delivered' }));
    const again = (await ask(who, 'POST', `/messages/${one.id}/retry`)).json().message.id;
    expect(await list(who)).toMatchObject({ items: [{ message: { id: one.id }, retriedBy: again }] });
    expect(idsOf(await list(person()))).toEqual([]);
  });

  it('is filtered by number, code, phone and time', async () => {
    const who = person();
    const [one, two] = [await failed(who, GONE), await failed(who, SLOW, { phone: '51911222333' })];
    // The times of ids never go back: another file of this process may have been ahead.
    const later = new Date(uuidv7Time(uuidv7())! + 60_000).toISOString();
    const cases: [string, string[]][] = [
      [`channelId=${one.channelId}`, [one.id]],
      ['code=131049', [two.id]],
      [`phone=${encodeURIComponent('+51 911-222')}`, [two.id]],
      ['phone=888777', [one.id]],
      ['phone=000000', []],
      [`to=${later}`, [two.id, one.id]],
      [`from=${later}`, []],
      ['code=131049&phone=888777', []],
    ];
    for (const [query, ids] of cases) expect([query, idsOf(await list(who, `?${query}`))]).toEqual([query, ids]);
    for (const bad of ['phone=abc', 'from=ayer', 'limit=0', 'cursor=x']) {
      expect([bad, (await ask(who, 'GET', `/messages-undelivered?${bad}`)).statusCode]).toEqual([bad, 422]);
    }
  });

  it('has those whose answer was lost, with what will tell their fate, until their status comes', async () => {
    const who = person();
    const [one, other] = [await failed(who, GONE), await failed(who, SLOW, { times: 0, phone: '51911222333' })];
    const { tenantId } = who;
    const [at, until] = [new Date().toISOString(), new Date(Date.now() + 600_000).toISOString()];
    const data = { messageId: other.id, channelId: other.channelId, at, until };
    const event = delivered(buildEvent(dispatchUncertain, { tenantId, data }));
    for (let i = 0; i < 2; i++) await withWorker(fixture.worker, async (tx) => keepUncertain(tx, [event]));
    const uncertain = { message: { id: other.id }, state: 'uncertain', settles: { by: 'status', until }, failedAt: at };
    expect((await list(who)).items).toMatchObject([
      uncertain,
      { message: { id: one.id }, state: 'failed', settles: null },
    ]);
    expect(idsOf(await list(who, `?code=${UNCERTAIN}`))).toEqual([other.id]);
    expect(idsOf(await list(who, '?code=131026'))).toEqual([one.id]);
    expect(idsOf(await list(who, '?phone=911222'))).toEqual([other.id]);
    // No status came in time.
    const error = { code: UNCERTAIN, message: 'Not confirmed' };
    await apply(statusChanged(tenantId, { ...other, messageId: other.id, status: 'failed', error }));
    expect((await list(who, `?code=${UNCERTAIN}`)).items).toMatchObject([
      { message: { id: other.id }, state: 'failed', settles: { by: 'person', until: null } },
    ]);
    // The provider's status settles it all the same.
    await apply(statusChanged(tenantId, { ...other, messageId: other.id, status: 'sent' }));
    expect(idsOf(await list(who))).toEqual([one.id]);
  });

  it('is filtered by the customer', async () => {
    const who = person();
    const [one, two] = [await failed(who, GONE), await failed(who, SLOW, { phone: '51911222333' })];
    const contactOf = async (id: string) =>
      (await list(who)).items.find(({ message }) => message.id === id)!.contact.id;
    expect(idsOf(await list(who, `?contactId=${await contactOf(two.id)}`))).toEqual([two.id]);
    expect(idsOf(await list(who, `?contactId=${await contactOf(one.id)}`))).toEqual([one.id]);
    expect((await ask(who, 'GET', '/messages-undelivered?contactId=yo')).statusCode).toBe(422);
  });

  it('is walked by cursor', async () => {
    const who = person();
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.unshift((await failed(who, GONE)).id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { items: Item[]; nextCursor: string | null } = await list(
        who,
        `?limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...idsOf(page));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(made);
  });
});
