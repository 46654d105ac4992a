import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InternalTokens } from '@recado/service-kit';
import { startMesh } from '../../../infra/local/mesh.ts';
import { internalTokensOf } from '../../../infra/local/secrets.ts';

export interface BenchIdentity {
  url: string;
  tokens: InternalTokens;
  adminUrl: string;
  /** Resident memory of the process in MiB: now, and at most so far. */
  memory(): { now: number; peak: number };
  stop(): Promise<void>;
}

/**
 * Identity as `npm start` runs it, a bundle with its flags, with its servers and nothing else; all
 * in a folder that goes with them.
 */
export async function startIdentityProcess(): Promise<BenchIdentity> {
  const dataDir = await mkdtemp(join(tmpdir(), 'recado-bench-'));
  const mesh = await startMesh({ dataDir, services: ['identity'], sandbox: false, logLevel: 'error' });
  const mebibytes = (field: string) => {
    const status = readFileSync(`/proc/${mesh.pids().identity}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  };
  return {
    url: mesh.urls.identity,
    tokens: internalTokensOf('gateway', mesh.secrets),
    adminUrl: mesh.servers.databaseUrl,
    memory: () => ({ now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') }),
    async stop() {
      await mesh.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
