import { randomUUID } from 'node:crypto';
import { permissionsOf } from '@recado/contracts';
import type { RunningConversation } from '../src/service.ts';
import { type Fixture, type Person, person } from './setup.ts';

/** A supervisor and an agent of one tenant, whom identity knows, and a client of the routes. */
export interface Desk {
  tenantId: string;
  boss: Person;
  agent: Person;
  ask<T = Record<string, unknown>>(who: Person, method: Method, url: string, payload?: object): Promise<Answer<T>>;
  /** An open chat of a new contact who has just written. */
  addChat(more?: { company?: string; customFields?: object; lastInboundAt?: Date; name?: string }): Promise<Chat>;
}
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export interface Answer<T> {
  status: number;
  body: T;
}
export interface Chat {
  id: string;
  contactId: string;
  channelId: string;
}

export async function openDesk(fixture: Fixture, service: RunningConversation): Promise<Desk> {
  const boss = person({ role: 'supervisor', permissions: permissionsOf('supervisor') });
  const { tenantId } = boss;
  const agent = person({ tenantId, role: 'agent', permissions: permissionsOf('agent') });
  for (const { caller } of [boss, agent]) addUser(fixture, tenantId, caller.userId!);
  await fixture.know(tenantId);
  return {
    tenantId,
    boss,
    agent,
    async ask<T>(who: Person, method: Method, url: string, payload?: object) {
      const answer = await service.app.inject({ method, url, headers: who.headers, ...(payload ? { payload } : {}) });
      return { status: answer.statusCode, body: (answer.body ? answer.json() : null) as T };
    },
    addChat: (more) => addChat(fixture, tenantId, more),
  };
}

export function addUser(fixture: Fixture, tenantId: string, id: string): void {
  const names = { firstName: 'Eva', lastName: 'Gómez' };
  fixture.identity.users.set(id, { tenantId, role: 'agent', status: 'active', ...names } as never);
}

export async function addChat(
  { admin }: Fixture,
  tenantId: string,
  { name = 'Luz Vera', company, customFields = {}, lastInboundAt = new Date() }: Parameters<Desk['addChat']>[0] = {},
): Promise<Chat> {
  const [id, contactId, channelId] = [randomUUID(), randomUUID(), randomUUID()];
  await admin.sql`
    insert into conversation.contacts (tenant_id, id, name, phone, company, custom_fields)
    values (${tenantId}, ${contactId}, ${name}, '+51999000111', ${company ?? null}, ${JSON.stringify(customFields)}::text::jsonb)`;
  await admin.sql`
    insert into conversation.conversations
      (tenant_id, id, channel_id, provider, contact_id, peer_wa_id, peer_phone, last_message_at, last_inbound_at)
    values (${tenantId}, ${id}, ${channelId}, 'meta', ${contactId}, '51999000111', '+51999000111', now(), ${lastInboundAt})`;
  return { id, contactId, channelId };
}

/** Field and code of each problem that a refusal names. */
export const problemsOf = ({ body }: Answer<unknown>): string[] =>
  ((body as { error?: { details?: { field: string; code: string }[] } }).error?.details ?? []).map(
    ({ field, code }) => `${field} ${code}`,
  );
