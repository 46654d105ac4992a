import { AUDIT_EVENTS, type AuditEntry, type Envelope } from '@recado/contracts';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, must, until } from '../../support/api.ts';
import { createSeededTenant, type SeededTenant } from '../seeded-tenant.ts';
import { sharedTestMesh } from '../shared-mesh.ts';
import type { TestMesh } from '../test-mesh.ts';

// What changes through the public APIs is in the audit log: all of it, once, without a secret. In
// real processes.
let mesh: TestMesh;
let sql: postgres.Sql;
let seededTenant: SeededTenant;
/** Another tenant, with its own log. */
let stranger: SeededTenant;

beforeAll(async () => {
  mesh = sharedTestMesh();
  sql = postgres(mesh.servers.databaseUrl, { max: 1, onnotice: () => undefined });
  [seededTenant, stranger] = await Promise.all([createSeededTenant(mesh), createSeededTenant(mesh)]);
});
afterAll(async () => {
  await sql?.end();
  await mesh?.stop();
});

/** Audit events as their services committed them. */
async function committed(tenantId: string): Promise<Envelope<AuditEntry>[]> {
  const envelopes: Envelope<AuditEntry>[] = [];
  for (const { service } of AUDIT_EVENTS) {
    const schema = service.replaceAll('-', '_');
    const rows = await sql<{ envelope: string }[]>`
      select envelope from ${sql(schema)}.outbox
      where tenant_id = ${tenantId} and subject = ${`recado.${service}.${tenantId}.audit.recorded`}`;
    envelopes.push(...rows.flatMap((row) => JSON.parse(row.envelope)));
  }
  return envelopes;
}

const stored = (tenantId: string) => sql<{ id: string; action: string; user_id: string | null; text: string }[]>`
  select id, action, user_id, row_to_json(a)::text as text from analytics.audit_log a where tenant_id = ${tenantId}`;

/** Waits until the log holds as many lines as events were committed. */
const settled = (tenantId: string) =>
  until('the log to hold every audit event', async () => {
    const [events, lines] = await Promise.all([committed(tenantId), stored(tenantId)]);
    return events.length > 0 && events.length === lines.length ? { events, lines } : null;
  });

type Logs = { data: { action: string; entity_id: string; user: { id: string } | null; ip_address: string | null }[] };
const log = (token: string, query: string) =>
  must(call<Logs>(mesh.gateway, 'GET', `/v1/audit-logs?${query}`, { token }), 200);

describe('a change', () => {
  it('is reported once by its service and shown once in the log, with values, actor and address', async () => {
    const { gateway } = mesh;
    const { tenant, tokens } = seededTenant;
    const sent = await must(
      call<{ id: string }>(gateway, 'POST', '/v1/messages', {
        token: tokens.agent,
        body: { chat_id: seededTenant.ids.conversation, message_type: 'text', content: 'Hola' },
      }),
      201,
    );
    const changes: [method: 'POST' | 'PUT', path: string, body: object][] = [
      ['POST', `/api/v1/whatsapp/instances/${tenant.channelId}/messages/send`, { to: '51999888777', text: 'Hola' }],
      ['PUT', '/api/v1/ai/config', { settings: { temperature: 0.2 } }],
      ['POST', '/api/v1/ai/toggle', { enabled: true }],
    ];
    for (const [method, path, body] of changes) {
      const answer = await call(gateway, method, path, { token: tenant.saas, body });
      expect(answer.status, path).toBeLessThan(300);
    }
    // What is refused changes nothing and is no line.
    const refused = await call(gateway, 'PUT', '/api/v1/ai/config', { token: tenant.saas, body: { nobody: 1 } });
    expect(refused.status).toBe(400);

    const { events, lines } = await settled(tenant.tenantId);
    expect(new Set(lines.map(({ id }) => id))).toEqual(new Set(events.map(({ id }) => id)));
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    const count = (action: string) => lines.filter((line) => line.action === action).length;
    expect(count('channel.create')).toBe(1);
    expect(count('ai_config.update')).toBe(2);
    expect(lines.filter(({ text }) => text.includes(sent.id))).toHaveLength(1);

    const { data } = await log(tenant.crm, `action=message.create&entity_id=${sent.id}`);
    expect(data).toMatchObject([
      { action: 'message.create', user: { id: seededTenant.ids.user }, ip_address: '127.0.0.1' },
    ]);
    const { data: numbers } = await log(tenant.crm, 'entity_type=WhatsappNumber');
    expect(numbers).toMatchObject([
      { action: 'whatsapp_number.update', entity_id: tenant.channelId },
      { action: 'whatsapp_number.create', entity_id: tenant.channelId },
    ]);
  });

  it('is reported without a secret, by the services and in the log', async () => {
    const { tenant, tokens, password, refreshToken } = seededTenant;
    const secrets = [
      tenant.password,
      password,
      tenant.number.appSecret,
      tenant.verifyToken,
      refreshToken,
      tenant.saas,
      tenant.inbox,
      ...Object.values(tokens),
    ];
    const { events, lines } = await settled(tenant.tenantId);
    const text = JSON.stringify(events) + lines.map((line) => line.text).join();
    for (const secret of secrets) expect(text.includes(secret)).toBe(false);
    expect(text).not.toMatch(/argon2|EAA[\da-f]{8}-/);
  });

  it('is shown only to its own tenant, and there only with permission', async () => {
    await settled(stranger.tenant.tenantId);
    expect((await log(stranger.tenant.crm, `entity_id=${seededTenant.tenant.channelId}`)).data).toEqual([]);
    const all = await must(call(mesh.gateway, 'GET', '/v1/audit-logs?limit=100', { token: stranger.tenant.crm }), 200);
    expect(JSON.stringify(all)).not.toContain(seededTenant.canary);
    for (const actor of ['supervisor', 'agent', 'bare', 'bareKey'] as const) {
      const { status } = await call(mesh.gateway, 'GET', '/v1/audit-logs', { token: seededTenant.tokens[actor] });
      expect([actor, status]).toEqual([actor, 403]);
    }
    expect(mesh.complaints()).toEqual([]);
  });
});
