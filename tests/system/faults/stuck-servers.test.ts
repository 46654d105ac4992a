import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES } from '@recado/contracts';
import { findNatsRelease, NATS_RELEASES } from '@recado/testkit/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, until } from '../../support/api.ts';
import { removeFolder } from '../../support/remove-folder.ts';
import { STATEFUL, type StuckRun, setMaxMemory, setReadOnly, startStuckRun } from './stuck-servers.ts';

// The short form has one round; `npm run test:faults` does ten.
const ROUNDS = Number(process.env.RECADO_DISK_ROUNDS ?? 1);
// All other tests of a mesh run on the newest. After a full disk 2.9 stays dead until it is
// restarted.
const RELEASE = NATS_RELEASES.find(({ name }) => name === process.env.RECADO_FAULT_NATS)?.name ?? '2.9';
const { file: natsServer, version } = await findNatsRelease(RELEASE);
// Only root may mount a file system. In CI we are root, and a run without one must fail.
const possible = process.getuid?.() === 0 || Boolean(process.env.CI);

describe.skipIf(!possible || natsServer === null)(`servers that are up but broken, nats-server ${version}`, () => {
  let run: StuckRun;
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'recado-stuck-'));
    run = await startStuckRun(dataDir, () => undefined, natsServer!);
  });
  afterAll(async () => {
    await run?.end();
    if (dataDir) await removeFolder(dataDir);
  });

  const acceptedMore = (count: number) => {
    const before = run.inbound.accepted.size;
    return until(`${count} more webhooks to be accepted`, async () =>
      run.inbound.accepted.size >= before + count ? true : null,
    );
  };

  it(
    `${ROUNDS} times a disk that was full under JetStream shows in every readiness, and work goes on once there is room`,
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await run.recovered();
        const free = run.fillDisk();
        await run.pages('every service to say that JetStream does not store', SERVICES, ({ status, checks }) => {
          return status === 503 && checks.jetstream?.ok === false;
        });
        // What Postgres can store is accepted all the while.
        expect((await run.page('gateway', '/health/accepting'))?.status).toBe(200);
        await acceptedMore(5);
        free();
        await run.recovered();
      }
      expect(run.mesh.restarts().postgres).toBe(0);
    },
    ROUNDS * 200_000,
  );

  it('a NATS that accepts connections and answers nothing shows in every readiness and is restarted', async () => {
    const before = run.mesh.restarts().nats!;
    run.mesh.kill('nats', 'SIGSTOP');
    await run.pages('every service to miss NATS', SERVICES, ({ status, checks }) => {
      return status === 503 && checks.nats?.ok === false && checks.jetstream?.ok === false;
    });
    await acceptedMore(5);
    await run.recovered();
    expect(run.mesh.restarts().nats).toBe(before + 1);
    expect(run.notes.join('\n')).toContain('restarting it');
  }, 240_000);

  it('a Postgres that only reads shows as read_only, refuses writes with a 503 and is not restarted', async () => {
    await setReadOnly(run.sql, true);
    try {
      await run.pages('every service with a database to say so', STATEFUL, ({ status, checks }) => {
        return status === 503 && checks.postgres?.error === 'read_only';
      });
      expect((await run.page('conversation', '/health/accepting'))?.status).toBe(503);
      const refused = await call(run.mesh.urls.gateway, 'POST', '/v1/tags', {
        token: run.tenant.crm,
        body: { name: 'urgente', color: '#ff0000' },
      });
      const login = await call(run.mesh.urls.gateway, 'POST', '/v1/auth/login', {
        body: { email: run.tenant.email, password: run.tenant.password },
      });
      expect([refused.status < 500 || refused.status === 503, login.status]).toEqual([true, 503]);
    } finally {
      await setReadOnly(run.sql, false);
    }
    await acceptedMore(5);
    await run.recovered();
    expect(run.mesh.restarts().postgres).toBe(0);
  }, 240_000);

  it('a Redis at maxmemory shows as OOM where it is used, stops no message and is not restarted', async () => {
    await setMaxMemory(run.mesh.servers.redisUrl, 1);
    try {
      const users = ['gateway', 'identity', 'channel-connector'] as const;
      await run.pages('who uses Redis to say so', users, ({ status, checks }) => {
        return status === 503 && checks.redis?.error === 'OOM';
      });
      expect((await run.page('gateway', '/health/accepting'))?.status).toBe(200);
      await acceptedMore(5);
    } finally {
      await setMaxMemory(run.mesh.servers.redisUrl, 0);
    }
    await run.recovered();
    expect(run.mesh.restarts().redis).toBe(0);
  }, 240_000);

  it('after all of it nothing is lost, stored twice or shown twice', async () => {
    const verdict = await run.verdict();
    expect(verdict).toEqual({ lost: [], sentTwice: [], shownTwice: [], disagree: [], visiblyFailed: 0 });
    expect(run.inbound.accepted.size).toBeGreaterThan(20);
    const letters = await Promise.all(
      ['conversation', 'channel_connector', 'analytics'].map(
        (schema) => run.sql`select consumer, error from ${run.sql(schema)}.dead_letters`,
      ),
    );
    expect(letters.flat()).toEqual([]);
  }, 240_000);
});
