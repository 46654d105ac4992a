import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { eventually } from '@recado/testkit';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Mesh, startMesh } from '../mesh.ts';

// Servers and sandbox alone: the services are tried by tests/system/e2e.
const dataDir = mkdtempSync(join(tmpdir(), 'recado-mesh-'));
let mesh: Mesh;

const start = () => startMesh({ dataDir, services: [], onLine: () => undefined });

beforeAll(async () => {
  mesh = await start();
});

afterAll(async () => {
  await mesh.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function ask<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(mesh.servers.databaseUrl, { max: 1, connect_timeout: 2, onnotice: () => undefined });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

test('killed servers come back on the same ports with their data', async () => {
  const redis = new Redis(mesh.servers.redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  await ask((sql) => sql`create table kept as select 7 as n`);
  await redis.set('kept', 'yes');
  await redis.call('WAITAOF', '1', '0', '2000').catch(() => undefined); // Redis 7.2 and newer
  const before = mesh.pids();

  for (const name of ['postgres', 'nats', 'redis'] as const) mesh.kill(name);
  await eventually(() => expect(mesh.restarts()).toMatchObject({ postgres: 1, nats: 1, redis: 1 }));
  await mesh.ready();

  expect(await ask((sql) => sql`select n from kept`)).toEqual([{ n: 7 }]);
  expect(await redis.ping()).toBe('PONG');
  for (const name of ['postgres', 'nats', 'redis']) expect(mesh.pids()[name]).not.toBe(before[name]);
  redis.disconnect();
});

test('data and secrets survive a stop, and only their owner can read the secrets', async () => {
  await mesh.stop();
  expect(Object.values(mesh.pids()).every((pid) => pid === null)).toBe(true);
  const { secrets } = mesh;
  mesh = await start();
  expect(mesh.secrets).toEqual(secrets);
  expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(await ask((sql) => sql`select n from kept`)).toEqual([{ n: 7 }]);
});

test('Postgres, Redis and NATS refuse clients without a password', async () => {
  const withoutPassword = new URL(mesh.servers.databaseUrl);
  withoutPassword.password = 'guess';
  const sql = postgres(withoutPassword.href, { max: 1 });
  await expect(sql`select 1`.execute()).rejects.toThrow('password authentication failed');
  await sql.end();
  const redis = new Redis(Number(new URL(mesh.servers.redisUrl).port), { lazyConnect: true, enableReadyCheck: false });
  redis.on('error', () => undefined);
  await expect(redis.get('x')).rejects.toThrow('NOAUTH');
  redis.disconnect();
  await expect(connect({ servers: new URL(mesh.servers.natsUrl).host })).rejects.toThrow('Authorization Violation');
});
