import { type Runs, runs } from '@recado/jobs';
import type { Deps } from '../deps.ts';
import { eraseJob, runErase } from './erase.ts';

/** What works on files in the background. */
export type FileDeps = Pick<
  Deps,
  'db' | 'workerDb' | 'log' | 'now' | 'storage' | 'spool' | 'converter' | 'metrics' | 'directory' | 'tenants'
>;

export const fileRuns = (deps: FileDeps): Runs[] => [runs(eraseJob, (job) => runErase(deps, job))];
