import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { call, must, until } from '../../support/api.ts';
import { fileForm } from '../../support/form.ts';
import { signedTextWebhook } from '../../support/meta-webhook.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';

// A person with a word of their own in all that is kept, who is then erased.
const word = `zanahoria${randomInt(1e9, 9e9)}`;
const phone = `+51999${randomInt(100_000, 999_999)}`;
const digits = phone.slice(1);
const CANARIES = [word, digits];

let mesh: TestMesh;
let sql: postgres.Sql;
let redis: Redis;
let tenant: TestTenant;
beforeAll(async () => {
  mesh = sharedTestMesh();
  sql = postgres(mesh.servers.databaseUrl, { max: 2 });
  redis = new Redis(mesh.servers.redisUrl);
  tenant = await createTenant(mesh.gateway, mesh.sandbox);
});
afterAll(async () => {
  await Promise.all([sql?.end(), redis?.quit(), mesh?.stop()]);
});

const crm = <T = Record<string, unknown>>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  headers = {},
) => call<T>(mesh.gateway, method, `/v1${path}`, { token: tenant.crm, headers, ...(body ? { body } : {}) });

async function ownId(): Promise<string> {
  const { data } = await must(crm<{ data: { id: string }[] }>('GET', '/users'), 200);
  return data[0]!.id;
}

async function hear(text: string): Promise<void> {
  const { body, signature } = signedTextWebhook(tenant.number, { from: digits, name: `Ana ${word}`, text });
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': signature };
  await must(call(mesh.gateway, 'POST', `/v1/webhooks/whatsapp/meta/${tenant.channelId}`, { headers, raw: body }), 200);
}

/** Streams and outboxes hold events for 72 hours: docs/security.md says so. */
const AGES_OUT = new Set(['outbox']);

/** Each row of any schema that holds a canary: all tables, all columns. */
async function rowsWithCanaries(): Promise<string[]> {
  const tables = await sql<{ schema: string; name: string }[]>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
  expect(tables.length).toBeGreaterThan(80);
  const found: string[] = [];
  for (const { schema, name } of tables.filter((table) => !AGES_OUT.has(table.name))) {
    const rows = await sql<{ text: string }[]>`
      select left(t::text, 400) as text from ${sql(`${schema}.${name}`)} t
      where exists (select from unnest(${CANARIES}::text[]) as w where t::text ilike '%' || w || '%')`;
    found.push(...rows.map(({ text }) => `${schema}.${name}: ${text}`));
  }
  return found;
}

async function keysWithCanaries(): Promise<string[]> {
  const found: string[] = [];
  for await (const keys of redis.scanStream({ count: 500 })) {
    for (const key of keys as string[]) {
      const type = await redis.type(key);
      const value =
        type === 'string'
          ? await redis.get(key)
          : type === 'hash'
            ? await redis.hgetall(key)
            : type === 'zset'
              ? await redis.zrange(key, '0', '-1')
              : type === 'set'
                ? await redis.smembers(key)
                : await redis.lrange(key, 0, -1);
      if (CANARIES.some((canary) => `${key} ${JSON.stringify(value)}`.includes(canary))) found.push(key);
    }
  }
  return found;
}

async function filesWithCanaries(): Promise<string[]> {
  const root = fileURLToPath(inject('mesh').mediaUrl);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = `${entry.parentPath}/${entry.name}`;
    const text = await readFile(path, 'latin1').catch(() => '');
    if (CANARIES.some((canary) => path.includes(canary) || text.includes(canary))) found.push(path);
  }
  return found;
}

const logLinesWithCanaries = async () =>
  (await readFile(inject('mesh').log, 'utf8')).split('\n').filter((line) => CANARIES.some((one) => line.includes(one)));

