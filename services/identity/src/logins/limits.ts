import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Counter, createKeyedSemaphore, type Log, type Registry, TooManyRequests } from '@recado/service-kit';
import type { Attempts, Outcome, Subject, Verdict } from './attempts.ts';
import { type LoginAttempt, ownSubjects, subjectsOf, type Tries } from './subjects.ts';

/** A check of a password; one that throws decided nothing. */
type Check<T> = () => Promise<{ right: boolean; value: T }>;

export interface LoginLimits {
  /**
   * Checks a password within the limits. A place is taken before `check` and settled by what it
   * gives.
   * @throws TooManyRequests when there were too many failures lately
   */
  within<T>(attempt: LoginAttempt, check: Check<T>): Promise<T>;
  /** The same for a logged-in person who is asked for the password. */
  withinOwn<T>(userId: string, check: Check<T>): Promise<T>;
}

export interface LoginLimitOptions extends Tries {
  /** Shared by all processes; rejects while it is away. */
  shared: Attempts;
  /** This process's own. */
  own: Attempts;
  log: Pick<Log, 'warn' | 'info'>;
  registry: Registry;
}

/**
 * Log-ins of one account or address wait at most this long for each other. The edge gives up after
 * five seconds.
 */
const WAIT_MS = 2500;
const POLL_MS = 50;
/** Log-ins that may wait for others; each costs a timer. */
const MAX_WAITING = 1000;

/**
 * Limits failed log-ins (subjects.ts). Attempts at once never exceed the rest of a limit, so
 * parallel guesses count. The others wait. Without Redis each process counts alone.
 */
export function createLoginLimits(options: LoginLimitOptions): LoginLimits {
  const { shared, own, log, registry } = options;
  const semaphore = createKeyedSemaphore(MAX_WAITING);
  const alone = new Counter({
    name: 'recado_login_limits_alone_total',
    help: 'Log-ins limited by this process alone, because Redis was away',
    registers: [registry],
  });
  let apart = false;

  async function reserve(subjects: Subject[], id: string): Promise<Verdict> {
    try {
      const verdict = await shared.reserve(subjects, id);
      if (apart) log.info('log-ins are limited across processes again');
      apart = false;
      return verdict;
    } catch (err) {
      // One line for each outage, not for each log-in.
      if (!apart) log.warn({ err }, 'Redis is away: this process limits log-ins alone');
      apart = true;
      alone.inc();
      return own.reserve(subjects, id);
    }
  }

  async function settle(subjects: Subject[], id: string, outcome: Outcome): Promise<void> {
    // Both: what happened while Redis was there counts when it goes.
    void own.settle(subjects, id, outcome);
    await Promise.resolve(shared.settle(subjects, id, outcome)).catch(() => {});
  }

  /** Another process may hold the places: asked again until one is free. */
  async function enter(subjects: Subject[], id: string, deadline: number): Promise<void> {
    for (;;) {
      const answer = await reserve(subjects, id);
      if (answer.verdict === 'go') return;
      if (answer.verdict === 'refused') throw tooManyFailures(answer.retryMs / 1000);
      if (performance.now() + POLL_MS > deadline) throw tooManyAtOnce();
      await pause(POLL_MS);
    }
  }

  async function inTurn<T>(subjects: Subject[], deadline: number, work: () => Promise<T>): Promise<T> {
    const ends: (() => void)[] = [];
    try {
      // Always the account first: no two attempts wait for each other.
      for (const { key, limit } of subjects) {
        const end = await semaphore.take(key, limit, Math.max(deadline - performance.now(), 0));
        if (!end) throw tooManyAtOnce();
        ends.push(end);
      }
      return await work();
    } finally {
      for (const end of ends) end();
    }
  }

  function check<T>(subjects: Subject[], run: Check<T>): Promise<T> {
    const deadline = performance.now() + WAIT_MS;
    return inTurn(subjects, deadline, async () => {
      const id = randomUUID();
      await enter(subjects, id, deadline);
      let outcome: Outcome = 'undecided';
      try {
        const { right, value } = await run();
        outcome = right ? 'right' : 'wrong';
        return value;
      } finally {
        await settle(subjects, id, outcome);
      }
    });
  }

  return {
    within: (attempt, run) => check(subjectsOf(attempt, options), run),
    withinOwn: (userId, run) => check(ownSubjects(userId, options), run),
  };
}

const tooManyFailures = (seconds: number) => new TooManyRequests(seconds, 'Too many failed log-ins');
const tooManyAtOnce = () => new TooManyRequests(2, 'Too many log-ins at this moment');
