import { EDITIONS } from '@recado/contracts';
import { connect } from '@recado/database';
import { connectBus, startRelay } from '@recado/messaging';
import {
  createInternalTokens,
  createLogger,
  createRegistry,
  createSealer,
  serviceChecks,
  stopInOrder,
} from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import { type Config, requireMailServer } from './config.ts';
import { startConsumers } from './consumers/start-consumers.ts';
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
import { createAccessTokens } from './tokens/access.ts';

export interface Identity {
  url: string;
  app: FastifyInstance;
  stop(): Promise<void>;
}

export interface MailTimes {
  deadlineMs: number;
  leaseMs: number;
  firstPauseMs: number;
}

const MAIL_TIMES: MailTimes = { deadlineMs: 20_000, leaseMs: 60_000, firstPauseMs: 10_000 };

export interface StartOptions {
  validateResponses?: boolean;
  mail?: Partial<MailTimes>;
}

/** Starts identity: pools, bus, relay, consumers, HTTP. @throws when the port is taken or NATS stays away at the start */
export async function startIdentity(config: Config, options: StartOptions = {}): Promise<Identity> {
  requireMailServer(config);
  const log = createLogger({ name: 'identity', level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const registry = createRegistry('identity');
  const sealer = createSealer(config.RECADO_SECRETS_KEYS);
  const tokens = createAccessTokens(config.RECADO_JWT_PRIVATE_KEY, config.RECADO_JWT_KEY_ID);
  const db = connect({ url: config.DATABASE_URL, name: 'identity' });
  const workerDb = connect({ url: config.DATABASE_WORKER_URL, name: 'identity-worker', max: 5 });
  const bus = await connectBus({ url: config.NATS_URL, name: 'identity', log });
  const relay = startRelay({ db: workerDb.sql, writers: [db.sql], bus, service: 'identity', log, registry });
  const redis = await connectRedis(config.REDIS_URL, log);
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
  const hashing = startHashing(log);
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
  const deps: Deps = {
    db,
    workerDb,
    log,
    config,
    tokens,
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
  const consumers = startConsumers(deps, { bus, log, registry });
  const app = buildApp(deps, {
    log,
    registry,
    tokens: createInternalTokens('identity', config),
    ready: serviceChecks({ name: 'identity', db, workerDb, bus, relay, consumers, redis }),
    validateResponses: options.validateResponses,
  });
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  log.info({ url }, 'identity listens');
  return {
    url,
    app,
    stop: () =>
      stopInOrder(
        [
          ['http', () => app.close()],
          ['consumers', () => Promise.all(consumers.map((consumer) => consumer.stop()))],
          ['background', () => background.drain()],
          ['mails', () => mails.stop()],
          ['hashing', () => hashing.close()],
          ['relay', () => relay.stop()],
          ['nats', () => bus.close()],
          ['redis', () => redis.disconnect()],
          ['postgres', () => Promise.all([db.close(), workerDb.close()])],
        ],
        log,
      ),
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
