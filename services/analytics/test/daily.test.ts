import { uuidv7 } from '@recado/contracts';
import { connect, type Database } from '@recado/database';
import { internalEnv, internalToken, type TestDatabase, testBus, testDatabase } from '@recado/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { configSchema } from '../src/config.ts';
import { startAnalytics } from '../src/service.ts';

let database: TestDatabase;
let admin: Database;
let analytics: Awaited<ReturnType<typeof startAnalytics>>;
beforeAll(async () => {
  database = await testDatabase('daily');
  const { url } = await testBus();
  admin = connect({ url: database.adminUrl, name: 'test-admin', max: 2 });
  const config = configSchema.parse({
    PORT: '0',
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.appUrl('analytics'),
    DATABASE_WORKER_URL: database.workerUrl('analytics'),
    NATS_URL: url,
    ...internalEnv('analytics'),
  });
  analytics = await startAnalytics(config, { validateResponses: true });
});
afterAll(async () => {
  await analytics?.stop();
  await admin?.close();
  await database?.drop();
});

async function daily(tenantId: string, from: string, to: string, permissions = ['analytics.read']) {
  const answer = await analytics.app.inject({
    url: '/daily-counts',
    query: { from, to },
    headers: { authorization: `Bearer ${internalToken({ tenantId, permissions })}` },
  });
  return { status: answer.statusCode, body: answer.json() };
}

async function tenantWith(counts: [day: string, metric: string, value: number][], timezone?: string): Promise<string> {
  const tenantId = uuidv7();
  if (timezone) {
    await admin.sql`insert into analytics.tenants (tenant_id, timezone, changed_at) values (${tenantId}, ${timezone}, now())`;
  }
  for (const [day, metric, value] of counts) {
    await admin.sql`insert into analytics.daily_counts values (${tenantId}, ${day}, ${metric}, ${value})`;
  }
  return tenantId;
}

it('gives the days between, both ends included, and their time zone', async () => {
  const tenantId = await tenantWith(
    [
      ['2026-04-30', 'received', 9],
      ['2026-05-01', 'received', 3],
      ['2026-05-01', 'sent', 2],
      ['2026-05-02', 'failed', 0],
      ['2026-05-03', 'conversations', 1],
      ['2026-05-03', 'ai', 5_000_000_000],
      ['2026-05-04', 'failed', 7],
    ],
    'America/Sao_Paulo',
  );
  expect(await daily(tenantId, '2026-05-01', '2026-05-03')).toEqual({
    status: 200,
    body: {
      timezone: 'America/Sao_Paulo',
      items: [
        { day: '2026-05-01', metric: 'messages_received', value: 3 },
        { day: '2026-05-01', metric: 'messages_sent', value: 2 },
        { day: '2026-05-03', metric: 'messages_ai', value: 5_000_000_000 },
        { day: '2026-05-03', metric: 'conversations_opened', value: 1 },
      ],
    },
  });
});

it('gives nothing for another tenant, and uses the default zone for an unknown tenant', async () => {
  await tenantWith([['2026-05-01', 'received', 3]]);
  expect((await daily(uuidv7(), '2026-05-01', '2026-05-01')).body).toEqual({ timezone: 'America/Lima', items: [] });
});

it.each([
  ['2025-01-01', '2026-01-02', 'to'],
  ['2026-05-02', '2026-05-01', 'to'],
  ['2026-02-30', '2026-03-01', 'from'],
  ['yesterday', '2026-03-01', 'from'],
])('%s to %s is 422, naming %s', async (from, to, field) => {
  const { status, body } = await daily(uuidv7(), from, to);
  expect(status).toBe(422);
  expect(body.error.details).toMatchObject([{ field }]);
});

it('gives a whole leap year, and nothing without analytics.read', async () => {
  expect((await daily(uuidv7(), '2024-01-01', '2024-12-31')).status).toBe(200);
  expect((await daily(uuidv7(), '2024-01-01', '2024-12-31', ['chats.read'])).status).toBe(403);
});
