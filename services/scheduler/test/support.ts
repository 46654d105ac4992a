import { setTimeout as pause } from 'node:timers/promises';
import { aiTimerCancelled, aiTimerOrdered, type BuiltEvent, buildEvent, type Timer, uuidv7 } from '@recado/contracts';
import { type Bus, connectBus } from '@recado/messaging';
import { loadConfig } from '@recado/service-kit';
import {
  eventually,
  internalEnv,
  internalToken,
  type TestDatabase,
  testBus,
  testDatabase,
  testLogger,
} from '@recado/testkit';
import postgres from 'postgres';
import { expect } from 'vitest';
import { configSchema } from '../src/config.ts';
import { type Scheduler, startScheduler } from '../src/service.ts';

export interface Fixture {
  database: TestDatabase;
  sql: postgres.Sql;
  bus: Bus;
  /** What a copy of the scheduler needs to know. */
  env: Record<string, string>;
  /** Starts one more copy. */
  start(): Promise<Scheduler>;
  /** Publishes orders and cancellations as ai-responder's relay would. */
  publish(events: BuiltEvent[]): Promise<void>;
  drop(): Promise<void>;
}

/** The servers of one test file, with no service running yet. */
export async function createFixture(): Promise<Fixture> {
  const [database, { url: natsUrl }] = await Promise.all([testDatabase('scheduler'), testBus()]);
  const sql = postgres(database.adminUrl, { max: 2, onnotice: () => {} });
  const bus = await connectBus({ url: natsUrl, name: 'test', log: testLogger() });
  await bus.ensureStream('ai-responder');
  const env = {
    PORT: '0',
    DATABASE_URL: database.appUrl('scheduler'),
    DATABASE_WORKER_URL: database.workerUrl('scheduler'),
    NATS_URL: natsUrl,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    ...internalEnv('scheduler'),
  };
  return {
    database,
    sql,
    bus,
    env,
    start: () => startScheduler(loadConfig(configSchema, env)),
    async publish(events) {
      await Promise.all(
        events.map(({ subject, envelope }) =>
          bus.js.publish(subject, JSON.stringify(envelope), { msgID: envelope.id }),
        ),
      );
    },
    async drop() {
      await bus.close();
      await sql.end();
      await database.drop();
    },
  };
}

/** An order for a timer due `inMs` from now, said at `at`. */
export function order(tenantId: string, key: string, inMs: number, at = new Date(), payload: object = { key }) {
  const fireAt = new Date(Date.now() + inMs).toISOString();
  return buildEvent(aiTimerOrdered, { tenantId, time: at, data: { key, fireAt, payload: { ...payload } } });
}

/** A cancellation said at `at`. */
export const cancel = (tenantId: string, key: string, at = new Date()) =>
  buildEvent(aiTimerCancelled, { tenantId, time: at, data: { key } });

export interface Fired {
  tenantId: string;
  key: string;
  fireAt: string;
  firedAt: string;
  payload: Record<string, unknown>;
  published: boolean;
}

/** Every timer.fired event of a tenant in the outbox, in the order of firing. */
export async function firedEvents({ sql }: Fixture, tenantId: string): Promise<Fired[]> {
  const rows = await sql<{ envelope: string; published: boolean }[]>`
    select envelope, published_at is not null as published from scheduler.outbox
    where tenant_id = ${tenantId} and subject like '%.timer.fired' order by id`;
  return rows.flatMap(({ envelope, published }) =>
    [JSON.parse(envelope)].flat().map(({ data }) => ({ tenantId, ...data, published })),
  );
}

export async function listTimers(scheduler: Scheduler, tenantId: string, query: Record<string, string> = {}) {
  const headers = { authorization: `Bearer ${internalToken({ tenantId })}` };
  const answer = await scheduler.app.inject({ url: '/timers', query, headers });
  return { status: answer.statusCode, body: answer.json() as { items: Timer[]; nextCursor: string | null } };
}

/** Waits until everything published so far has been applied, by a timer of its own. */
export async function settled(fixture: Fixture): Promise<void> {
  const marker = uuidv7();
  const at = new Date();
  // Two consumers listen, one for each kind of event: a marker through each.
  await fixture.publish([order(marker, 'ordered', 3_600_000, at), cancel(marker, 'cancelled', at)]);
  await eventually(async () => {
    const rows = await fixture.sql`select 1 from scheduler.timers where tenant_id = ${marker}`;
    expect(rows).toHaveLength(2);
  });
}

/** For what must not happen: long enough for a loop that polls every 500 ms to have done it. */
export const longEnough = () => pause(700);
