import { conversationApi } from '@recado/contracts';
import { createTenantDirectory } from '@recado/database';
import type { BaseDeps, Closing, ServiceOptions } from '@recado/service';
import { createClient, createTenantSource, createTurns } from '@recado/service-kit';
import type { Config } from './config.ts';
import { createPolicies } from './configs/policies.ts';
import type { Deps } from './deps.ts';
import { createMetrics } from './metrics.ts';
import { createModel } from './model/client.ts';
import { startWorker, type WorkerOptions } from './replies/worker.ts';

export interface StartOptions extends ServiceOptions {
  /** Deadline of one call of the model. */
  modelTimeoutMs?: number;
  worker?: Pick<WorkerOptions, 'leaseMs' | 'pollMs' | 'pausesMs'>;
}

const MODEL_TIMEOUT_MS = 20_000;
/** Of all tenants; beyond it a trial is refused at once. */
const MAX_WAITING_TRIALS = 200;

/** Makes what ai-responder works with, and starts the worker of replies. */
export function createDeps(base: BaseDeps<Config>, closing: Closing, options: StartOptions): Deps {
  const { config, internalTokens: tokens } = base;
  const identity = createTenantSource({ baseUrl: config.RECADO_IDENTITY_URL, tokens });
  const conversation = createClient(conversationApi, {
    name: 'conversation',
    baseUrl: config.RECADO_CONVERSATION_URL,
    tokens,
  });
  const model = createModel({
    baseUrl: config.RECADO_OPENAI_BASE_URL,
    apiKey: config.RECADO_OPENAI_API_KEY,
    allowPrivate: config.RECADO_ALLOW_PRIVATE_URLS,
    // Replies and trials have connections of their own: neither waits for the other.
    connections: config.RECADO_AI_CONCURRENCY + config.RECADO_AI_TRIALS,
    timeoutMs: options.modelTimeoutMs ?? MODEL_TIMEOUT_MS,
  });
  const policies = createPolicies(base.bus);
  const tenants = createTenantDirectory(base.db, identity.ask);
  const shared = { ...base, metrics: createMetrics(base.registry), tenants, policies, model, conversation };
  const replies = startWorker(shared, { concurrency: config.RECADO_AI_CONCURRENCY, ...options.worker });
  closing.afterConsumers('replies', () => replies.stop());
  closing.afterConsumers('policies', () => policies.stop());
  closing.last('clients', () => Promise.all([conversation.close(), identity.close(), model.close()]));
  const trials = { byTenant: createTurns(MAX_WAITING_TRIALS), all: createTurns(MAX_WAITING_TRIALS) };
  return { ...shared, replies, trials };
}
