import { randomUUID } from 'node:crypto';
import { withWorker } from '@recado/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { createFixture, delivered, type Fixture, person, received, tenantChanged } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
beforeAll(async () => {
  fixture = await createFixture('local_phones');
  service = await fixture.start();
});
afterAll(() => fixture.close());

/** A tenant of a time zone, with one channel. */
async function shop(timezone: string) {
  const [tenantId, channelId] = [randomUUID(), randomUUID()];
  fixture.channels.set(channelId, { tenantId, id: channelId, provider: 'meta' });
  await fixture.know(tenantId, { timezone });
  const { headers } = person({ tenantId });
  return {
    tenantId,
    channelId,
    send: (to: string) =>
      service.app.inject({
        method: 'POST',
        url: `/channels/${channelId}/messages`,
        headers,
        payload: { to, text: 'Hola' },
      }),
    async hear(waId: string) {
      const event = received(tenantId, { channelId, from: { waId, phone: `+${waId}` } });
      await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
    },
    async sentTo() {
      const orders = await fixture.outbox(tenantId, 'message.requested');
      return (orders.at(-1) as unknown as { data: { to: { phone: string } } }).data.to.phone;
    },
  };
}

describe('a send to a number without its country code', () => {
  it.each([
    ['America/Bogota', '310 446 0018', '+573104460018'],
    ['America/Sao_Paulo', '(11) 98765-4321', '+5511987654321'],
    ['America/Mexico_City', '55 1234 5678', '+525512345678'],
    ['America/Bogota', '\u202A310\u00A0446\u20110018\u202C', '+573104460018'],
    ['America/Bogota', '00 55 11 98765-4321', '+5511987654321'],
    ['America/Bogota', '5511987654321', '+5511987654321'],
  ])('of a tenant in %s: %j goes to %s', async (timezone, to, phone) => {
    const { send, sentTo } = await shop(timezone);
    const answer = await send(to);
    expect([answer.statusCode, answer.json().conversation?.contact.phone]).toEqual([201, phone]);
    expect(await sentTo()).toBe(phone);
  });

  it.each([
    ['America/Lima', '310 446 0018', 'phone_country'],
    ['America/Bogota', '(11) 98765-4321', 'phone_country'],
    ['America/Sao_Paulo', '8765-4321', 'phone_country'],
    ['UTC', '310 446 0018', 'phone'],
    ['America/Lima', '+0 51 999', 'phone'],
  ])('that is none in %s, %j, is refused and stores nothing', async (timezone, to, code) => {
    const { send, tenantId } = await shop(timezone);
    const answer = await send(to);
    expect([answer.statusCode, answer.json().error.details]).toEqual([
      422,
      [expect.objectContaining({ field: 'to', code })],
    ]);
    expect(await fixture.outbox(tenantId, 'message.requested')).toEqual([]);
  });

  it('is read in the country that the tenant set, after its event', async () => {
    const { send, sentTo, tenantId } = await shop('America/Lima');
    expect((await send('310 446 0018')).statusCode).toBe(422);
    await fixture.publish([tenantChanged(tenantId, { country: 'CO' })]);
    await expect.poll(async () => (await send('310 446 0018')).statusCode, { timeout: 20_000 }).toBe(201);
    expect(await sentTo()).toBe('+573104460018');
  });
});

describe('bare digits that are two numbers', () => {
  it('go to the customer known by them, because lists show numbers without the plus sign', async () => {
    const { send, sentTo, hear } = await shop('America/Sao_Paulo');
    await hear('51987654321');
    await send('51987654321');
    expect(await sentTo()).toBe('+51987654321');
  });

  it('go to the own country’s number when that is known, or neither is', async () => {
    const { send, sentTo, hear } = await shop('America/Sao_Paulo');
    await send('51987654321');
    expect(await sentTo()).toBe('+5551987654321');
    await hear('51987654321');
    await send('51987654321');
    expect(await sentTo()).toBe('+5551987654321');
  });

  it('of a test number go to it once it has written', async () => {
    const { send, sentTo, hear } = await shop('America/Lima');
    expect((await send('15550109999')).statusCode).toBe(422);
    await hear('15550109999');
    expect((await send('15550109999')).statusCode).toBe(201);
    expect(await sentTo()).toBe('+15550109999');
  });
});