it('an erased person is found in no table, no key of Redis, no file and no log', { timeout: 120_000 }, async () => {
  const field = { key: `cargo${randomInt(1e6)}`, type: 'text' };
  await must(crm('POST', '/custom-fields', field), 201);
  const body = {
    phone_number: phone,
    first_name: 'Ana',
    last_name: word,
    email: `${word}@example.com`,
    address: `Calle ${word}`,
    notes: `nota ${word}`,
    custom_fields: { [field.key]: word },
    tags: ['vip'],
  };
  const { id } = await must(
    crm<{ id: string }>('POST', '/clients', body, { 'idempotency-key': `k-${randomInt(1e9)}` }),
    201,
  );
  await must(crm('PUT', `/clients/${id}`, { company: `Empresa ${word}` }), 200);
  await hear(`hola, soy ${word}`);
  const [chat] = await until('the chat', async () => {
    const { data } = await must(crm<{ data: { id: string }[] }>('GET', '/chats'), 200);
    return data.length > 0 ? data : undefined;
  });
  const chatId = chat!.id;
  const csv = Buffer.from(`a,b\n${word},1\n`);
  const form = fileForm({ name: `${word}.csv`, type: 'text/csv', content: csv });
  const file = await must(call<{ id: string }>(mesh.gateway, 'POST', '/v1/files', { token: tenant.crm, ...form }), 201);
  const document = { chat_id: chatId, message_type: 'document', media_file_id: file.id, content: `mira ${word}` };
  await must(crm('POST', '/messages', document), 201);
  await must(crm('POST', '/messages', { chat_id: chatId, message_type: 'text', content: `gracias ${word}` }), 201);
  await must(crm('POST', `/chats/${chatId}/notes`, { content: `ojo con ${word}` }), 201);
  await must(
    crm('POST', '/tasks', { title: `Llamar a ${word}`, client_id: id, due_date: new Date().toISOString() }),
    201,
  );
  await must(crm('POST', `/chats/${chatId}/assign`, { agent_id: await ownId() }), 200);
  const imported = fileForm(
    {
      name: 'clientes.csv',
      type: 'text/csv',
      content: Buffer.from(`phone,name,email\n${phone},Ana ${word},no-es-correo\n`),
    },
    { on_duplicate: 'update' },
  );
  await must(call(mesh.gateway, 'POST', '/v1/clients/import', { token: tenant.crm, ...imported }), 200);
  const places = await until('the copies in other services', async () => {
    const found = new Set((await rowsWithCanaries()).map((row) => row.slice(0, row.indexOf(':'))));
    const wanted = [
      'channel_connector.dispatches',
      'analytics.audit_log',
      'identity.notifications',
      'conversation.messages',
    ];
    return wanted.every((one) => found.has(one)) ? found : undefined;
  });
  expect(places.size).toBeGreaterThan(6);
  expect(await filesWithCanaries()).not.toEqual([]);

  const answer = await crm('DELETE', `/clients/${id}`);
  expect(answer.status).toBe(204);
  await until('the end of the erasure', async () => {
    const { status } = await must(crm<{ status: string }>('GET', `/clients/${id}/erasure`), 200);
    return status === 'done' ? status : undefined;
  });
  await expect.poll(rowsWithCanaries, { timeout: 30_000, interval: 500 }).toEqual([]);
  await expect.poll(filesWithCanaries, { timeout: 30_000 }).toEqual([]);
  expect(await keysWithCanaries()).toEqual([]);
  expect(await logLinesWithCanaries()).toEqual([]);
  const counted = await sql`
    select count(*)::int as n from conversation.messages where tenant_id = ${tenant.tenantId}`;
  expect(counted[0]!.n).toBe(3);

  // The same person writes again: a new client, who knows nothing of before.
  await hear('buenas tardes');
  const clients = await until('the new client', async () => {
    const { data } = await must(crm<{ data: { id: string; total_chats: number }[] }>('GET', '/clients'), 200);
    return data.length > 0 ? data : undefined;
  });
  expect(clients).toMatchObject([{ total_chats: 1 }]);
  expect(clients[0]!.id).not.toBe(id);
});
