import { randomUUID } from 'node:crypto';
import { permissionsOf, type RouteContract } from '@recado/contracts';
import { type Caller, createClient } from '@recado/service-kit';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { internalTokensOf } from '../../../infra/local/secrets.ts';
import { call } from '../../support/api.ts';
import { createSeededTenant, type SeededTenant } from '../seeded-tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';
import { APIS } from './internal-apis.ts';

// A change that is asked for again under its Idempotency-Key, because a process died before the
// answer arrived, is made once.
let mesh: TestMesh;
let seededTenant: SeededTenant;
let sql: postgres.Sql;
let caller: Caller;

beforeAll(async () => {
  mesh = sharedTestMesh();
  sql = postgres(mesh.servers.databaseUrl, { max: 2, onnotice: () => undefined });
  seededTenant = await createSeededTenant(mesh);
  const permissions = permissionsOf('admin');
  const { tenantId } = seededTenant.tenant;
  const [admin] = await sql<{ id: string }[]>`
    select id from identity.users where tenant_id = ${tenantId} and role = 'admin' and custom_role_id is null`;
  caller = { tenantId, userId: admin!.id, role: 'admin', permissions, edition: 'crm', service: 'gateway' };
});
afterAll(async () => {
  await sql?.end();
  await mesh?.stop();
});

type Service = keyof typeof APIS;
interface Input {
  params?: Record<string, string>;
  body: Record<string, unknown>;
}
interface Case {
  /** Where its effect is counted. */
  table: string;
  input(): Input | Promise<Input>;
  /** The same call with something else in it. */
  other: Record<string, unknown>;
}

