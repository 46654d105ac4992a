import { request } from 'undici';

/**
 * Named checks of what a service cannot work without, e.g. `{ postgres: () => db.ping() }`. A throw
 * or a second's silence fails it.
 */
export type ReadyChecks = Record<string, () => Promise<unknown>>;

export interface CheckResult {
  ok: boolean;
  /** Milliseconds it took. */
  ms: number;
  error?: string;
}

export interface Readiness {
  status: 'ok' | 'unavailable';
  checks: Record<string, CheckResult>;
  /** Optional dependencies of the process. They do not affect readiness. */
  uses?: Record<string, CheckResult>;
}

const CHECK_TIMEOUT_MS = 1000;

/** Runs all checks at once, each under its own deadline. Never throws. */
export async function checkReadiness(checks: ReadyChecks, timeoutMs = CHECK_TIMEOUT_MS): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check, timeoutMs)] as const),
  );
  const ok = results.every(([, result]) => result.ok);
  return { status: ok ? 'ok' : 'unavailable', checks: Object.fromEntries(results) };
}

/**
 * How long the outcome of a check that writes is good for: any number of probes then cost one write
 * a second.
 */
const SHARE_MS = 1000;
/** A check that takes longer is left alone and begun again: its connection may be dead. */
const GIVE_UP_MS = 5000;

/**
 * Runs a check once for all callers and keeps its outcome for `keepMs`. Callers share a running
 * check: a probe gives up after a second, and the next one gets the slow answer.
 */
export function shareCheck(
  check: () => Promise<unknown>,
  keepMs = SHARE_MS,
  giveUpMs = GIVE_UP_MS,
): () => Promise<void> {
  let last: Promise<void> | null = null;
  let until = 0;
  return () => {
    if (last !== null && performance.now() < until) return last;
    until = performance.now() + giveUpMs;
    const mine: Promise<void> = Promise.resolve()
      .then(check)
      .then(() => undefined)
      .finally(() => {
        if (last === mine) until = performance.now() + keepMs;
      });
    last = mine;
    // When it fails, its callers may be gone.
    mine.catch(() => undefined);
    return mine;
  };
}

/**
 * What a process cannot take a request without. The rest of its work waits in the outbox while
 * these hold.
 */
const NEEDED_TO_ACCEPT = ['postgres', 'identity'];

/** The checks that decide whether a balancer may send requests here. */
export const acceptingChecks = (checks: ReadyChecks): ReadyChecks =>
  Object.fromEntries(Object.entries(checks).filter(([name]) => NEEDED_TO_ACCEPT.includes(name)));

/** External servers are not asked more often than this, for any number of probes. */
const LOOK_MS = 15_000;

/**
 * Watches optional dependencies, such as a provider's API. Gives what is known and checks again in
 * the background. No caller waits, so an unchecked one is absent.
 */
export function watchUses(uses: ReadyChecks, lookMs = LOOK_MS): () => Record<string, CheckResult> {
  const known: Record<string, CheckResult> = {};
  const lookedAt: Record<string, number> = {};
  return () => {
    for (const [name, check] of Object.entries(uses)) {
      if (performance.now() - (lookedAt[name] ?? Number.NEGATIVE_INFINITY) < lookMs) continue;
      lookedAt[name] = performance.now();
      void runCheck(check, USE_TIMEOUT_MS).then((result) => {
        known[name] = result;
      });
    }
    return { ...known };
  };
}

/** Across the internet, and a cold connection. */
const USE_TIMEOUT_MS = 5000;

/** Checks reachability only: a 401 or 403 answer counts as up. */
export function answers(url: string): () => Promise<void> {
  return async () => {
    const { statusCode, body } = await request(url, { headersTimeout: USE_TIMEOUT_MS, bodyTimeout: USE_TIMEOUT_MS });
    await body.dump();
    if (statusCode >= 500) throw new Error(`It answered ${statusCode}`);
  };
}

async function runCheck(check: () => Promise<unknown>, timeoutMs: number): Promise<CheckResult> {
  const started = performance.now();
  const elapsed = () => Math.round((performance.now() - started) * 10) / 10;
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([check(), deadline]);
    return { ok: true, ms: elapsed() };
  } catch (error) {
    return { ok: false, ms: elapsed(), error: kindOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Code or class of an error, never its message: drivers put hosts and user names there, and this
 * page is open.
 */
function kindOf(error: unknown): string {
  const { code, name, message } = error as { code?: string | number; name?: string; message?: string };
  if (code !== undefined) return String(code);
  if (message?.startsWith('no answer')) return message;
  return name && name !== 'Error' ? name : 'failed';
}
