import type { Logger, ObserveRequest, ReadyChecks, Registry } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import type { ApiKeys } from './auth/api-keys.ts';
import type { SettleProof } from './auth/settle-proof.ts';
import type { VerifyToken } from './auth/verify-token.ts';
import type { Clients } from './clients.ts';
import type { GatewayConfig } from './config.ts';
import type { Uploads } from './edge/uploads.ts';
import type { HealthReporter } from './health.ts';
import type { Directory } from './hydration/directory.ts';
import type { AnswerOnce } from './idempotency/answer-once.ts';
import type { Limits } from './limits/limits.ts';
import type { FindPlan } from './limits/plans.ts';
import type { RedisGate } from './limits/redis-gate.ts';
import type { WebhookCollector } from './webhooks/collector.ts';

/** Everything the gateway's rooms work with; made in create-deps.ts. */
export interface GatewayDeps {
  config: GatewayConfig;
  log: Logger;
  registry: Registry;
  /** Measures an answered request. */
  observe: ObserveRequest;
  clients: Clients;
  redis: Redis;
  redisGate: RedisGate;
  /** The check of an access token, revocation included: for sockets. */
  verifyToken: VerifyToken;
  /** The same without revocation, which `limits` look up for requests. */
  readToken: VerifyToken;
  settleProof: SettleProof;
  apiKeys: ApiKeys;
  limits: Limits;
  findPlan: FindPlan;
  /** Idempotency-Key. */
  answerOnce: AnswerOnce;
  /**
   * Names of agents and channels, tenants' time zones: fetched in one call each, kept for seconds.
   */
  directory: Directory;
  /** Bodies that are being read. */
  uploads: Uploads;
  webhooks: { collector: WebhookCollector; counters: { accepted(status: number): void } };
  health: HealthReporter;
  /**
   * What /health/ready asks; whoever starts something the gateway can't serve without adds a check.
   */
  ready: ReadyChecks;
}
