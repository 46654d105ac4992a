import { randomUUID } from 'node:crypto';
import { connect, createTenantDirectory, type Database, type TenantDirectory, withWorker } from '@recado/database';
import { eventually } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acceptAiReplies } from '../src/ai-replies/accept.ts';
import { receiveMessages } from '../src/inbound/receive.ts';
import type { RunningConversation } from '../src/service.ts';
import { aiReply, createFixture, delivered, type Fixture, person, received, type TenantFacts } from './setup.ts';

let fixture: Fixture;
let service: RunningConversation;
let app: Database;
beforeAll(async () => {
  fixture = await createFixture('ai_reply');
  service = await fixture.start();
  app = connect({ url: fixture.database.appUrl('conversation'), name: 'test-app', max: 1 });
  directory = createTenantDirectory(app, async (tenantId) => {
    sought.push(tenantId);
    throw new Error('Nobody is there');
  });
});
afterAll(async () => {
  await app.close();
  await fixture.close();
});

/** Whom the service would ask for. */
const sought: string[] = [];
let directory: TenantDirectory;
const accept = (...events: ReturnType<typeof aiReply>[]) =>
  withWorker(fixture.worker, (tx) => acceptAiReplies(tx, events.map(delivered), new Date(), directory));

/** A customer has written. */
async function heard(facts: Partial<TenantFacts> = {}) {
  const who = person();
  await fixture.know(who.tenantId, facts);
  const event = received(who.tenantId, {});
  await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
  const inboundId = event.envelope.id;
  const [row] = await fixture.admin.sql`select conversation_id from conversation.messages where id = ${inboundId}`;
  return {
    ...who,
    inboundId,
    conversationId: row!.conversation_id as string,
    channelId: event.envelope.data.channelId,
  };
}

const outbound = (tenantId: string) =>
  fixture.admin.sql`select * from conversation.messages where tenant_id = ${tenantId} and direction = 'outbound'`;

/** Messages of the month were used up already. */
const spend = (tenantId: string, messages: number) => fixture.admin.sql`
  insert into conversation.usage_months (tenant_id, month, messages)
  values (${tenantId}, date_trunc('month', now() at time zone 'America/Lima')::date, ${messages})`;

const write = ({ headers }: { headers: object }, conversationId: string) =>
  service.app.inject({
    method: 'POST',
    url: `/conversations/${conversationId}/messages`,
    headers: { ...headers },
    payload: { type: 'text', text: 'Le atiende Juan' },
  });

