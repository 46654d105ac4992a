import { type Runs, runs } from '@recado/jobs';
import type { FileDeps } from '../deps.ts';
import { bringJob } from '../provider-files/job.ts';
import { runBring } from '../provider-files/run.ts';
import { runTakeBack, takeBackJob } from '../provider-files/take-back.ts';
import { eraseJob, runErase } from './erase.ts';
import { runFetch } from './fetching/fetch.ts';
import { fetchJob } from './fetching/fetch-job.ts';

/** What works on files in the background. */
export const fileRuns = (deps: FileDeps): Runs[] => [
  runs(fetchJob, (job) => runFetch(deps, job)),
  runs(bringJob, (job) => runBring(deps, job)),
  runs(takeBackJob, (job) => runTakeBack(deps, job)),
  runs(eraseJob, (job) => runErase(deps, job)),
];
