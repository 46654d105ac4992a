import { randomInt, randomUUID } from 'node:crypto';
import { FIRST_CURSOR, uuidv7 } from '@recado/contracts';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { editions } from '../../../services/gateway/src/editions/index.ts';
import { call, must, until } from '../../support/api.ts';
import { fileForm } from '../../support/form.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';

// One tenant with at least five of everything, on the shared mesh.
const EACH = 5;
let mesh: TestMesh;
let tenant: TestTenant;
let slug: string;
const ids = { user: '', chat: '', group: '', task: '', import: '', campaign: '' };

interface Answer {
  data: { id: string }[];
  nextCursor?: string | null;
  meta?: { next_cursor: string | null };
  pagination?: { next_cursor?: string | null; nextCursor?: string | null };
}

/** Where an edition says what follows, in its spelling. */
const NEXT: Record<string, (answer: Answer) => string | null | undefined> = {
  saas: ({ nextCursor }) => nextCursor,
  crm: ({ meta }) => meta?.next_cursor,
  bots: ({ pagination }) => pagination?.nextCursor,
  inbox: ({ pagination }) => pagination?.nextCursor,
  scheduler: ({ pagination }) => pagination?.next_cursor,
};

/** Every list with pages, and where this tenant has one. */
const LISTS: Record<string, () => string> = {
  'saas /tenant/users': () => '/api/v1/tenant/users',
  'saas /whatsapp/instances/:instanceId/conversations': () =>
    `/api/v1/whatsapp/instances/${tenant.channelId}/conversations`,
  'saas /whatsapp/conversations/:conversationId/messages': () => `/api/v1/whatsapp/conversations/${ids.chat}/messages`,
  'bots /api/instances': () => '/bots/api/instances',
  'bots /api/contacts': () => '/bots/api/contacts',
  'bots /api/conversations': () => '/bots/api/conversations',
  'bots /api/conversations/:id/messages': () => `/bots/api/conversations/${ids.chat}/messages`,
  'inbox /api/conversations': () => '/inbox/api/conversations',
  'crm /users': () => '/v1/users',
  'crm /users/:id/agent-status': () => `/v1/users/${ids.user}/agent-status`,
  'crm /api-keys': () => '/v1/api-keys',
  'crm /webhook-endpoints': () => '/v1/webhook-endpoints',
  'saas /webhook-endpoints': () => '/api/v1/webhook-endpoints',
  'crm /whatsapp-templates': () => '/v1/whatsapp-templates',
  'inbox /api/templates': () => '/inbox/api/templates',
  'saas /whatsapp/templates': () => '/api/v1/whatsapp/templates',
  'crm /campaigns': () => '/v1/campaigns',
  'crm /campaigns/:id/queue': () => `/v1/campaigns/${ids.campaign}/queue`,
  'crm /clients': () => '/v1/clients',
  'crm /chats': () => '/v1/chats',
  'crm /chats/:id/messages': () => `/v1/chats/${ids.chat}/messages`,
  'crm /tasks': () => '/v1/tasks',
  'crm /canned-answers': () => '/v1/canned-answers',
  'crm /drafts': () => '/v1/drafts',
  'crm /chats/mentions': () => '/v1/chats/mentions',
  'crm /chats/:id/scheduled-messages': () => `/v1/chats/${ids.chat}/scheduled-messages`,
  'crm /tasks/:id/comments': () => `/v1/tasks/${ids.task}/comments`,
  'crm /rules/runs': () => '/v1/rules/runs',
  'crm /surveys/answers': () => '/v1/surveys/answers',
  'crm /clients/imports': () => '/v1/clients/imports',
  'crm /clients/imports/:id/errors': () => `/v1/clients/imports/${ids.import}/errors`,
  'crm /notifications': () => '/v1/notifications',
  'crm /audit-logs': () => '/v1/audit-logs',
  'inbox /api/notifications': () => '/inbox/api/notifications',
  'scheduler /api/groups': () => '/scheduler/api/groups',
  'scheduler /api/groups/:id/contacts': () => `/scheduler/api/groups/${ids.group}/contacts`,
  'scheduler /api/contacts': () => '/scheduler/api/contacts',
  'scheduler /api/contacts/imports/:id/errors': () => `/scheduler/api/contacts/imports/${ids.import}/errors`,
  'scheduler /api/notifications': () => '/scheduler/api/notifications',
};

beforeAll(async () => {
  mesh = sharedTestMesh();
  tenant = await createTenant(mesh.gateway, mesh.sandbox);
  const me = { token: tenant.inbox };
  const { tenant: own } = await must(
    call<{ tenant: { slug: string } }>(mesh.gateway, 'GET', '/inbox/auth/me', me),
    200,
  );
  slug = own.slug;
  await fill();
});
afterAll(() => mesh?.stop());

