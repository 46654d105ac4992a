import { createCommitSignal } from '@recado/loops';

/** Tells workers of committed jobs: their name, and the milliseconds until they are due. */
export const committedJobs = createCommitSignal<{ name: string; dueInMs: number }>();
