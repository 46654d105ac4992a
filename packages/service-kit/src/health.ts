/** Named checks of what a service cannot work without, e.g. `{ postgres: () => db.ping() }`. A throw or a second's silence fails it. */
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
    // The code alone: messages of drivers may hold hosts and user names, and this page is open.
    const { code, message } = error as { code?: string; message?: string };
    return { ok: false, ms: elapsed(), error: code ?? (message?.startsWith('no answer') ? message : 'failed') };
  } finally {
    clearTimeout(timer);
  }
}
