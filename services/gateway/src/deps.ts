import type { Logger, ObserveRequest, ReadyChecks, Registry } from '@recado/service-kit';
import type { Redis } from 'ioredis';
import type { ApiKeys } from './auth/api-keys.ts';
import type { KeySource } from './auth/keys.ts';
import type { Revocations } from './auth/revocations.ts';
import type { SettleProof } from './auth/settle-proof.ts';
import type { Clients } from './clients.ts';
import type { GatewayConfig } from './config.ts';
import type { Uploads } from './edge/server/uploads.ts';
import type { FilesClient } from './files/client.ts';
import type { MediaLinks } from './files/links.ts';
import type { HealthReporter } from './health.ts';
import type { Directory } from './hydration/directory.ts';
import type { AnswerOnce } from './idempotency/answer-once.ts';
import type { ImportsClient } from './imports/client.ts';
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
  /** Of access tokens. */
  keys: KeySource;
  revocations: Revocations;
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
  /** Bytes of files, from and to the connector. */
  files: FilesClient;
  /** Bytes of files of contacts, to conversation. */
  imports: ImportsClient;
  mediaLinks: MediaLinks;
  webhooks: { collector: WebhookCollector; counters: { accepted(status: number): void } };
  health: HealthReporter;
  /** What /health/ready asks. A part that the gateway cannot serve without adds a check. */
  ready: ReadyChecks;
}
