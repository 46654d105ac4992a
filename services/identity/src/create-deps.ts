import { EDITIONS } from '@recado/contracts';
import type { BaseDeps, ServiceOptions } from '@recado/service';
import { type Closing, createSealer } from '@recado/service-kit';
import { type Config, requireMailServer } from './config.ts';
import type { Deps } from './deps.ts';
import { createBackground } from './logins/background.ts';
import { createLoginLimits } from './logins/limits.ts';
import { createMemoryAttempts } from './logins/memory-attempts.ts';
import { createRedisAttempts } from './logins/redis-attempts.ts';
import { type MailLoop, type MailLoopOptions, startMailLoop } from './mails/loop.ts';
import { pruneMails } from './mails/store.ts';
import { createMailTransport } from './mails/transport.ts';
import { createPasswords } from './passwords/hasher.ts';
import { startHashing } from './passwords/hashing.ts';
import { removeExpired } from './proofs/expire.ts';
import { connectRedis } from './redis.ts';
import { createRevocations } from './sessions/revocations.ts';
import { listRevokedSessions } from './sessions/store.ts';
import { readAccessKey } from './tokens/access.ts';

interface MailTimes {
  deadlineMs: number;
  leaseMs: number;
  firstPauseMs: number;
}

const MAIL_TIMES: MailTimes = { deadlineMs: 20_000, leaseMs: 60_000, firstPauseMs: 10_000 };

export interface StartOptions extends ServiceOptions {
  mail?: Partial<MailTimes>;
}

/**
 * Makes what identity works with, and starts hashing and mails. @throws ConfigError when mails
 * can't be sent
 */
export async function createDeps(base: BaseDeps<Config>, closing: Closing, options: StartOptions): Promise<Deps> {
  const { config, log, registry, db, workerDb } = base;
  requireMailServer(config);
  const sealer = createSealer(config.RECADO_SECRETS_KEYS);
  const redis = await connectRedis(config.REDIS_URL, log);
  closing.last('redis', () => redis.disconnect());
  const revocations = createRevocations({ redis, list: () => listRevokedSessions(workerDb, EDITIONS), log });
  const windowMs = config.RECADO_LOGIN_WINDOW * 1000;
  const logins = createLoginLimits({
    tries: config.RECADO_LOGIN_TRIES,
    triesPerIp: config.RECADO_LOGIN_TRIES_PER_IP,
    shared: createRedisAttempts(redis, { windowMs }),
    own: createMemoryAttempts({ windowMs }),
    log,
    registry,
  });
  const background = createBackground(log);
  const hashing = startHashing(log, { niceness: config.RECADO_PASSWORD_NICE });
  const mails = startMails({ ...MAIL_TIMES, ...options.mail }, config, {
    workerDb,
    sealer,
    log,
    registry,
    housekeeping: async () => {
      await removeExpired({ db, workerDb, revocations });
      await pruneMails(workerDb);
    },
  });
  closing.afterConsumers('background', () => background.drain());
  closing.afterConsumers('mails', () => mails.stop());
  closing.afterConsumers('hashing', () => hashing.close());
  return {
    ...base,
    redis,
    accessKey: readAccessKey(config.RECADO_JWT_PRIVATE_KEY, config.RECADO_JWT_KEY_ID),
    revocations,
    logins,
    sealer,
    background,
    mails,
    passwords: createPasswords({
      hashing,
      concurrency: config.RECADO_PASSWORD_CONCURRENCY,
      maxWaiting: config.RECADO_PASSWORD_QUEUE,
    }),
  };
}

function startMails(
  { deadlineMs, leaseMs, firstPauseMs }: MailTimes,
  { RECADO_SMTP_URL: url, RECADO_MAIL_FROM: from, RECADO_CONFIRM_URL: confirmUrl }: Config,
  given: Pick<MailLoopOptions, 'workerDb' | 'sealer' | 'log' | 'registry' | 'housekeeping'>,
): MailLoop {
  const send = url && from ? createMailTransport({ url, from, deadlineMs }) : null;
  return startMailLoop({ ...given, send, confirmUrl: confirmUrl ?? null, firstPauseMs, leaseMs });
}
