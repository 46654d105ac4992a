import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxControl, type SandboxControl } from '@recado/sandbox';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Mesh, startMesh } from '../../../infra/local/mesh.ts';
import { call, must, until } from '../../support/api.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { UNLIMITED } from '../../support/unlimited.ts';

let dataDir: string;
let mesh: Mesh;
let sandbox: SandboxControl;
let sql: postgres.Sql;
let tenant: TestTenant;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recado-erasure-kill-'));
  mesh = await startMesh({ dataDir, logLevel: 'warn', env: UNLIMITED, onLine: () => undefined });
  sandbox = createSandboxControl(mesh.urls.sandbox);
  tenant = await createTenant(mesh.urls.gateway, sandbox);
  sql = postgres(mesh.servers.databaseUrl, { max: 1, onnotice: () => undefined });
});
afterAll(async () => {
  await sql?.end();
  await sandbox?.close();
  await mesh?.stop();
  await removeFolder(dataDir);
});

const MESSAGES = 20_000;

it('an erasure goes on after kill -9 in its middle: it ends complete, and each message counts once', async () => {
  const { gateway } = mesh.urls;
  const options = { token: tenant.crm };
  const body = { phone_number: '+51999111222', first_name: 'Ana' };
  const headers = { 'idempotency-key': 'erasure-kill' };
  const { id } = await must(call<{ id: string }>(gateway, 'POST', '/v1/clients', { ...options, headers, body }), 201);
  const [chat] = await sql<{ id: string }[]>`
    insert into conversation.conversations (tenant_id, id, channel_id, provider, contact_id, last_message_at)
    values (${tenant.tenantId}, gen_random_uuid(), ${tenant.channelId}, 'meta', ${id}, now()) returning id`;
  await sql`
    insert into conversation.messages
      (tenant_id, id, conversation_id, channel_id, direction, type, content, status, author, sent_time)
    select ${tenant.tenantId}, gen_random_uuid(), ${chat!.id}, ${tenant.channelId},
           case when n % 2 = 0 then 'inbound' else 'outbound' end, 'text', 'zanahoria ' || n, 'delivered',
           case when n % 2 = 0 then 'contact' else 'user' end, now() - n * interval '1 minute'
    from generate_series(1, ${MESSAGES}) n`;
  const erasure = async () => {
    const [row] = await sql<{ status: string; messages: number; chats: number; round: number }[]>`
      select status, messages, chats, round from conversation.erasures
      where tenant_id = ${tenant.tenantId} and contact_id = ${id}`;
    return row;
  };
  expect((await call(gateway, 'DELETE', `/v1/clients/${id}`, options)).status).toBeLessThan(300);
  const half = await until('its first part', async () => {
    const row = await erasure();
    return row && row.messages > 0 ? row : undefined;
  });
  mesh.kill('conversation');
  expect(half.messages).toBeLessThan(MESSAGES);
  const done = await until(
    'its end',
    async () => {
      const row = await erasure();
      return row?.status === 'done' ? row : undefined;
    },
    120_000,
  );
  expect(done).toMatchObject({ messages: MESSAGES, chats: 1, round: 1 });
  const [left] = await sql`
    select count(*)::int as count from conversation.messages
    where tenant_id = ${tenant.tenantId} and conversation_id = ${chat!.id} and content <> ''`;
  expect(left).toEqual({ count: 0 });
  // The other services are told of each message of ours once: no part is repeated.
  const told = await sql<{ envelope: string }[]>`
    select envelope from conversation.outbox
    where tenant_id = ${tenant.tenantId} and subject like '%.contact.erased'`;
  const ids = told
    .flatMap(({ envelope }) => [JSON.parse(envelope)].flat() as { data: { messages: { messageId: string }[] } }[])
    .flatMap(({ data }) => data.messages.map(({ messageId }) => messageId));
  expect([ids.length, new Set(ids).size]).toEqual([MESSAGES / 2, MESSAGES / 2]);
});
