import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES, type ServiceName } from '@recado/contracts';
import { createSandboxControl, type SandboxControl } from '@recado/sandbox';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { request } from 'undici';
import { type Mesh, startMesh } from '../../../infra/local/mesh.ts';
import { until } from '../../support/api.ts';
import { createTenant, type TestTenant } from '../../support/tenant.ts';
import { type Collector, collect } from './collector.ts';
import { type InboundDriver, startInbound } from './drivers.ts';
import { settle } from './settle.ts';
import { judge, type Verdict } from './verdict.ts';

/** A readiness page, or null when the service did not answer. */
export interface Page {
  status: number;
  checks: Record<string, { ok: boolean; error?: string }>;
  ms: number;
}

export interface StuckRun {
  mesh: Mesh;
  tenant: TestTenant;
  inbound: InboundDriver;
  screen: Collector;
  sql: postgres.Sql;
  /** What the supervisor has said about a process. */
  notes: string[];
  /** Fills the disk under JetStream to the last byte; gives back how to free it. */
  fillDisk(): () => void;
  page(service: ServiceName, path?: string): Promise<Page | null>;
  /** Waits until the pages of all these services satisfy the condition. */
  pages(what: string, services: readonly ServiceName[], wanted: (page: Page) => boolean): Promise<void>;
  /** Waits until every service is ready and everything accepted until now is on the screen. */
  recovered(): Promise<void>;
  /**
   * Ends the traffic, waits until nothing moves, and compares what was accepted, stored and shown.
   */
  verdict(): Promise<Verdict>;
  end(): Promise<void>;
}

const STORE_BYTES = 32 * 1024 * 1024;
const PER_SECOND = 5;
const RECOVERY_MS = 90_000;
export const STATEFUL = SERVICES.filter((name) => name !== 'gateway');

/**
 * A mesh with JetStream's store on a small file system of its own, a tenant, customers that write
 * and an agent who watches.
 * @param natsServer another program than the one that is found.
 * @throws when no file system can be mounted: the run would prove nothing.
 */
export async function startStuckRun(
  dataDir: string,
  say: (line: string) => void,
  natsServer?: string,
): Promise<StuckRun> {
  const store = join(dataDir, 'nats');
  mkdirSync(store, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${STORE_BYTES}`, 'tmpfs', store], {
    encoding: 'utf8',
  });
  if (mounted.status !== 0) throw new Error(`No file system of 32 MB could be mounted: ${mounted.stderr}`);
  const unmount = () => void spawnSync('umount', ['-l', store]);
  const notes: string[] = [];
  const started = await startMesh({
    dataDir,
    ...(natsServer ? { natsServer } : {}),
    logLevel: 'warn',
    onLine: (line) => {
      if (line.includes('│ ──')) notes.push(line);
    },
  }).catch((error) => {
    unmount();
    throw error;
  });
  const sandbox = createSandboxControl(started.urls.sandbox);
  const sql = postgres(started.servers.databaseUrl, { max: 1, onnotice: () => undefined });
  const end = async () => {
    await sql.end({ timeout: 2 }).catch(() => undefined);
    await sandbox.close();
    await started.stop();
    unmount();
  };
  try {
    return await beginTraffic({ mesh: started, sandbox, sql, notes, store, end, say });
  } catch (error) {
    await end();
    throw error;
  }
}

interface TrafficOptions extends Pick<StuckRun, 'mesh' | 'sql' | 'notes' | 'end'> {
  sandbox: SandboxControl;
  store: string;
  say(line: string): void;
}

async function beginTraffic({ mesh, sandbox, sql, notes, store, end, say }: TrafficOptions): Promise<StuckRun> {
  const tenant = await createTenant(mesh.urls.gateway, sandbox);
  const screen = await collect(mesh.urls.gateway, tenant);
  const inbound = startInbound(mesh.urls.gateway, tenant, PER_SECOND, 5);
  const page = (service: ServiceName, path = '/health/ready') => readPage(`${mesh.urls[service]}${path}`);
  const pages: StuckRun['pages'] = async (what, services, wanted) => {
    let last: unknown;
    await until(
      what,
      async () => {
        const found = await Promise.all(services.map((name) => page(name)));
        last = Object.fromEntries(services.map((name, i) => [name, found[i]?.checks ?? null]));
        return found.every((one) => one !== null && wanted(one)) ? true : null;
      },
      RECOVERY_MS,
    ).catch((error) => {
      throw new Error(`${error.message}; last seen: ${JSON.stringify(last)}; supervisor: ${notes.join(' ')}`);
    });
  };
  return {
    mesh,
    tenant,
    inbound,
    screen,
    sql,
    notes,
    page,
    pages,
    fillDisk: () => fill(join(store, 'filler')),
    async recovered() {
      await pages('every service to be ready', SERVICES, ({ status }) => status === 200);
      const accepted = [...inbound.accepted];
      await until(
        'everything accepted to be shown',
        async () => {
          const missing = await notShown(sql, tenant.tenantId, accepted, screen);
          if (missing.length > 0) throw new Error(`${missing.length} of ${accepted.length} are not shown`);
          return true;
        },
        RECOVERY_MS,
      );
    },
    async verdict() {
      await inbound.stop();
      await settle(mesh, sql, sandbox, tenant.tenantId, screen, say);
      return judge({
        inboundAccepted: inbound.accepted,
        outboundAccepted: new Map(),
        database: await sql`
          select id, direction, status, content, provider_message_id as "providerMessageId"
          from conversation.messages where tenant_id = ${tenant.tenantId}`,
        ledger: [],
        screen,
      });
    },
    async end() {
      await inbound.stop();
      screen.close();
      await end();
    },
  };
}

/** Provider ids that the database does not have, or whose messages no screen has shown. */
async function notShown(sql: postgres.Sql, tenantId: string, accepted: string[], screen: Collector): Promise<string[]> {
  const rows = await sql<{ id: string; provider: string }[]>`
    select id, provider_message_id as provider from conversation.messages
    where tenant_id = ${tenantId} and provider_message_id = any(${accepted})`;
  const ids = new Map(rows.map(({ id, provider }) => [provider, id]));
  return accepted.filter((provider) => {
    const id = ids.get(provider);
    return id === undefined || !(screen.shown.has(id) || screen.fetched.has(id));
  });
}

/** Writes until there is no room for one byte more. */
function fill(path: string): () => void {
  const file = openSync(path, 'w');
  for (const size of [1024 * 1024, 4096, 1]) {
    const block = Buffer.alloc(size);
    try {
      for (;;) if (writeSync(file, block) < size) break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
  return () => rmSync(path);
}

async function readPage(url: string): Promise<Page | null> {
  const started = performance.now();
  try {
    const answer = await request(url, { headersTimeout: 5000, bodyTimeout: 5000 });
    const body = (await answer.body.json()) as Pick<Page, 'checks'>;
    return { status: answer.statusCode, checks: body.checks, ms: performance.now() - started };
  } catch {
    return null;
  }
}

/** Makes every new transaction of the server read-only, or able to write again. */
export async function setReadOnly(sql: postgres.Sql, readOnly: boolean): Promise<void> {
  await sql`set default_transaction_read_only = off`;
  await sql.unsafe(`alter system set default_transaction_read_only = ${readOnly ? 'on' : 'off'}`);
  await sql`select pg_reload_conf()`;
}

/** Sets Redis' `maxmemory` in bytes; 0 is no limit. */
export async function setMaxMemory(redisUrl: string, bytes: number): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
  redis.on('error', () => undefined);
  try {
    await redis.config('SET', 'maxmemory', bytes);
  } finally {
    redis.disconnect();
  }
}
