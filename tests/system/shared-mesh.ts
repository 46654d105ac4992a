import { readFileSync, statSync } from 'node:fs';
import { createSandboxControl } from '@recado/sandbox';
import { inject } from 'vitest';
import type {} from '../support/system-setup.ts';
import { failedEvents, isComplaint, type TestMesh } from './test-mesh.ts';

/** The mesh that the files of the system level share. Complaints of all files count from now on. */
export function sharedTestMesh(): TestMesh {
  const { urls, servers, secrets, log, pids } = inject('mesh');
  const sandbox = createSandboxControl(urls.sandbox);
  const from = statSync(log).size;
  return {
    urls,
    servers,
    secrets,
    gateway: urls.gateway,
    sandbox,
    complaints: () => {
      const since = readFileSync(log).subarray(from).toString();
      return since.split('\n').filter((line) => line && isComplaint(line));
    },
    failedEvents: () => failedEvents(servers.databaseUrl),
    sameProcesses: () => Object.values(pids).every((pid) => pid !== null && isAlive(pid)),
    stop: () => sandbox.close(),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
