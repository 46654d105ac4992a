import { aiTimerOrdered, buildEvent, route, timerFired, uuidv7 } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { type Bus, connectBus, enqueue } from '@recado/messaging';
import { baseConfig, loadConfig, serve } from '@recado/service-kit';
import {
  eventually,
  internalCaller,
  internalEnv,
  internalToken,
  type TestDatabase,
  testBus,
  testDatabase,
  testLogger,
} from '@recado/testkit';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type BaseConfig, type BaseDeps, consume, defineService, type ServiceOptions } from '../src/index.ts';

interface Deps extends BaseDeps {
  /** Keys of the timers that were ordered, by the consumer. */
  ordered: string[];
  stopped: string[];
}

const schema = z.object({ ...baseConfig, DATABASE_URL: z.string(), DATABASE_WORKER_URL: z.string() });
const fire = route({
  method: 'POST',
  path: '/timers/:key',
  params: z.strictObject({ key: z.string() }),
  responses: { 200: z.object({ at: z.string() }) },
  summary: 'Fire a timer',
  access: 'anyone',
});

/** A service with the schema of scheduler: one route, one consumer, something of its own. */
const define = (own: (deps: Deps) => Deps = (deps) => deps) =>
  defineService<BaseConfig, Deps, ServiceOptions & { stopped: string[] }>({
    name: 'scheduler',
    pools: { requests: 2, worker: 2 },
    deps(base, closing, { stopped }) {
      closing.afterConsumers('own', () => stopped.push('own'));
      return own({ ...base, ordered: [], stopped });
    },
    routes: [
      (app, { db, now }) =>
        serve(app, fire, async ({ caller: { tenantId }, params: { key } }) => {
          const at = now().toISOString();
          await withTenant(db, tenantId, (tx) =>
            enqueue(tx, buildEvent(timerFired, { tenantId, data: { ...TIMER, key, fireAt: at, firedAt: at } })),
          );
          return { at };
        }),
    ],
    consumers: (deps) => [
      consume(deps, {
        event: aiTimerOrdered,
        dedupe: 'inbox',
        handle: async (_tx, events) => deps.ordered.push(...events.map(({ data }) => data.key)),
      }),
    ],
    uses: () => ({ sandbox: async () => {} }),
  });

const TIMER = { owner: 'ai-responder' as const, payload: {} };
const NOW = new Date('2026-01-15T10:00:00.000Z');

let database: TestDatabase;
let config: BaseConfig;
let bus: Bus;
let sql: postgres.Sql;
beforeAll(async () => {
  const [made, { url: natsUrl }] = await Promise.all([testDatabase('service'), testBus()]);
  database = made;
  sql = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  bus = await connectBus({ url: natsUrl, name: 'test', log: testLogger() });
  await bus.ensureStream('ai-responder');
  config = loadConfig(schema, {
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: database.appUrl('scheduler'),
    DATABASE_WORKER_URL: database.workerUrl('scheduler'),
    NATS_URL: natsUrl,
    LOG_LEVEL: 'silent',
    ...internalEnv('scheduler'),
  });
});
afterAll(async () => {
  await bus?.close();
  await sql?.end();
  await database?.drop();
});

describe('a service that is defined as data', () => {
  it('serves its routes, publishes what they enqueue, consumes, and stops all of it', async () => {
    const stopped: string[] = [];
    const service = await define()(config, { stopped, now: () => NOW, validateResponses: true });
    const caller = internalCaller();
    const answer = await fetch(`${service.url}/timers/reply`, {
      method: 'POST',
      headers: { authorization: `Bearer ${internalToken(caller)}` },
    });
    expect([answer.status, await answer.json()]).toEqual([200, { at: NOW.toISOString() }]);
    await eventually(async () => {
      const rows = await sql`
        select published_at is not null as published from scheduler.outbox where tenant_id = ${caller.tenantId}`;
      expect(rows).toEqual([{ published: true }]);
    });

    const data = { key: 'ordered', fireAt: NOW.toISOString(), payload: {} };
    const order = buildEvent(aiTimerOrdered, { tenantId: uuidv7(), data });
    await bus.js.publish(order.subject, JSON.stringify(order.envelope), { msgID: order.envelope.id });
    await eventually(() => expect(service.deps.ordered).toEqual(['ordered']));

    await eventually(async () => {
      const ready = await fetch(`${service.url}/health/ready`);
      const { checks, uses = {} } = (await ready.json()) as { checks: object; uses?: object };
      expect(Object.keys(checks)).toEqual(['postgres', 'postgres-worker', 'nats', 'jetstream', 'stream', 'consumers']);
      expect(Object.keys(uses)).toEqual(['sandbox']);
    });

    await service.stop();
    expect(stopped).toEqual(['own']);
    await expect(fetch(`${service.url}/health/live`)).rejects.toThrow();
    await expect(service.deps.db.sql`select 1`).rejects.toThrow();
  });

  it('whose own parts cannot start leaves nothing open', async () => {
    const stopped: string[] = [];
    const start = define(() => {
      throw new Error('no Redis');
    });
    await expect(start(config, { stopped })).rejects.toThrow('no Redis');
    expect(stopped).toEqual(['own']);
    await eventually(async () => {
      const [row] = await sql<{ count: number }[]>`
        select count(*)::int from pg_stat_activity where datname = ${database.name} and usename like '%scheduler%'`;
      expect(row!.count).toBe(0);
    });
  });
});
