import {
  AUDIT_EVENTS,
  type AuditEntry,
  type AuditInput,
  type AuditOrigin,
  type AuditRecord,
  type BuiltEvent,
  buildAudit,
  changesBetween,
  type Envelope,
  identityAudit,
  permissionsOf,
  uuidv7,
} from '@recado/contracts';
import { connect, type Database, readTenant, withWorker } from '@recado/database';
import { type Bus, connectBus } from '@recado/messaging';
import { serviceCaller } from '@recado/service-kit';
import {
  eventually,
  internalEnv,
  internalToken,
  type TestDatabase,
  testBus,
  testDatabase,
  testLogger,
} from '@recado/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pruneAudit } from '../src/audit/prune.ts';
import { recordAudit } from '../src/audit/record.ts';
import { type AuditFilter, pageQuery } from '../src/audit/store.ts';
import { type Config, configSchema } from '../src/config.ts';
import type { Deps } from '../src/deps.ts';
import { startAnalytics } from '../src/service.ts';

const NOW = new Date('2026-05-10T12:00:00.000Z');
let database: TestDatabase;
let admin: Database;
let worker: Database;
let app: Database;
let bus: Bus;
let config: Config;
let copies: Awaited<ReturnType<typeof startAnalytics>>[];

beforeAll(async () => {
  database = await testDatabase('audit');
  const { url } = await testBus();
  bus = await connectBus({ url, name: 'test', log: testLogger() });
  for (const { service } of AUDIT_EVENTS) await bus.ensureStream(service);
  admin = connect({ url: database.adminUrl, name: 'test-admin', max: 2 });
  worker = connect({ url: database.workerUrl('analytics'), name: 'test-worker', max: 2 });
  app = connect({ url: database.appUrl('analytics'), name: 'test-app', max: 2 });
  config = configSchema.parse({
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.appUrl('analytics'),
    DATABASE_WORKER_URL: database.workerUrl('analytics'),
    NATS_URL: url,
    ...internalEnv('analytics'),
  });
  copies = await Promise.all([1, 2].map(() => startAnalytics(config, { validateResponses: true, now: () => NOW })));
});

afterAll(async () => {
  await Promise.all((copies ?? []).map((copy) => copy.stop()));
  await Promise.all([bus?.close(), admin?.close(), worker?.close(), app?.close()]);
  await database?.drop();
});

const originOf = (tenantId: string, userId: string | null = uuidv7()): AuditOrigin => ({
  tenantId,
  actor: { kind: userId ? 'user' : 'anonymous', userId, apiKeyId: null, service: null },
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0',
  edition: 'crm',
  requestId: 'request-1',
});
const at = (minute: number) => new Date(Date.parse('2026-05-10T10:00:00.000Z') + minute * 60_000);
const entry = (tenantId: string, input: Partial<AuditInput> & { userId?: string | null } = {}) => {
  const { userId, ...rest } = input;
  const what = { action: 'user.update', entityType: 'user', entityId: uuidv7(), at: at(0), ...rest };
  return buildAudit(identityAudit, originOf(tenantId, userId), what);
};
/** Written as the consumer writes them. */
const record = (...events: ReturnType<typeof entry>[]) =>
  withWorker(worker, (tx) =>
    recordAudit(
      tx,
      events.map(({ envelope }) => ({
        envelope: envelope as Envelope<AuditEntry>,
        data: envelope.data as AuditEntry,
        tenantId: envelope.tenantid,
        id: envelope.id,
        seq: 1,
        replay: false,
      })),
    ),
  );
const publish = async (...events: BuiltEvent[]) => {
  for (const { subject, envelope } of events) await bus.js.publish(subject, JSON.stringify(envelope));
};

type Page = { items: AuditRecord[]; total: number | null; nextCursor: string | null };
async function ask(tenantId: string, query: Record<string, string> = {}, permissions: string[] = ['audit.read']) {
  const answer = await copies[0]!.app.inject({
    url: '/audit-log',
    query,
    headers: { authorization: `Bearer ${internalToken({ tenantId, permissions })}` },
  });
  return { status: answer.statusCode, body: answer.json() };
}
async function list(tenantId: string, query: Record<string, string> = {}): Promise<Page> {
  const { status, body } = await ask(tenantId, query);
  expect(status).toBe(200);
  return body;
}

