import { randomUUID } from 'node:crypto';
import { buildEvent, contactErased, messageRequested, uuidv7 } from '@recado/contracts';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createChannel, createFixture, eventsOf, type Fixture, requestMessage, untilState } from './support.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await createFixture({});
});
afterAll(() => fixture.stop());

interface Status {
  messageId: string | null;
  status: string;
  error: { code: string } | null;
}

async function erase(channel: { id: string; tenantId: string }, conversationId: string, ids: readonly string[]) {
  const { tenantId } = channel;
  const messages = ids.map((messageId) => ({
    ...{ messageId, conversationId, channelId: channel.id },
    isPending: true as const,
  }));
  const data = { contactId: randomUUID(), conversationIds: [conversationId], messages };
  const { subject, envelope } = buildEvent(contactErased, { tenantId, subject: data.contactId, data });
  // Events may come twice.
  for (const copy of [1, 2])
    await fixture.bus.js.publish(subject, JSON.stringify(envelope), { msgID: `${envelope.id} ${copy}` });
}

const rowsWith = async (word: string) =>
  (await fixture.sql`select 1 from channel_connector.dispatches d where d::text like ${`%${word}%`}`).length;

test('what was sent to an erased contact keeps its state and loses its words and address', async () => {
  const channel = await createChannel(fixture);
  const sent = await requestMessage(fixture, channel, { to: '5511933334444', text: 'palabra secreta' });
  await untilState(fixture, sent.messageId, 'sent');
  await erase(channel, sent.conversationId, [sent.messageId]);
  await eventually(async () => expect(await rowsWith('secreta')).toBe(0));
  expect(await rowsWith('5511933334444')).toBe(0);
  await untilState(fixture, sent.messageId, 'sent');
});

test('what was not ordered yet when its contact was erased never goes out, and is told as failed once', async () => {
  const channel = await createChannel(fixture);
  const [messageId, conversationId] = [uuidv7(), randomUUID()];
  await erase(channel, conversationId, [messageId]);
  await untilState(fixture, messageId, 'failed');
  const { subject, envelope } = buildEvent(messageRequested, {
    tenantId: channel.tenantId,
    data: {
      ...{ messageId, conversationId, channelId: channel.id, type: 'text' as const, text: 'tarde' },
      to: { waId: '5511955556666', phone: null, userId: null },
      requestedAt: new Date().toISOString(),
    },
  });
  await fixture.bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id });
  const later = await requestMessage(fixture, channel, { text: 'otra' });
  await untilState(fixture, later.messageId, 'sent');
  expect(await fixture.sandbox.control.ledgerMessages({ bizOpaqueCallbackData: messageId })).toEqual([]);
  expect(await rowsWith('tarde')).toBe(0);
  const told = await eventsOf<Status>(fixture, channel.tenantId, 'message.status-changed');
  const own = told.filter((one) => one.messageId === messageId);
  expect(own).toMatchObject([{ status: 'failed', error: { code: 'contact_erased' } }]);
});