const get = (list: string, path: string) =>
  list.startsWith('inbox')
    ? call<Answer>(mesh.gateway, 'GET', path, { token: tenant.inbox, headers: { 'x-tenant-slug': slug } })
    : call<Answer>(mesh.gateway, 'GET', path, { token: tenant.crm });
const post = (path: string, body: object) =>
  must(call<{ id: string }>(mesh.gateway, 'POST', path, { token: tenant.crm, body }), 201);

async function fill(): Promise<void> {
  const me = { token: tenant.saas };
  ids.user = (await must(call<{ data: { id: string } }>(mesh.gateway, 'GET', '/api/v1/auth/me', me), 200)).data.id;
  for (let i = 0; i < EACH; i++) {
    const person = { email: `p-${randomUUID()}@example.com`, password: 'Correct-horse-7', first_name: 'Eva' };
    await post('/v1/users', { ...person, last_name: `Gómez ${i}`, role_id: 'agent' });
    await post('/v1/api-keys', { name: `llave ${i}`, permissions: ['chats.read'] });
    const status = { agent_status: i % 2 === 0 ? 'available' : 'busy' };
    const body = { token: tenant.crm, body: status };
    await must(call(mesh.gateway, 'POST', `/v1/users/${ids.user}/agent-status`, body), 200);
    await post('/v1/webhook-endpoints', { name: `Webhook ${i}`, url: 'https://hooks.example.com/' });
    await post('/v1/whatsapp-templates', {
      whatsapp_number_id: tenant.channelId,
      name: `aviso_${i}`,
      language: 'es',
      category: 'utility',
      components: [{ type: 'BODY', text: 'Su pedido está listo.' }],
      submit: false,
    });
    ids.task = (await post('/v1/tasks', { title: `Tarea ${i}` })).id;
    await post('/v1/canned-answers', { shortcut: `saludo-${i}`, content: 'Hola' });
    ids.campaign = (await post('/v1/campaigns', { name: `Campaña ${i}`, code: `C${i}` })).id;
    ids.group = (await post('/scheduler/api/groups', { name: `Grupo ${i}` })).id;
  }
  for (let i = 0; i < EACH; i++) await post(`/v1/tasks/${ids.task}/comments`, { content: `Comentario ${i}` });
  for (let i = 1; i < EACH; i++) {
    const meta = { provider: 'meta', accessToken: 'EAAx', verifyToken: 'x'.repeat(8) };
    const phone = { phoneNumber: `+57302555000${i}`, phoneNumberId: String(randomInt(1e11, 1e12)) };
    await post('/bots/api/instances', { name: `Instancia ${i}`, ...meta, ...phone });
  }
  for (let i = 0; i < EACH; i++) ids.import = await importBadRows();
  await notify();
  await answer();
  await write();
}

/** A file of rows without a phone. */
async function importBadRows(): Promise<string> {
  const content = Buffer.from(`telefono,nombre\n${'x,Ana\n'.repeat(EACH)}`);
  const form = fileForm({ name: 'a.csv', type: 'text/csv', content });
  const options = { token: tenant.crm, ...form };
  return (await must(call<{ id: string }>(mesh.gateway, 'POST', '/v1/clients/import', options), 200)).id;
}

/**
 * Notifications of the admin's; what would cause some takes seconds. Two of one moment: the id
 * decides between them.
 */
async function notify(): Promise<void> {
  const sql = postgres(mesh.servers.databaseUrl, { max: 1, onnotice: () => undefined });
  for (let i = 0; i < EACH; i++) {
    await sql`
      insert into identity.notifications (tenant_id, id, user_id, kind, params, source_event_id, created_at)
      values (${tenant.tenantId}, ${uuidv7()}, ${ids.user}, 'channel.lost',
              ${sql.json({ name: 'Ventas', phone: '+573001234567', reason: 'x' })}, ${randomUUID()},
              now() - ${i >> 1} * interval '1 minute')`;
  }
  await sql.end();
}