describe('the audit log', () => {
  it('keeps each event of every service once, for any number of deliveries and copies', async () => {
    const tenantId = uuidv7();
    const events = AUDIT_EVENTS.map((contract, i) =>
      buildAudit(contract, originOf(tenantId), {
        action: 'thing.update',
        entityType: contract.service,
        entityId: uuidv7(),
        changes: { name: { from: 'a', to: { deep: ['b', null, 1] } } },
        at: at(i),
      }),
    );
    await publish(...events, ...events);
    await eventually(async () => expect((await list(tenantId)).items).toHaveLength(6));
    await publish(...events);
    const { items, total } = await list(tenantId, { count: 'true' });
    expect(total).toBe(6);
    expect(items).toEqual(
      events.map(({ envelope }) => ({ ...(envelope.data as object), id: envelope.id })).toReversed(),
    );
  });

  it('finds by user, action, entity, outcome and time, and by several at once', async () => {
    const tenantId = uuidv7();
    const [ana, bea] = [uuidv7(), uuidv7()];
    const lines = {
      login: entry(tenantId, { userId: ana, action: 'session.create', entityType: 'session', at: at(1) }),
      failed: entry(tenantId, {
        userId: null,
        action: 'session.create',
        entityType: 'session',
        entityId: null,
        success: false,
        reason: 'invalid_credentials',
        at: at(2),
      }),
      made: entry(tenantId, { userId: ana, action: 'user.create', entityId: bea, at: at(3) }),
      changed: entry(tenantId, { userId: bea, action: 'user.update', entityId: bea, at: at(4) }),
    };
    await record(...Object.values(lines));
    const names = async (query: Record<string, string>) => {
      const { items, total } = await list(tenantId, { ...query, count: 'true' });
      expect(total).toBe(items.length);
      return items.map(({ id }) => Object.entries(lines).find(([, { envelope }]) => envelope.id === id)?.[0]);
    };
    expect(await names({})).toEqual(['changed', 'made', 'failed', 'login']);
    expect(await names({ userId: ana })).toEqual(['made', 'login']);
    expect(await names({ action: 'session.create' })).toEqual(['failed', 'login']);
    expect(await names({ entityType: 'user' })).toEqual(['changed', 'made']);
    expect(await names({ entityId: bea })).toEqual(['changed', 'made']);
    expect(await names({ success: 'false' })).toEqual(['failed']);
    expect(await names({ success: 'true' })).toEqual(['changed', 'made', 'login']);
    expect(await names({ from: at(2).toISOString() })).toEqual(['changed', 'made', 'failed']);
    expect(await names({ to: at(2).toISOString() })).toEqual(['login']);
    expect(await names({ userId: ana, entityType: 'user', from: at(1).toISOString() })).toEqual(['made']);
    expect(await names({ action: 'no.such' })).toEqual([]);
  });

  it('gives each line once by cursor and by page number, also lines of the same time', async () => {
    const tenantId = uuidv7();
    await record(...Array.from({ length: 25 }, (_, i) => entry(tenantId, { at: at(Math.floor(i / 5)) })));
    const { items: all } = await list(tenantId);
    expect(all).toHaveLength(25);
    const keys = all.map((line) => `${line.at} ${line.id}`);
    expect(keys).toEqual(keys.toSorted().reverse());

    const walked: AuditRecord[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await list(tenantId, { limit: '7', ...(cursor ? { cursor } : {}) });
      walked.push(...page.items);
      // What is added between the pages is newer and shifts nothing.
      await record(entry(tenantId, { at: at(100) }));
      cursor = page.nextCursor;
    }
    expect(walked).toEqual(all);
    const page3 = await list(tenantId, { limit: '10', page: '3', to: at(50).toISOString(), count: 'true' });
    expect(page3.items).toEqual(all.slice(20));
    expect(page3).toMatchObject({ total: 25, nextCursor: null });
  });

  it.each([
    [{ page: '2001', limit: '50' }, 'page'],
    [{ page: '101', limit: '1000' }, 'page'],
    [{ cursor: 'bm90IG91cnM' }, 'cursor'],
    [{ limit: '1001' }, 'limit'],
    [{ userId: 'x' }, 'userId'],
    [{ from: 'yesterday' }, 'from'],
    [{ everything: '1' }, 'everything'],
  ])('%j is refused, naming %s', async (query, field) => {
    const { status, body } = await ask(uuidv7(), query as unknown as Record<string, string>);
    expect(status).toBe(422);
    expect(body.error.details).toMatchObject([{ field }]);
  });

  it('does not show lines of another tenant', async () => {
    const tenantId = uuidv7();
    const line = entry(tenantId);
    await record(line);
    const { items } = await list(tenantId);
    const stranger = uuidv7();
    expect(await list(stranger, { count: 'true' })).toEqual({ items: [], total: 0, nextCursor: null });
    expect((await list(stranger, { entityId: items[0]!.entityId! })).items).toEqual([]);
  });

  it('needs the permission audit.read', async () => {
    const tenantId = uuidv7();
    for (const role of ['agent', 'supervisor'] as const) {
      expect((await ask(tenantId, {}, permissionsOf(role))).status, role).toBe(403);
    }
    expect((await ask(tenantId, {}, permissionsOf('admin'))).status).toBe(200);
    const service = internalToken(serviceCaller('gateway', tenantId));
    const answer = await copies[0]!.app.inject({
      url: '/audit-log',
      headers: { authorization: `Bearer ${service}` },
    });
    expect(answer.statusCode).toBe(200);
  });

  it('holds no secret, even if the service left one in', async () => {
    const tenantId = uuidv7();
    const canary = `canary-${uuidv7()}`;
    const before = { name: 'a', accessToken: canary, settings: { webhook: { secret: canary, url: 'u' } } };
    const after = {
      ...before,
      name: 'b',
      accessToken: `${canary}2`,
      settings: { webhook: { secret: canary, url: 'v' } },
    };
    await record(
      entry(tenantId, { changes: changesBetween(before, after) }),
      entry(tenantId, {
        changes: {
          password_hash: { from: canary, to: null },
          limits: { from: { maxTokens: 1 }, to: { maxTokens: 2, nested: [{ apiKey: canary, backupCodes: [canary] }] } },
        },
      }),
    );
    const rows =
      await admin.sql`select row_to_json(a)::text as text from analytics.audit_log a where tenant_id = ${tenantId}`;
    expect(rows).toHaveLength(2);
    for (const { text } of rows) expect(text).not.toContain('canary');
    const { items } = await list(tenantId);
    expect(items.map(({ changes }) => changes)).toContainEqual({
      password_hash: { from: '***', to: null },
      limits: {
        from: { maxTokens: 1 },
        to: { maxTokens: 2, nested: [{ apiKey: '***', backupCodes: '***' }] },
      },
    });
  });

  it('is pruned piece by piece after its days', async () => {
    const tenantId = uuidv7();
    await admin.sql`
      insert into analytics.audit_log (tenant_id, id, actor_kind, action, entity_type, success, at)
      select ${tenantId}, gen_random_uuid(), 'user', 'a.b', 'a', true, ${NOW}::timestamptz - make_interval(days => 366)
      from generate_series(1, 2500)`;
    await record(entry(tenantId, { at: new Date(NOW.getTime() - 364 * 24 * 3_600_000) }));
    await pruneAudit({ workerDb: worker, config, now: () => NOW } as Deps);
    expect((await list(tenantId, { count: 'true' })).total).toBe(1);
  });
});

