import { randomUUID } from 'node:crypto';
import { type AuditEntry, conversationApi, type RouteContract } from '@recado/contracts';
import { withWorker } from '@recado/database';
import { serviceCaller } from '@recado/service-kit';
import { internalToken } from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeReceived } from '../src/consumers/message-received.ts';
import type { RunningConversation } from '../src/start.ts';
import { createWorld, delivered, type Person, person, received, type World } from './setup.ts';

let world: World;
let service: RunningConversation;
beforeAll(async () => {
  world = await createWorld('audit');
  service = await world.start();
});
afterAll(() => world.close());

/** What each changing route is called with; a new route needs a line here. */
const CALLS: Record<
  string,
  (where: { channelId: string; conversationId: string }) => { url: string; payload: object }
> = {
  sendMessage: ({ conversationId }) => ({
    url: `/conversations/${conversationId}/messages`,
    payload: { type: 'text', text: 'Hola' },
  }),
  sendToPhone: ({ channelId }) => ({
    url: `/channels/${channelId}/messages`,
    payload: { to: '+51981234567', text: 'Hola' },
  }),
};
const changing = Object.entries(conversationApi as Record<string, RouteContract>).filter(
  ([, contract]) => contract.method !== 'GET' && typeof contract.audit === 'string',
);

async function placeOf(who: Person) {
  const channelId = randomUUID();
  world.channels.set(channelId, { id: channelId, provider: 'meta', tenantId: who.tenantId });
  const event = received(who.tenantId, { channelId });
  await withWorker(world.worker, (tx) => storeReceived(tx, [delivered(event)], new Date()));
  const [row] = await world.admin.sql`
    select conversation_id from conversation.messages where id = ${event.envelope.id}`;
  return { channelId, conversationId: row!.conversation_id as string };
}
const audited = async (tenantId: string) =>
  (await world.outbox(tenantId, 'audit.recorded')).map(({ data }) => data as AuditEntry);

describe('every change', () => {
  it.each(changing)('%s emits one audit event: who, from where, what', async (name, contract) => {
    const who = person({ edition: 'crm' });
    const call = CALLS[name]!(await placeOf(who));
    const headers = {
      ...who.headers,
      'x-recado-client-ip': '203.0.113.9',
      'x-recado-client-agent': 'Mozilla%2F5.0',
      'x-request-id': 'request-0001',
    };
    const answer = await service.app.inject({ method: contract.method, headers, ...call });
    expect(answer.statusCode).toBe(201);
    expect(await audited(who.tenantId)).toEqual([
      {
        actor: { kind: 'user', userId: who.caller.userId, apiKeyId: null, service: null },
        action: contract.audit,
        entityType: 'message',
        entityId: answer.json().message.id,
        changes: null,
        success: true,
        reason: null,
        ip: '203.0.113.9',
        userAgent: 'Mozilla/5.0',
        edition: 'crm',
        requestId: 'request-0001',
        at: answer.json().message.createdAt,
      },
    ]);
  });

  it.each(changing)('%s that is refused emits none', async (name, contract) => {
    const who = person();
    const call = CALLS[name]!({ channelId: randomUUID(), conversationId: randomUUID() });
    const answer = await service.app.inject({ method: contract.method, headers: who.headers, ...call });
    expect(answer.statusCode).toBe(404);
    expect(await audited(who.tenantId)).toEqual([]);
  });

  it('by an API key names the key; by a service on its own account it is none of the log’s', async () => {
    const who = person();
    const place = await placeOf(who);
    const apiKeyId = randomUUID();
    const key = person({
      tenantId: who.tenantId,
      userId: null,
      role: 'key',
      apiKeyId,
      permissions: ['messages.create'],
    });
    const send = (headers: object) =>
      service.app.inject({ method: 'POST', headers: { ...headers }, ...CALLS.sendMessage!(place) });
    expect((await send(key.headers)).statusCode).toBe(201);
    const scheduler = internalToken(serviceCaller('scheduler', who.tenantId));
    expect((await send({ authorization: `Bearer ${scheduler}` })).statusCode).toBe(201);
    expect((await audited(who.tenantId)).map(({ actor }) => actor)).toEqual([
      { kind: 'api_key', userId: null, apiKeyId, service: null },
    ]);
  });
});
