import { randomUUID } from 'node:crypto';
import { withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { applyStatuses } from '../src/statuses/apply.ts';
import { createFixture, delivered, type Fixture, type Person, person, received, statusChanged } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('statuses');
  service = await fixture.start();
});
afterAll(() => fixture.close());

const apply = (...events: ReturnType<typeof statusChanged>[]) =>
  withWorker(fixture.worker, (tx) => applyStatuses(tx, events.map(delivered)));

/** A message of ours in a fresh conversation. */
async function sentMessage(who: Person = person()) {
  const channelId = randomUUID();
  const event = received(who.tenantId, {
    channelId,
    from: { waId: `519${Math.random().toString().slice(2, 10)}`, phone: null },
  });
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const [row] = await fixture.admin
    .sql`select conversation_id from conversation.messages where id = ${event.envelope.id}`;
  const response = await service.app.inject({
    method: 'POST',
    url: `/conversations/${row!.conversation_id}/messages`,
    headers: who.headers,
    payload: { type: 'text', text: 'hola' },
  });
  expect(response.statusCode).toBe(201);
  return { tenantId: who.tenantId, channelId, id: response.json().message.id as string };
}

const find = async (id: string) => (await fixture.admin.sql`select * from conversation.messages where id = ${id}`)[0]!;
const parked = (tenantId: string) =>
  fixture.admin.sql`select * from conversation.pending_statuses where tenant_id = ${tenantId}`;

