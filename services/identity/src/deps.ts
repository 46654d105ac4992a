import type { BaseDeps } from '@recado/service';
import type { Sealer } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import type { Config } from './config.ts';
import type { Background } from './logins/background.ts';
import type { LoginLimits } from './logins/limits.ts';
import type { MailLoop } from './mails/loop.ts';
import type { Passwords } from './passwords/hasher.ts';
import type { Revocations } from './sessions/revocations.ts';
import type { AccessKey } from './tokens/access.ts';

/**
 * Requests use `workerDb` for what no tenant's transaction can see: the user of a login e-mail, the
 * count of an address's mails, and the operator's list of tenants.
 */
export interface Deps extends BaseDeps<Config> {
  redis: Redis;
  passwords: Passwords;
  /** Failed log-ins, by account and address. */
  logins: LoginLimits;
  /** Of second factors' secrets. */
  sealer: Sealer;
  /** Of access tokens. */
  accessKey: AccessKey;
  revocations: Revocations;
  background: Background;
  mails: Pick<MailLoop, 'wake'>;
}
