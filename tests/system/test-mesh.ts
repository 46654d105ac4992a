import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICE_SCHEMAS } from '@recado/database';
import { createSandboxControl, type SandboxControl } from '@recado/sandbox';
import postgres from 'postgres';
import { type Mesh, startMesh } from '../../infra/local/mesh.ts';
import { removeFolder } from '../support/remove-folder.ts';
import { UNLIMITED } from '../support/unlimited.ts';

export interface TestMesh extends Pick<Mesh, 'urls' | 'servers' | 'secrets'> {
  gateway: string;
  sandbox: SandboxControl;
  /**
   * What the processes logged that no request may cause: errors, and the supervisor's word of a
   * process that ended.
   */
  complaints(): string[];
  /**
   * What consumers failed at, by event: such a request was answered well and broke something behind
   * it.
   */
  failedEvents(): Promise<string[]>;
  /** Every process still the one that was started. */
  sameProcesses(): boolean;
  stop(): Promise<void>;
}

/** A mesh of real processes for one test file. It logs only what goes wrong. */
export async function startTestMesh(
  label: string,
  { env = UNLIMITED, onLine }: { env?: Record<string, string>; onLine?: (line: string) => void } = {},
): Promise<TestMesh> {
  const dataDir = await mkdtemp(join(tmpdir(), `recado-${label}-`));
  const complaints: string[] = [];
  let stopping = false;
  const mesh = await startMesh({
    dataDir,
    logLevel: 'warn',
    logFormat: 'json',
    env,
    onLine: (line) => {
      onLine?.(line);
      if (!stopping && isComplaint(line)) complaints.push(line);
    },
  }).catch(async (error) => {
    await removeFolder(dataDir);
    throw error;
  });
  const sandbox = createSandboxControl(mesh.urls.sandbox);
  const pids = mesh.pids();
  const { urls, servers, secrets } = mesh;
  return {
    urls,
    servers,
    secrets,
    gateway: mesh.urls.gateway,
    sandbox,
    complaints: () => complaints,
    failedEvents: () => failedEvents(mesh.servers.databaseUrl),
    sameProcesses: () =>
      JSON.stringify(mesh.pids()) === JSON.stringify(pids) && Object.values(mesh.restarts()).every((n) => n === 0),
    async stop() {
      stopping = true;
      await sandbox.close();
      await mesh.stop();
      // A server that was killed may still be writing its last.
      await removeFolder(dataDir);
    },
  };
}

export async function failedEvents(databaseUrl: string): Promise<string[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  try {
    const found = await Promise.all(
      Object.values(SERVICE_SCHEMAS).map(
        (schema) =>
          sql<{ what: string }[]>`
          select ${schema} || ', ' || consumer || ', ' || subject || ': ' || error as what from ${sql(schema)}.dead_letters
          union all
          select ${schema} || ', ' || consumer || ', ' || event_id || ' failed ' || tries || ' times: ' || last_error
          from ${sql(schema)}.delivery_tries`,
      ),
    );
    return found.flat().map(({ what }) => what);
  } finally {
    await sql.end();
  }
}

export function isComplaint(line: string): boolean {
  try {
    const { level, msg = '' } = JSON.parse(line) as { level?: string; msg?: string };
    return level === 'error' || level === 'fatal' || / ended \(|could not be served|unhandled|uncaught/i.test(msg);
  } catch {
    return /error|unhandled|uncaught/i.test(line);
  }
}