describe("the AI's reply", () => {
  it('is stored and requested, and the conversation has status bot', async () => {
    const { tenantId, conversationId, inboundId, channelId } = await heard();
    await accept(aiReply(tenantId, conversationId, inboundId, 'Buenos días'));
    const [message] = await outbound(tenantId);
    expect(message).toMatchObject({ content: 'Buenos días', author: 'ai', ai_model: 'gpt-4o-mini', status: 'pending' });
    expect(await fixture.outbox(tenantId, 'message.requested')).toMatchObject([
      { data: { messageId: message!.id, channelId, to: { waId: '51999888777' }, text: 'Buenos días' } },
    ]);
    expect(await fixture.outbox(tenantId, 'conversation.updated')).toMatchObject([
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
    expect(await fixture.outbox(tenantId, 'message.requested')).toHaveLength(1);
  });

  it('is sent for each of two messages', async () => {
    const { tenantId, conversationId, inboundId, channelId } = await heard();
    const second = received(tenantId, { channelId });
    await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(second)], new Date()));
    await accept(aiReply(tenantId, conversationId, inboundId), aiReply(tenantId, conversationId, second.envelope.id));
    expect(await outbound(tenantId)).toHaveLength(2);
    const [row] = await fixture.admin
      .sql`select message_count from conversation.conversations where id = ${conversationId}`;
    expect(row!.message_count).toBe(4);
  });

  it('is left out when an agent has answered since', async () => {
    const who = await heard();
    expect((await write(who, who.conversationId)).statusCode).toBe(201);
    expect(await accept(aiReply(who.tenantId, who.conversationId, who.inboundId))).toEqual({
      accepted: 0,
      skipped: ['answered'],
    });
    expect(await outbound(who.tenantId)).toHaveLength(1);
  });

  it('never comes after an agent who writes at the same moment', async () => {
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
    await fixture.admin.sql.unsafe(`update conversation.conversations set ${change} where id = '${conversationId}'`);
    expect((await accept(aiReply(tenantId, conversationId, inboundId))).skipped).toEqual([reason]);
    expect(await outbound(tenantId)).toHaveLength(0);
  });

  it("is left out for another tenant's conversation and for an unknown message", async () => {
    const { tenantId, conversationId, inboundId } = await heard();
    const other = await heard();
    expect((await accept(aiReply(other.tenantId, conversationId, inboundId))).skipped).toEqual(['unknown']);
    expect((await accept(aiReply(tenantId, conversationId, randomUUID()))).skipped).toEqual(['unknown']);
    expect(await outbound(tenantId)).toHaveLength(0);
  });

  it('beyond the plan’s month is not sent, the conversation waits for an agent, and the month is exactly full', async () => {
    const { tenantId, ...first } = await heard({ plan: 'starter' });
    const others = await Promise.all(
      Array.from({ length: 9 }, async (_, i) => {
        const event = received(tenantId, { from: { waId: `5199900000${i}`, phone: `+5199900000${i}` } });
        await withWorker(fixture.worker, (tx) => receiveMessages(tx, [delivered(event)], new Date()));
        const inboundId = event.envelope.id;
        const [row] = await fixture.admin
          .sql`select conversation_id from conversation.messages where id = ${inboundId}`;
        return { inboundId, conversationId: row!.conversation_id as string };
      }),
    );
    await spend(tenantId, 994);
    const replies = [first, ...others].map((one) => aiReply(tenantId, one.conversationId, one.inboundId));
    // Six are left: ten replies in three batches at once.
    const outcomes = await Promise.all([
      accept(...replies.slice(0, 4)),
      accept(...replies.slice(4, 8)),
      accept(...replies.slice(8)),
    ]);
    expect(outcomes.reduce((sum, outcome) => sum + outcome.accepted, 0)).toBe(6);
    expect(outcomes.flatMap((outcome) => outcome.skipped)).toEqual(Array(4).fill('limit'));
    expect(await outbound(tenantId)).toHaveLength(6);
    expect(await fixture.outbox(tenantId, 'message.requested')).toHaveLength(6);
    const states = await fixture.admin.sql`
      select status, count(*)::int as count from conversation.conversations where tenant_id = ${tenantId} group by 1 order by 1`;
    expect(states.map(({ status, count }) => [status, count])).toEqual([
      ['bot', 6],
      ['queued', 4],
    ]);
    const told = await fixture.outbox(tenantId, 'conversation.updated');
    expect(
      told.filter(({ data }: { data: { conversation: { status: string } } }) => data.conversation.status === 'queued'),
    ).toHaveLength(4);
    const [month] = await fixture.admin
      .sql`select messages::int from conversation.usage_months where tenant_id = ${tenantId}`;
    expect(month!.messages).toBe(1000);
    // A repeat of one that went out costs nothing and changes nothing.
    expect((await accept(replies[0]!)).skipped[0]).toMatch(/repeated|limit/);
    expect(await outbound(tenantId)).toHaveLength(6);
  });

  it('of an unknown tenant waits until identity was asked', async () => {
    const { tenantId, conversationId, inboundId } = await heard();
    await fixture.admin.sql`delete from conversation.tenants where tenant_id = ${tenantId}`;
    await expect(accept(aiReply(tenantId, conversationId, inboundId))).rejects.toThrow('Not known yet');
    await eventually(() => expect(sought).toContain(tenantId));
    expect(await outbound(tenantId)).toHaveLength(0);
    await fixture.publish([aiReply(tenantId, conversationId, inboundId)]);
    await eventually(async () => expect(await outbound(tenantId)).toHaveLength(1));
    expect(fixture.identity.asked.filter((id) => id === tenantId)).toHaveLength(1);
  });

  it('is consumed from the bus', async () => {
    const { tenantId, conversationId, inboundId } = await heard();
    await fixture.publish([aiReply(tenantId, conversationId, inboundId)]);
    await eventually(async () => expect(await outbound(tenantId)).toHaveLength(1));
  });
});
