import type { Database } from '@recado/database';
import type { Log, Sealer } from '@recado/service-kit';
import type { Config } from './config.ts';
import type { Background } from './logins/background.ts';
import type { LoginLimits } from './logins/limits.ts';
import type { MailLoop } from './mails/loop.ts';
import type { Passwords } from './passwords/hasher.ts';
import type { Revocations } from './sessions/revocations.ts';
import type { AccessTokens } from './tokens/access.ts';

export interface Deps {
  /** Tenant-scoped role: everything but what is named below. */
  db: Database;
  /**
   * Worker role: consumers and relay. Requests use it for what no tenant's transaction can see: whose a login e-mail is
   * (sessions/login.ts), how many mails an address had (mails/store.ts), and the operator's list of tenants.
   */
  workerDb: Database;
  log: Pick<Log, 'warn' | 'info'>;
  config: Pick<
    Config,
    | 'RECADO_ENV'
    | 'RECADO_DEFAULT_PLAN'
    | 'RECADO_REGISTRATION'
    | 'RECADO_EMAIL_PROOF'
    | 'RECADO_UNPROVED_DAYS'
    | 'RECADO_REFRESH_GRACE'
  >;
  passwords: Passwords;
  /** Failed log-ins, by account and address. */
  logins: LoginLimits;
  /** Of second factors' secrets. */
  sealer: Sealer;
  tokens: AccessTokens;
  revocations: Revocations;
  background: Background;
  mails: Pick<MailLoop, 'kick'>;
}
