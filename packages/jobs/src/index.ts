export { type DeadJob, type DeadJobFilter, listDeadJobs, replayDeadJobs } from './dead-jobs.ts';
export { type Concurrency, defineJob, type JobDefinition, type JobOptions, type RetryRule } from './define-job.ts';
export { type EnqueueOptions, enqueueJob, enqueueJobs, type NewJob } from './enqueue.ts';
export type { Handler } from './run-job.ts';
export { endJobs, finishJob, GiveUp, isLastTry, postponeJob, type RunningJob } from './running-job.ts';
export { type Jobs, type JobsOptions, type Runs, runs, startJobs } from './start-jobs.ts';
export { findJob, type JobRow, pruneJobs } from './store.ts';
export type { JobState } from './tables.ts';
