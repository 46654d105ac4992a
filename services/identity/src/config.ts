import { availableParallelism } from 'node:os';
import { PLAN_NAMES } from '@recado/contracts';
import { baseConfig, ConfigError, envInt, envPem, envPort, envUrl } from '@recado/service-kit';
import { z } from 'zod';

/** Identity's environment; nothing else here reads process.env. */
export const configSchema = z.object({
  ...baseConfig,
  PORT: envPort(3101),
  DATABASE_URL: z.string(),
  DATABASE_WORKER_URL: z.string(),
  /** Ed25519, PKCS8 PEM: signs access tokens. */
  RECADO_JWT_PRIVATE_KEY: envPem(),
  /** Default: the key's RFC 7638 thumbprint. */
  RECADO_JWT_KEY_ID: z.string().min(1).max(128).optional(),
  /** `development` lets tokens of the edition bots live 30 days instead of 7. */
  RECADO_ENV: z.enum(['development', 'production']).default('production'),
  /** Plan of a tenant that registers. */
  RECADO_DEFAULT_PLAN: z.enum(PLAN_NAMES).default('pro'),
  /**
   * `open`: anyone registers. `invite`: only with the operator's invitation. `closed`: no
   * registration.
   */
  RECADO_REGISTRATION: z.enum(['open', 'invite', 'closed']).default('open'),
  /**
   * Whether who registers must prove the e-mail before the company may change anything. An
   * invitation proves it too.
   */
  RECADO_EMAIL_PROOF: z.enum(['required', 'off']).default('required'),
  /**
   * `smtps://user:password@host:465`, or `smtp://…:587`, which must offer STARTTLS unless the URL
   * says `?ignoreTLS=true`.
   */
  RECADO_SMTP_URL: z.url({ protocol: /^smtps?$/, message: 'must be an smtp:// or smtps:// URL' }).optional(),
  /** `Recado <no-reply@example.com>` */
  RECADO_MAIL_FROM: z.string().min(3).max(320).optional(),
  /**
   * A page of the operator's own that takes `?token=` and sends it to a confirm route; without it
   * mails hold a code alone.
   */
  RECADO_CONFIRM_URL: envUrl().optional(),
  /** Days after which a company that did not prove its e-mail is removed. */
  RECADO_UNPROVED_DAYS: envInt(3, 1, 90),
  /**
   * Argon2id hashes at once, 19 MiB each. One processor is left to those who are logged in already.
   */
  RECADO_PASSWORD_CONCURRENCY: envInt(Math.min(Math.max(availableParallelism() - 1, 1), 4), 1, 64),
  /**
   * How far hashing gives way to everything else on the machine: 0 not at all, 19 the most. A busy
   * machine makes log-ins wait.
   */
  RECADO_PASSWORD_NICE: envInt(10, 0, 19),
  /** Log-ins that may wait for a hash; more are answered 429. */
  RECADO_PASSWORD_QUEUE: envInt(64, 0, 10_000),
  /**
   * Failed log-ins of one account from one address in the window, before further ones are answered
   * 429.
   */
  RECADO_LOGIN_TRIES: envInt(5, 1, 1000),
  /**
   * From one address, over all accounts, before pauses grow. An office behind one address may need
   * more.
   */
  RECADO_LOGIN_TRIES_PER_IP: envInt(5, 1, 10_000),
  /** Seconds. */
  RECADO_LOGIN_WINDOW: envInt(900, 1, 86_400),
  /**
   * Seconds in which a used refresh token gets its successor again: the answer may have been lost.
   */
  RECADO_REFRESH_GRACE: envInt(30, 0, 3600),
  /** Key ring that seals the secrets of second factors, as packages/service-kit reads it. */
  RECADO_SECRETS_KEYS: z.string(),
});
export type Config = z.output<typeof configSchema>;

/** @throws ConfigError when mails must be sent and cannot be */
export function requireMailServer(config: Config): void {
  if (config.RECADO_EMAIL_PROOF === 'off' || config.RECADO_REGISTRATION !== 'open') return;
  const missing = (['RECADO_SMTP_URL', 'RECADO_MAIL_FROM'] as const).filter((variable) => !config[variable]);
  if (missing.length === 0) return;
  const message =
    'is required: open registration proves e-mails. Else set RECADO_REGISTRATION=invite or closed, or RECADO_EMAIL_PROOF=off';
  throw new ConfigError(missing.map((variable) => ({ variable, message })));
}
