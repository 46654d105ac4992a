import { randomUUID } from 'node:crypto';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, person, received } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('opt_out');
  service = await fixture.start();
});
afterAll(() => fixture.close());

let second = 0;
/** Customers write, one after the other, in one batch. */
async function hear(tenantId: string, contents: string[], waId = '573001234567') {
  const events = contents.map((content) => {
    const sentTime = new Date(Date.parse('2026-11-30T10:00:00Z') + 1000 * second++).toISOString();
    return delivered(received(tenantId, { channelId: tenantId, content, sentTime, from: { waId, phone: `+${waId}` } }));
  });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, events, new Date()));
  return events;
}
const stopped = async (tenantId: string) =>
  (
    await fixture.admin.sql<{ is: boolean }[]>`
      select marketing_stopped_at is not null as is from conversation.contacts where tenant_id = ${tenantId}`
  ).map(({ is }) => is);
const answers = async (tenantId: string) =>
  (
    await fixture.admin.sql<{ content: string }[]>`
      select content from conversation.messages where tenant_id = ${tenantId} and direction = 'outbound' order by id`
  ).map(({ content }) => content);

it('a customer opts out by a word, is told once, and it is audited', async () => {
  const tenantId = randomUUID();
  await hear(tenantId, ['¡Baja!']);
  expect(await stopped(tenantId)).toEqual([true]);
  await hear(tenantId, ['STOP', 'sair']);
  expect(await answers(tenantId)).toEqual([expect.stringContaining('no recibirás más')]);
  expect(await fixture.outbox(tenantId, 'message.requested')).toHaveLength(1);
  expect(await fixture.outbox(tenantId, 'contact.updated')).toMatchObject([{ data: { changed: ['marketing'] } }]);
  expect(await fixture.outbox(tenantId, 'audit.recorded')).toMatchObject([
    {
      data: {
        action: 'contact.opt_out',
        actor: { service: 'conversation' },
        changes: { optIn: { from: true, to: false } },
      },
    },
  ]);
});

it('and back by another word, in the language of its country', async () => {
  const tenantId = randomUUID();
  await hear(tenantId, ['STOP'], '5511987654321');
  await hear(tenantId, ['start'], '5511987654321');
  expect(await stopped(tenantId)).toEqual([false]);
  expect(await answers(tenantId)).toEqual([
    expect.stringContaining('não receberá mais'),
    expect.stringContaining('voltará a receber'),
  ]);
});

it('the last word of a batch counts, a repeated event and a longer text change nothing', async () => {
  const tenantId = randomUUID();
  const events = await hear(tenantId, ['alta', 'Quiero darme de baja del plan', 'baja']);
  await hear(tenantId, ['alta']);
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, events, new Date()));
  expect(await stopped(tenantId)).toEqual([false]);
  expect(await answers(tenantId)).toHaveLength(2);
});

it('chats of a blocked contact leave the lists, ask for no notification, and come back', async () => {
  const who = person({ edition: 'crm' });
  const { tenantId } = who;
  const ask = (method: 'GET' | 'PUT', url: string, payload?: object) =>
    service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
  await hear(tenantId, ['Hola']);
  await hear(tenantId, ['Hola'], '573009998877');
  const [{ id, contact }] = (await ask('GET', '/conversations?search=573001234567')).json().items;
  const block = (isBlocked: boolean) => ask('PUT', `/contacts/${contact.id}`, { isBlocked });
  expect((await block(true)).json().blockedAt).toEqual(expect.any(String));
  for (const query of ['', '?search=573001234567', '?cursor=start']) {
    const { items, total } = (await ask('GET', `/conversations${query}`)).json();
    expect(items.map((one: { id: string }) => one.id)).not.toContain(id);
    expect(total).toBe(query.startsWith('?search') ? 0 : 1);
  }
  expect((await ask('GET', `/conversations/${id}`)).json().contact.blockedAt).toEqual(expect.any(String));
  await hear(tenantId, ['¿Hay alguien?', 'STOP']);
  const told = await fixture.outbox(tenantId, 'message.created');
  expect(told.map(({ data }) => (data as { contact: { isBlocked?: true } }).contact.isBlocked)).toEqual([
    undefined,
    undefined,
    true,
    true,
  ]);
  expect(await answers(tenantId)).toEqual([]);
  await block(false);
  expect((await ask('GET', '/conversations?search=573001234567')).json().total).toBe(1);
  const moves = (await fixture.outbox(tenantId, 'conversation.updated')) as {
    data: { changed: string[]; conversation: { id: string; contact: { blockedAt: string | null } } };
  }[];
  // Screens take the chat away, and show it again.
  const shown = moves.filter(({ data }) => data.changed.includes('blocked')).map(({ data }) => data.conversation);
  expect(shown.map((one) => [one.id, one.contact.blockedAt !== null])).toEqual([
    [id, true],
    [id, false],
  ]);
});
