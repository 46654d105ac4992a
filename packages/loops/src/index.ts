export { type BackoffRule, backoff, type GrowingPause, pauseAfter } from './backoff.ts';
export { type CommitSignal, createCommitSignal } from './commits.ts';
export { createFairSemaphore, type FairSemaphore, type FairSemaphoreOptions } from './fair-semaphore.ts';
export { type Loop, type LoopOptions, startLoop } from './loop.ts';
export { createWaker, type Waker } from './waker.ts';