/** Answers to surveys, two of one moment, and runs of a rule. */
async function answer(): Promise<void> {
  const sql = postgres(mesh.servers.databaseUrl, { max: 1, onnotice: () => undefined });
  for (let i = 0; i < EACH; i++) {
    await sql`
      insert into conversation.rule_runs (tenant_id, id, rule_id, event_id, event, conversation_id, status)
      values (${tenant.tenantId}, ${uuidv7()}, ${randomUUID()}, ${randomUUID()}, 'message.received', ${randomUUID()}, 'done')`;
    await sql`
      insert into conversation.surveys (tenant_id, id, conversation_id, contact_id, channel_id, handled_by, status, settings,
                                        score, closed_at, asked_at, answered_at)
      values (${tenant.tenantId}, ${uuidv7()}, ${randomUUID()}, ${randomUUID()}, ${tenant.channelId}, 'person', 'answered',
              ${sql.json({ enabled: true, scale: 'five' })}, 5, now() - ${i >> 1} * interval '1 minute', now(), now())`;
  }
  await sql.end();
}

/** Customers write: five, and the first of them five times. All of them are in the last group. */
async function write(): Promise<void> {
  const first = randomInt(1e6, 9e6);
  const { phoneNumberId } = tenant.number;
  for (let i = 0; i < 2 * EACH - 1; i++) {
    const from = `57316${first + (i % EACH === 0 || i >= EACH ? 0 : i)}`;
    await mesh.sandbox.customerSays({ phoneNumberId, from, name: 'Carla', text: `Hola ${i}`, wait: true });
  }
  const contacts = await until('all messages', async () => {
    const { data } = (await get('scheduler', '/scheduler/api/contacts')).body;
    const chats = (await get('crm', `/v1/chats?search=57316${first}`)).body.data;
    ids.chat = chats[0]?.id ?? '';
    const messages = ids.chat ? (await get('crm', `/v1/chats/${ids.chat}/messages`)).body.data.length : 0;
    return data.length === EACH && messages === EACH ? data : null;
  });
  const { data: chats } = (await get('crm', '/v1/chats')).body;
  for (const { id } of chats) {
    const body = { target_type: 'campaign', target_id: ids.campaign };
    await must(call(mesh.gateway, 'POST', `/v1/chats/${id}/transfer`, { token: tenant.crm, body }), 200);
    const draft = { token: tenant.crm, body: { content: 'Le escribo' } };
    await must(call(mesh.gateway, 'PUT', `/v1/chats/${id}/draft`, draft), 200);
  }
  for (let i = 1; i <= EACH; i++) {
    await post(`/v1/chats/${ids.chat}/notes`, { content: 'Ver', mentions: [ids.user] });
    const send_at = new Date(Date.now() + i * 9e6).toISOString();
    await post(`/v1/chats/${ids.chat}/scheduled-messages`, { message_type: 'text', content: 'Hola', send_at });
  }
  await post(`/scheduler/api/groups/${ids.group}/contacts`, { contact_ids: contacts.map(({ id }) => id) });
}

/**
 * Ids as a client meets them that follows the cursors. `page` asks for the first page without one.
 */
async function walk(list: string, first: 'page' | 'cursor'): Promise<string[]> {
  const [edition] = list.split(' ', 1) as [string];
  const path = `${LISTS[list]!()}?limit=2`;
  const shown: string[] = [];
  let next: string | null | undefined = first === 'page' ? null : FIRST_CURSOR;
  do {
    const answer: Answer = await must(get(list, next ? `${path}&cursor=${next}` : path), 200);
    shown.push(...answer.data.map(({ id }) => id));
    next = NEXT[edition]!(answer);
    expect(next).not.toBeUndefined();
  } while (next);
  return shown;
}

describe('every list with pages', () => {
  it('is in this table', () => {
    const paged = Object.values(editions).flatMap(({ name, routes }) =>
      routes
        .filter(({ query }) => query instanceof z.ZodObject && ('page' in query.shape || 'offset' in query.shape))
        .map(({ path }) => `${name} ${path}`),
    );
    expect(paged.sort()).toEqual(Object.keys(LISTS).sort());
  });

  it.each(Object.keys(LISTS))('%s shows every row once in a walk by cursor, two at a time', async (list) => {
    const { data } = await must(get(list, `${LISTS[list]!()}?limit=100`), 200);
    expect(data.length).toBeGreaterThanOrEqual(EACH);
    for (const first of ['page', 'cursor'] as const) {
      const shown = await walk(list, first);
      expect(new Set(shown).size).toBe(shown.length);
      expect(data.filter(({ id }) => !shown.includes(id))).toEqual([]);
    }
  });

  it.each(Object.keys(LISTS))('%s refuses an invalid cursor, and names the field', async (list) => {
    for (const cursor of ['nonsense', 'eyJpZCI6MX0', 'a'.repeat(9000)]) {
      const { status, text } = await get(list, `${LISTS[list]!()}?cursor=${cursor}`);
      expect([400, 422]).toContain(status);
      expect(text).toContain('cursor');
    }
  });
});
