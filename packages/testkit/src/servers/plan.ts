import type { ProcessSpec } from './process.ts';

export type ServerName = 'postgres' | 'nats' | 'redis';

/** A server that was found: its address and, unless another program runs it, how to run it. */
export interface ServerPlan {
  name: ServerName;
  /** How it was found, for people: `nats-server 2.9.10, /usr/sbin/nats-server`. */
  chose: string;
  /** With credentials. */
  url: string;
  /** null when it was given by URL and runs already. */
  run: ProcessSpec | null;
  /** One probe: resolves when it answers as it should, rejects with the reason otherwise. */
  probe(): Promise<void>;
}

/** What all three planners take. */
export interface PlanOptions {
  /** An URL that was given; nothing is started then. */
  url?: string | undefined;
  port: number;
  /** Where it keeps its data and configuration; made when missing. */
  dataDir: string;
  /**
   * `dev` keeps every byte through a crash; `test` is fast and forgets.
   * In test mode NATS has the accounts w0…w31, Redis 64 databases without a password.
   */
  mode: 'dev' | 'test';
  /** Password of the server's user (`recado`); not used by NATS and Redis in test mode. */
  password: string;
  /**
   * The accounts of NATS in its configuration's words, with a user `operator`; else one user
   * `recado` has all rights.
   */
  accounts?: string;
  /** Settings of Postgres beside ours; the others ignore them. */
  settings?: Record<string, string>;
  /** How programs are looked for; default: PATH and where systems keep servers. */
  find?: (...names: string[]) => string | null;
  /** Tells people what is going on when it takes long. */
  say?: (line: string) => void;
}

/** No way was found to have a server; the message names the ways out. */
export class ServerUnavailable extends Error {
  override name = 'ServerUnavailable';
  constructor(what: string, waysOut: string[]) {
    super(`${what} is needed and could not be had. Ways out:\n${waysOut.map((way) => `  - ${way}`).join('\n')}`);
  }
}

/**
 * Waits until a server answers.
 * @throws Error naming the server, the last reason and, when given, what `hint()` says.
 */
export async function waitUntilReady(plan: ServerPlan, timeoutMs = 20_000, hint?: () => string | null): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await plan.probe();
    } catch (error) {
      const gaveUp = hint?.() ?? null;
      if (Date.now() > deadline || gaveUp) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`${plan.name} (${plan.chose}) does not answer: ${reason}${gaveUp ? `\n${gaveUp}` : ''}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }
}
