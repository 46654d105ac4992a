import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atLeast } from '../src/servers/find.ts';
import { planNats } from '../src/servers/nats.ts';
import { findNatsRelease } from '../src/servers/nats-versions.ts';
import { planPostgres } from '../src/servers/postgres.ts';
import { planRedis } from '../src/servers/redis.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'recado-find-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
beforeEach(() => void vi.stubEnv('RECADO_NO_INSTALL', '1'));
afterEach(() => void vi.unstubAllEnvs());

const options = { port: 4999, dataDir, mode: 'dev' as const, password: 'p"w' };

test('a given URL is used first, and nothing is started', async () => {
  const plans = await Promise.all([
    planPostgres({ ...options, url: 'postgres://a:b@db/x' }),
    planNats({ ...options, url: 'nats://n:4222' }),
    planRedis({ ...options, url: 'redis://r' }),
  ]);
  expect(plans.map(({ url, run, chose }) => ({ url, run, chose }))).toEqual([
    { url: 'postgres://a:b@db/x', run: null, chose: 'given by DATABASE_URL' },
    { url: 'nats://n:4222', run: null, chose: 'given by NATS_URL' },
    { url: 'redis://r', run: null, chose: 'given by REDIS_URL' },
  ]);
});

test('without URL, program, packages and Docker the error says what to do', async () => {
  vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
  const none = { ...options, find: () => null };
  await expect(planNats(none)).rejects.toThrow(
    /^NATS is needed and could not be had\. Ways out:\n {2}- give a running one.*NATS_URL=.*\n {2}- install .*\n {2}- start Docker/,
  );
  await expect(planRedis(none)).rejects.toThrow(/^Redis is needed .*\n.*REDIS_URL=.*\n.*install.*\n.*Docker/);
});

test('a server before 2.10 gets no unknown settings, and passwords are quoted', async () => {
  const plan = await planNats({ ...options, find: () => '/usr/bin/true' });
  const config = readFileSync(plan.run?.args[1] as string, 'utf8');
  expect(config).not.toContain('sync_interval');
  expect(config).toContain('password: "p\\"w"');
  expect(plan.url).toBe('nats://recado:p%22w@127.0.0.1:4999');
});

/** Puts a program on PATH that says it is this version of nats-server. */
function ownNatsServer(version: string): string {
  const folder = mkdtempSync(join(dataDir, 'own-'));
  const file = join(folder, 'nats-server');
  writeFileSync(file, `#!/bin/sh\necho nats-server: v${version}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  return file;
}

test('a nats-server of the machine is used from 2.10 on', async () => {
  const file = ownNatsServer('2.11.4');
  const plan = await planNats(options);
  expect([plan.run?.file, plan.chose]).toEqual([file, `nats-server 2.11.4, ${file}`]);
});

test("Debian's newest is preferred to an older one, because it syncs before it acknowledges", {
  timeout: 300_000,
}, async (test) => {
  vi.unstubAllEnvs();
  const newest = await findNatsRelease('newest');
  // Without the network there is nothing to try. CI has it, and must not pass without.
  if (newest.file === null && !process.env.CI) test.skip(newest.version);
  const own = ownNatsServer('2.9.10');
  const plan = await planNats(options);
  expect(plan.run?.file).toBe(newest.file);
  expect(atLeast(newest.version, '2.10')).toBe(true);
  expect(readFileSync(plan.run?.args[1] as string, 'utf8')).toContain('sync_interval: always');
  expect((await planNats({ ...options, find: () => own })).run?.file).toBe(own);
});

test('versions are compared by number', () => {
  expect(atLeast('2.10.1', '2.9')).toBe(true);
  expect(atLeast('2.9.10', '2.10')).toBe(false);
  expect(atLeast('18.4', '18.4')).toBe(true);
});