describe('a page of a large log', () => {
  const tenantId = uuidv7();
  beforeAll(async () => {
    await admin.sql`
      insert into analytics.audit_log (tenant_id, id, actor_kind, user_id, action, entity_type, entity_id, success, at)
      select case when n % 10 = 0 then gen_random_uuid() else ${tenantId}::uuid end, gen_random_uuid(), 'user',
             md5((n % 50)::text)::uuid, 'action.' || n % 40, 'type' || n % 20, md5((n % 3000)::text)::uuid::text,
             n % 100 <> 0, ${NOW}::timestamptz - make_interval(secs => n)
      from generate_series(1, 60000) n`;
    await admin.sql`analyze analytics.audit_log`;
  });

  const userId = '6512bd43-d9ca-a6e0-2c99-0b0a82652dca'; // md5 of 11
  it.each<[string, AuditFilter, string]>([
    ['nothing', {}, 'audit_log_time'],
    ['a time', { from: '2026-05-10T00:00:00.000Z', to: '2026-05-10T06:00:00.000Z' }, 'audit_log_time'],
    ['a user', { userId }, 'audit_log_user'],
    ['an action', { action: 'action.7' }, 'audit_log_action'],
    ['a type', { entityType: 'type7' }, 'audit_log_type'],
    ['an entity', { entityType: 'type11', entityId: userId }, 'audit_log_entity'],
    ['failures', { success: false }, 'audit_log_failures'],
  ])('by %s is read in the order of an index, without sorting', async (_, filter, index) => {
    const slices = [
      { after: null, offset: 0, limit: 51 },
      { after: { at: '2026-05-10T11:00:00.000Z', id: uuidv7() }, offset: 0, limit: 51 },
    ];
    for (const slice of slices) {
      const [rows] = await readTenant(app, tenantId, (tx) => [
        tx<{ 'QUERY PLAN': string }[]>`explain (costs off) ${pageQuery(tx, tenantId, filter, slice)}`,
      ]);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain(`using ${index}`);
      expect(plan).not.toMatch(/Sort|Seq Scan|Bitmap/);
    }
  });
});