const digits = (count: number) => Array.from({ length: count }, () => Math.floor(Math.random() * 10)).join('');
/** How each route is called that keeps its keys. A new one fails the tests until it stands here. */
const CASES: Record<string, Case> = {
  createUser: {
    table: 'identity.users',
    input: () => ({
      body: {
        email: `${randomUUID()}@example.com`,
        password: 'Correct-horse-7',
        firstName: 'Anacleta',
        lastName: 'Ruiz',
        role: 'agent',
      },
    }),
    other: { firstName: 'Eva' },
  },
  createRole: {
    table: 'identity.roles',
    input: () => ({
      body: { name: `r-${randomUUID()}`, displayName: 'Rol', baseRole: 'agent', permissions: ['chats.read'] },
    }),
    other: { displayName: 'Otro' },
  },
  createApiKey: {
    table: 'identity.api_keys',
    input: () => ({ body: { name: `k ${randomUUID()}`, permissions: ['chats.read'] } }),
    other: { name: 'Otra' },
  },
  createChannel: {
    table: 'channel_connector.channels',
    input: () => ({
      body: {
        name: 'Número',
        provider: 'meta',
        phone: `+5730${digits(8)}`,
        credentials: {
          phoneNumberId: digits(15),
          accessToken: 'token',
          appSecret: 'secret-of-the-app',
          verifyToken: 'verify',
        },
      },
    }),
    other: { name: 'Otro' },
  },
  createTemplate: {
    table: 'channel_connector.templates',
    input: () => ({
      body: {
        channelId: seededTenant.ids.channel,
        name: `plantilla_${digits(9)}`,
        language: 'es',
        category: 'utility',
        components: [{ type: 'BODY', text: 'Hola a todos' }],
        submit: false,
      },
    }),
    other: { name: 'otra' },
  },
  createCampaign: {
    table: 'conversation.campaigns',
    input: () => ({ body: { name: 'Ventas', code: randomUUID(), timezone: 'America/Bogota' } }),
    other: { name: 'Otra' },
  },
  createRule: {
    table: 'conversation.rules',
    input: () => ({ body: { name: 'Cierre', event: 'conversation.closed', actions: [{ type: 'queue' }] } }),
    other: { name: 'Otra' },
  },
  createMacro: {
    table: 'conversation.macros',
    input: () => ({ body: { name: 'Cierre', actions: [{ type: 'queue' }] } }),
    other: { name: 'Otra' },
  },
  addNote: {
    table: 'conversation.conversation_notes',
    input: () => ({ params: { conversationId: seededTenant.ids.conversation }, body: { content: 'Pide descuento' } }),
    other: { content: 'Otra nota' },
  },
  createCustomField: {
    table: 'conversation.custom_field_definitions',
    input: () => ({ body: { key: `sedes ${randomUUID()}`, type: 'number' as const } }),
    other: { key: 'otra' },
  },
  createCannedAnswer: {
    table: 'conversation.canned_answers',
    input: () => ({ body: { shortcut: `hola-${randomUUID().slice(0, 8)}`, content: 'Hola' } }),
    other: { shortcut: 'otra' },
  },
  createBoard: {
    table: 'conversation.boards',
    input: () => ({
      body: { name: 'Ventas', kind: 'lead_status' as const, stages: [{ name: 'Nuevo', leadStatus: 'new' as const }] },
    }),
    other: { name: 'Otro' },
  },
  scheduleMessage: {
    table: 'conversation.scheduled_messages',
    input: () => ({
      params: { conversationId: seededTenant.ids.conversation },
      body: { content: { kind: 'text' as const, body: 'Hola' }, sendAt: new Date(Date.now() + 9e6).toISOString() },
    }),
    other: { cancelOnReply: true },
  },
  createTask: {
    table: 'conversation.tasks',
    input: () => ({ body: { title: 'Llamar para renovación' } }),
    other: { title: 'Otra' },
  },
  addTaskComment: {
    table: 'conversation.task_comments',
    input: () => ({ params: { taskId: seededTenant.ids.task }, body: { content: 'No contesta' } }),
    other: { content: 'Otro' },
  },
  createWebhookEndpoint: {
    table: 'channel_connector.webhook_endpoints',
    input: () => ({ body: { name: 'CRM', url: 'https://hooks.example.com/recado' } }),
    other: { name: 'Otro' },
  },
  // A key more is all that a rotation leaves to count.
  rotateWebhookSecret: {
    table: 'channel_connector.call_keys',
    input: () => ({ params: { endpointId: seededTenant.ids.webhookEndpoint }, body: { overlapHours: 24 } }),
    other: { overlapHours: 1 },
  },
  createContact: {
    table: 'conversation.contacts',
    input: () => ({ body: { name: 'Anacleta', phone: `+5731${digits(8)}` } }),
    other: { name: 'Eva' },
  },
  mergeContacts: {
    table: 'conversation.contact_events',
    input: async () => {
      const id = randomUUID();
      await sql`insert into conversation.contacts (tenant_id, id) values (${seededTenant.tenant.tenantId}, ${id})`;
      return { params: { contactId: seededTenant.ids.contact }, body: { contactIds: [id] } };
    },
    other: { contactIds: [randomUUID()] },
  },
  createGroup: {
    table: 'conversation.groups',
    input: () => ({ body: { name: `Grupo ${randomUUID()}` } }),
    other: { description: 'Otro' },
  },
  addGroupContacts: {
    table: 'conversation.group_contacts',
    input: () => ({ params: { groupId: seededTenant.ids.group }, body: { contactIds: [seededTenant.ids.contact] } }),
    other: { contactIds: [randomUUID()] },
  },
  sendMessage: {
    table: 'conversation.messages',
    input: () => ({ params: { conversationId: seededTenant.ids.conversation }, body: { type: 'text', text: 'Hola' } }),
    other: { text: 'Otro' },
  },
  sendBulk: {
    table: 'conversation.messages',
    input: () => ({
      params: { channelId: seededTenant.ids.channel },
      body: { to: [`+5732${digits(8)}`], text: 'Hola' },
    }),
    other: { text: 'Otro' },
  },
  sendToPhone: {
    table: 'conversation.messages',
    input: () => ({ params: { channelId: seededTenant.ids.channel }, body: { to: `+5732${digits(8)}`, text: 'Hola' } }),
    other: { text: 'Otro' },
  },
};

const posts = Object.entries(APIS).flatMap(([service, api]) =>
  Object.entries(api as Record<string, RouteContract>)
    .filter(([, route]) => route.method === 'POST')
    .map(([name, route]) => ({ service: service as Service, name, route })),
);
const keeping = posts.filter(({ route }) => route.once === true);

