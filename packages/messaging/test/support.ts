import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuiltEvent, buildEvent, defineEvent, uuidv7 } from '@recado/contracts';
import { connect, type Database, migrate, rolesOf } from '@recado/database';
import { eventually, testDatabase, testLogger } from '@recado/testkit';
import {
  freePort,
  killGroup,
  planNats,
  removeAtEnd,
  type ServerPlan,
  spawnProcess,
  waitUntilReady,
} from '@recado/testkit/servers';
import { expect } from 'vitest';
import { z } from 'zod';

/** The event of these tests; it rides in conversation's stream. */
export const noteWritten = defineEvent(
  'conversation.note.written',
  1,
  z.object({ noteId: z.string(), body: z.string() }),
  'A note was written',
);

export const tenant = '0190a0a0-0000-7000-8000-00000000000a';
export const log = testLogger('messaging-test');

export function note(body = 'hello', given: { id?: string; tenantId?: string } = {}): BuiltEvent {
  const id = given.id ?? uuidv7();
  return buildEvent(noteWritten, { id, tenantId: given.tenantId ?? tenant, data: { noteId: id, body } });
}

export interface ScratchDatabase {
  adminUrl: string;
  /** Worker role. */
  worker: Database;
  admin: Database;
  workerUrl: string;
  drop(): Promise<void>;
}

/** A database of its own with the scratch schema: a table `notes` and those of messaging. */
export async function scratchDatabase(label: string): Promise<ScratchDatabase> {
  const database = await testDatabase(label);
  await migrate({
    adminUrl: database.adminUrl,
    service: 'scratch',
    schema: 'scratch',
    migrationsFolder: fileURLToPath(new URL('./scratch/migrations', import.meta.url)),
    appPassword: 'scratch',
    workerPassword: 'scratch',
  });
  const url = new URL(database.adminUrl);
  url.username = rolesOf('scratch').worker;
  url.password = 'scratch';
  const worker = connect({ url: url.href, name: label });
  const admin = connect({ url: database.adminUrl, name: label, max: 2 });
  return {
    adminUrl: database.adminUrl,
    workerUrl: url.href,
    worker,
    admin,
    drop: async () => {
      await Promise.all([worker.close(), admin.close()]);
      await database.drop();
    },
  };
}

export interface OwnNats {
  url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Deletes its store; only while it is down. */
  wipe(): void;
  stop(): Promise<void>;
}

/**
 * A NATS server of one test file's own, to be killed and wiped. `program`: another nats-server than
 * the machine's.
 */
export async function ownNats(program?: string): Promise<OwnNats> {
  const dir = mkdtempSync(join(tmpdir(), 'recado-nats-'));
  removeAtEnd(dir);
  const plan: ServerPlan = await planNats({
    mode: 'test',
    password: '',
    port: await freePort(),
    dataDir: dir,
    ...(program === undefined ? {} : { find: () => program }),
  });
  let child: ReturnType<typeof spawnProcess> | null = null;
  const kill = async () => {
    if (!child) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    killGroup(child);
    await ended;
    child = null;
  };
  const server: OwnNats = {
    url: plan.url,
    async start() {
      child = spawnProcess(plan.run!, { file: join(dir, 'nats.log') });
      await waitUntilReady(plan, 10_000);
    },
    kill,
    wipe: () => rmSync(join(dir, 'jetstream'), { recursive: true, force: true }),
    async stop() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** Waits until nothing of the outbox is unsent. */
export function allPublished(db: Database): Promise<void> {
  return eventually(async () => {
    const [row] = await db.sql<{ unsent: number }[]>`
      select count(*)::int as unsent from outbox where published_at is null`;
    expect(row?.unsent).toBe(0);
  });
}
