import { randomUUID } from 'node:crypto';
import { withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptAiReplies } from '../src/consumers/ai-reply.ts';
import { storeReceived } from '../src/consumers/message-received.ts';
import type { RunningConversation } from '../src/start.ts';
import { aiReply, createWorld, delivered, person, received, type World } from './setup.ts';

let world: World;
let service: RunningConversation;
beforeAll(async () => {
  world = await createWorld('ai_reply');
  service = await world.start();
});
afterAll(() => world.close());

const accept = (...events: ReturnType<typeof aiReply>[]) =>
  withWorker(world.worker, (tx) => acceptAiReplies(tx, events.map(delivered), new Date()));

/** A customer has written. */
async function heard() {
  const who = person();
  const event = received(who.tenantId, {});
  await withWorker(world.worker, (tx) => storeReceived(tx, [delivered(event)], new Date()));
  const inboundId = event.envelope.id;
  const [row] = await world.admin.sql`select conversation_id from conversation.messages where id = ${inboundId}`;
  return {
    ...who,
    inboundId,
    conversationId: row!.conversation_id as string,
    channelId: event.envelope.data.channelId,
  };
}

const outbound = (tenantId: string) =>
  world.admin.sql`select * from conversation.messages where tenant_id = ${tenantId} and direction = 'outbound'`;

const write = ({ headers }: { headers: object }, conversationId: string) =>
  service.app.inject({
    method: 'POST',
    url: `/conversations/${conversationId}/messages`,
    headers: { ...headers },
    payload: { type: 'text', text: 'Le atiende Juan' },
  });

describe("the AI's reply", () => {
  it('is stored and ordered to be sent, and the conversation is in its hands', async () => {
    const { tenantId, conversationId, inboundId, channelId } = await heard();
    await accept(aiReply(tenantId, conversationId, inboundId, 'Buenos días'));
    const [message] = await outbound(tenantId);
    expect(message).toMatchObject({ content: 'Buenos días', author: 'ai', ai_model: 'gpt-4o-mini', status: 'pending' });
    expect(await world.outbox(tenantId, 'message.requested')).toMatchObject([
      { data: { messageId: message!.id, channelId, to: { waId: '51999888777' }, text: 'Buenos días' } },
    ]);
    expect(await world.outbox(tenantId, 'conversation.updated')).toMatchObject([
      { data: { conversation: { status: 'bot', messageCount: 2, unreadCount: 1 }, changed: ['status'] } },
    ]);
  });

  it('is sent once, in one batch, in two, and in two copies at the same moment', async () => {
    const { tenantId, conversationId, inboundId } = await heard();
    const twice = () => [aiReply(tenantId, conversationId, inboundId), aiReply(tenantId, conversationId, inboundId)];
    const outcomes = await Promise.all([accept(...twice()), accept(...twice())]);
    await accept(...twice());
    expect(outcomes.map((o) => o.accepted).toSorted()).toEqual([0, 1]);
    expect(await outbound(tenantId)).toHaveLength(1);
    expect(await world.outbox(tenantId, 'message.requested')).toHaveLength(1);
  });

  it('to each of two messages is its own', async () => {
    const { tenantId, conversationId, inboundId, channelId } = await heard();
    const second = received(tenantId, { channelId });
    await withWorker(world.worker, (tx) => storeReceived(tx, [delivered(second)], new Date()));
    await accept(aiReply(tenantId, conversationId, inboundId), aiReply(tenantId, conversationId, second.envelope.id));
    expect(await outbound(tenantId)).toHaveLength(2);
    const [row] = await world.admin
      .sql`select message_count from conversation.conversations where id = ${conversationId}`;
    expect(row!.message_count).toBe(4);
  });

  it('is left out when a person has answered since', async () => {
    const who = await heard();
    expect((await write(who, who.conversationId)).statusCode).toBe(201);
    expect(await accept(aiReply(who.tenantId, who.conversationId, who.inboundId))).toEqual({
      accepted: 0,
      skipped: ['answered'],
    });
    expect(await outbound(who.tenantId)).toHaveLength(1);
  });

  it('never comes after a person who writes at the same moment', async () => {
    for (let i = 0; i < 10; i++) {
      const who = await heard();
      const [reply, person] = await Promise.all([
        accept(aiReply(who.tenantId, who.conversationId, who.inboundId)),
        write(who, who.conversationId),
      ]);
      // The person's answer tells how many messages stood when it was accepted.
      expect(person.json().conversation.messageCount).toBe(reply.accepted === 1 ? 3 : 2);
      expect(await outbound(who.tenantId)).toHaveLength(reply.accepted + 1);
    }
  });

  it.each([
    ['assigned to a person', "assigned_user_id = gen_random_uuid(), status = 'assigned'", 'assigned'],
    ['closed', "status = 'closed'", 'closed'],
  ])('is left out when the conversation was %s', async (_, change, reason) => {
    const { tenantId, conversationId, inboundId } = await heard();
    await world.admin.sql.unsafe(`update conversation.conversations set ${change} where id = '${conversationId}'`);
    expect((await accept(aiReply(tenantId, conversationId, inboundId))).skipped).toEqual([reason]);
    expect(await outbound(tenantId)).toHaveLength(0);
  });

  it("is left out for another tenant's conversation and for an unknown message", async () => {
    const { tenantId, conversationId, inboundId } = await heard();
    expect((await accept(aiReply(randomUUID(), conversationId, inboundId))).skipped).toEqual(['unknown']);
    expect((await accept(aiReply(tenantId, conversationId, randomUUID()))).skipped).toEqual(['unknown']);
    expect(await outbound(tenantId)).toHaveLength(0);
  });

  it('is consumed from the bus', async () => {
    const { tenantId, conversationId, inboundId } = await heard();
    await world.publish([aiReply(tenantId, conversationId, inboundId)]);
    await eventually(async () => expect(await outbound(tenantId)).toHaveLength(1));
  });
});