async function countOf(table: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from ${sql(table)} where tenant_id = ${seededTenant.tenant.tenantId}`;
  return row!.n;
}

/**
 * Fields that change with time or with a message's progress: WhatsApp's id comes with its first
 * tick.
 */
const PASSES = /status|At$|error|lastMessage|providerMessageId|responseMs/i;
const settled = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (key, value) => (PASSES.test(key) ? undefined : value)));

describe('a POST route of a service', () => {
  it.each(posts)('$service $name says whether it keeps Idempotency-Keys, and why not', ({ name, route }) => {
    const said = route.once === true ? name in CASES : (route.once?.none.length ?? 0) > 3;
    expect(said).toBe(true);
  });

  it.each(keeping)('$service $name called five times under one key has one effect and one answer', async (one) => {
    const { table, input, other } = CASES[one.name]!;
    const client = createClient(
      { route: one.route },
      {
        name: one.service,
        baseUrl: mesh.urls[one.service],
        tokens: internalTokensOf('gateway', mesh.secrets),
        timeoutMs: 60_000,
      },
    ) as { route(input: object, context: object): Promise<unknown>; close(): Promise<void> };
    try {
      const given = await input();
      const context = { caller, idempotencyKey: randomUUID() };
      if (one.name === 'addGroupContacts') {
        await sql`delete from conversation.group_contacts where tenant_id = ${seededTenant.tenant.tenantId}`;
      }
      const before = await countOf(table);
      const first = await client.route(given, context);
      const again = await Promise.all([1, 2, 3, 4].map(() => client.route(given, context)));
      expect(await countOf(table)).toBe(before + 1);
      for (const answer of again) expect(settled(answer)).toEqual(settled(first));
      const changed = { ...given, body: { ...given.body, ...other } };
      await expect(client.route(changed, context)).rejects.toMatchObject({ code: 'idempotency_mismatch', status: 422 });
      expect(await countOf(table)).toBe(before + 1);

      // The same at the same moment.
      const fresh = { ...context, idempotencyKey: randomUUID() };
      const next = one.name === 'addGroupContacts' ? given : await input();
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => client.route(next, fresh)));
      expect(new Set(answers.map((answer) => JSON.stringify(settled(answer)))).size).toBe(1);
      expect(await countOf(table)).toBe(before + (one.name === 'addGroupContacts' ? 1 : 2));
    } finally {
      await client.close();
    }
  });

  it('keeps no answer, key or secret that can be read in its tables', async () => {
    const rows = await sql<{ row: string }[]>`
      select k::text as row from identity.call_keys k union all select k::text from conversation.call_keys k`;
    expect(rows.length).toBeGreaterThan(0);
    // The stored answers are sealed: random base64 holds any three letters now and then, so we look
    // for long words.
    const readable = rows.filter(({ row }) => /Anacleta|Correct-horse|example\.com|Grupo|rcd_|\+57\d{8}/.test(row));
    expect(readable).toEqual([]);
  });
});

describe('a gateway that died between the change and its answer', () => {
  it.each([
    ['/scheduler/api/groups', () => ({ name: `Grupo ${randomUUID()}` }), 'conversation.groups'],
    ['/scheduler/api/contacts', () => ({ name: 'Anacleta', phone: `+5733${digits(8)}` }), 'conversation.contacts'],
    [
      '/v1/roles',
      () => ({ name: `r-${randomUUID()}`, display_name: 'Rol', permissions: ['chats.read'] }),
      'identity.roles',
    ],
    ['/v1/api-keys', () => ({ name: `k ${randomUUID()}`, permissions: ['chats.read'] }), 'identity.api_keys'],
  ])('leaves a repeated POST %s with one effect and the same answer', async (path, make, table) => {
    const body = make();
    const headers = { 'idempotency-key': randomUUID() };
    const send = () => call<object>(mesh.gateway, 'POST', path, { token: seededTenant.tokens.admin, body, headers });
    const before = await countOf(table);
    const first = await send();
    expect([first.status, first.text]).toEqual([201, expect.any(String)]);
    // What the gateway remembers is gone, as after its lease ran out.
    const redis = new Redis(mesh.servers.redisUrl);
    const kept = await redis.keys('recado:idempotency:*');
    if (kept.length > 0) await redis.del(...kept);
    await redis.quit();
    const again = await send();
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(await countOf(table)).toBe(before + 1);
  });
});
