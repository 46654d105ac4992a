import type { Database } from '@recado/database';
import type { Log } from '@recado/service-kit';
import type { Config } from './config.ts';
import type { Passwords } from './passwords/hasher.ts';
import type { Revocations } from './sessions/revocations.ts';
import type { AccessTokens } from './tokens/access.ts';

export interface Deps {
  /** Tenant-scoped role: everything but the one look-up below. */
  db: Database;
  /** Worker role. Requests use it for one thing: finding whose a login e-mail is (sessions/login.ts). */
  workerDb: Database;
  log: Pick<Log, 'warn' | 'info'>;
  config: Pick<Config, 'RECADO_ENV' | 'RECADO_DEFAULT_PLAN'>;
  passwords: Passwords;
  tokens: AccessTokens;
  revocations: Revocations;
  /** After a commit that enqueued: the outbox goes out now. */
  kickRelay(): void;
}