describe('a status', () => {
  it('moves the message forward and is published once', async () => {
    const { tenantId, channelId, id } = await sentMessage();
    const providerMessageId = 'wamid.out';
    await apply(
      statusChanged(tenantId, { channelId, messageId: id, providerMessageId, status: 'sent', source: 'dispatch' }),
    );
    const read = statusChanged(tenantId, {
      channelId,
      providerMessageId,
      status: 'read',
      at: '2026-05-01T00:00:00.000Z',
    });
    await apply(read);
    await apply(read, statusChanged(tenantId, { channelId, providerMessageId, status: 'delivered' }));
    expect(await find(id)).toMatchObject({
      status: 'read',
      provider_message_id: providerMessageId,
      read_at: new Date('2026-05-01T00:00:00Z'),
    });
    const told = await fixture.outbox(tenantId, 'message.updated');
    expect(told).toMatchObject([
      { data: { messageId: id, status: 'sent', previousStatus: 'pending' } },
      { data: { messageId: id, status: 'read', previousStatus: 'sent', providerMessageId } },
    ]);
  });

  it('of one batch is published as one step', async () => {
    const { tenantId, channelId, id } = await sentMessage();
    const ticks = (['sent', 'delivered', 'read'] as const).map((status) =>
      statusChanged(tenantId, { channelId, messageId: id, providerMessageId: 'wamid.b', status }),
    );
    await apply(...ticks);
    expect(await fixture.outbox(tenantId, 'message.updated')).toMatchObject([
      { data: { status: 'read', previousStatus: 'pending' } },
    ]);
  });

  it('that comes before its message is known waits for it', async () => {
    const { tenantId, channelId, id } = await sentMessage();
    const providerMessageId = 'wamid.early';
    const details = { pricing: { billable: true, category: 'service' }, conversation: { id: 'c1' } };
    const outcome = await apply(
      statusChanged(tenantId, { channelId, providerMessageId, status: 'delivered', details }),
      statusChanged(tenantId, { channelId, providerMessageId, status: 'sent' }),
    );
    expect(outcome).toEqual({ applied: 0, parked: 2, orphaned: 0 });
    expect(await parked(tenantId)).toHaveLength(2);
    await apply(
      statusChanged(tenantId, { channelId, messageId: id, providerMessageId, status: 'sent', source: 'dispatch' }),
    );
    expect((await find(id)).status).toBe('delivered');
    expect(await parked(tenantId)).toHaveLength(0);
    const [updated] = await fixture.outbox(tenantId, 'message.updated');
    expect(updated).toMatchObject({ data: { status: 'delivered', details } });
  });

  it('is never lost when two copies handle it and its message at the same moment', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => sentMessage()));
    await Promise.all(
      made.flatMap(({ tenantId, channelId, id }) => {
        const providerMessageId = `wamid.${id}`;
        return [
          apply(statusChanged(tenantId, { channelId, providerMessageId, status: 'delivered' })),
          apply(
            statusChanged(tenantId, {
              channelId,
              messageId: id,
              providerMessageId,
              status: 'sent',
              source: 'dispatch',
            }),
          ),
        ];
      }),
    );
    for (const { tenantId, id } of made) {
      expect((await find(id)).status).toBe('delivered');
      expect(await parked(tenantId)).toHaveLength(0);
    }
  });

  it('without a message is deleted after a day', async () => {
    const tenantId = randomUUID();
    await apply(statusChanged(tenantId, { providerMessageId: 'wamid.old' }));
    await fixture.admin.sql`
      update conversation.pending_statuses set created_at = now() - interval '25 hours' where tenant_id = ${tenantId}`;
    await apply(statusChanged(randomUUID(), { providerMessageId: 'wamid.other' }));
    expect(await parked(tenantId)).toHaveLength(0);
  });

  it('shows the reason of a failure, until a tick proves the delivery', async () => {
    const { tenantId, channelId, id } = await sentMessage();
    const error = { code: '131047', message: 'More than 24 hours have passed' };
    await apply(statusChanged(tenantId, { channelId, messageId: id, status: 'failed', error, source: 'dispatch' }));
    expect(await find(id)).toMatchObject({ status: 'failed', error_code: '131047' });
    await apply(statusChanged(tenantId, { channelId, messageId: id, status: 'delivered' }));
    expect(await find(id)).toMatchObject({ status: 'delivered', error_code: null, failed_at: null });
  });

  it("never touches another tenant's message, nor one of a customer", async () => {
    const { tenantId, channelId, id } = await sentMessage();
    const stranger = await apply(statusChanged(randomUUID(), { channelId, messageId: id, status: 'read' }));
    expect(stranger).toEqual({ applied: 0, parked: 0, orphaned: 1 });
    expect((await find(id)).status).toBe('pending');
    const [inbound] = await fixture.admin.sql`
      select provider_message_id as "providerMessageId" from conversation.messages
      where tenant_id = ${tenantId} and direction = 'inbound'`;
    const outcome = await apply(statusChanged(tenantId, { channelId, ...inbound, status: 'failed' }));
    expect(outcome.applied).toBe(0);
  });

  it('ends the same for every permutation with repeats', async () => {
    const error = { code: 'uncertain', message: 'Nobody knows' };
    const reports = [
      { status: 'sent', at: '2026-05-01T00:00:01.000Z', error: null },
      { status: 'failed', at: '2026-05-01T00:00:02.000Z', error },
      { status: 'delivered', at: '2026-05-01T00:00:03.000Z', error: null },
    ] as const;
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const ends = new Set<string>();
    for (const order of orders) {
      const { tenantId, channelId, id } = await sentMessage();
      const providerMessageId = `wamid.${id}`;
      // Who knows our id, and how many come in one batch, differs from run to run; the first to
      // name both teaches the rest.
      const [knowing, cut] = [fc.sample(fc.nat(4), 1)[0]!, fc.sample(fc.nat(5), 1)[0]!];
      const events = [...order, ...order.toReversed()].map((n, i) =>
        statusChanged(tenantId, { channelId, providerMessageId, messageId: i === knowing ? id : null, ...reports[n]! }),
      );
      await apply(...events.slice(0, cut));
      await apply(...events.slice(cut));
      const { status, error_code, sent_at, delivered_at, read_at, failed_at } = await find(id);
      ends.add(JSON.stringify({ status, error_code, sent_at, delivered_at, read_at, failed_at }));
    }
    expect([...ends]).toEqual([
      JSON.stringify({
        status: 'delivered',
        error_code: null,
        sent_at: '2026-05-01T00:00:01.000Z',
        delivered_at: '2026-05-01T00:00:03.000Z',
        read_at: null,
        failed_at: null,
      }),
    ]);
  });

  it('is consumed from the bus', async () => {
    const { tenantId, channelId, id } = await sentMessage();
    await fixture.publish([
      statusChanged(tenantId, { channelId, messageId: id, providerMessageId: 'wamid.bus', status: 'read' }),
    ]);
    await eventually(async () => expect((await find(id)).status).toBe('read'));
  });
});
