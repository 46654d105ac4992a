import { readFileSync, statSync } from 'node:fs';
import { createSandboxControl } from '@recado/sandbox';
import { inject } from 'vitest';
import type {} from '../support/system-setup.ts';
import { failedEvents, isComplaint, type ProofMesh } from './proof-mesh.ts';

/** The mesh that the files of the system level share. Complaints of all files count from now on. */
export function sharedProofMesh(): ProofMesh {
  const mesh = inject('mesh');
  const sandbox = createSandboxControl(mesh.urls.sandbox);
  const from = statSync(mesh.log).size;
  return {
    mesh,
    gateway: mesh.urls.gateway,
    sandbox,
    complaints: () => {
      const since = readFileSync(mesh.log).subarray(from).toString();
      return since.split('\n').filter((line) => line && isComplaint(line));
    },
    failedEvents: () => failedEvents(mesh.servers.databaseUrl),
    sameProcesses: () => Object.values(mesh.pids).every((pid) => pid !== null && isAlive(pid)),
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
