import { getThread } from '@recado/contracts';
import { createTenantDirectory } from '@recado/database';
import { runs, startJobs } from '@recado/jobs';
import type { BaseDeps, ServiceOptions } from '@recado/service';
import { type Closing, createClient, createIdentitySource, createKeyedSemaphore } from '@recado/service-kit';
import type { Config } from './config.ts';
import { createPolicies } from './configs/policies.ts';
import type { Deps, ReplyDeps } from './deps.ts';
import { createMetrics } from './metrics.ts';
import { createModel } from './model/client.ts';
import { startAdoption } from './replies/adopt.ts';
import { replyJob } from './replies/job.ts';
import { DEFAULT_PAUSES_MS, runReply } from './replies/run.ts';
import { createWriting } from './replies/writing.ts';

export interface StartOptions extends ServiceOptions {
  /** Deadline of one call of the model. */
  modelTimeoutMs?: number;
  worker?: { leaseMs?: number; pollMs?: number; pausesMs?: readonly number[] };
}

const MODEL_TIMEOUT_MS = 20_000;
/** Of all tenants; beyond it a trial is refused at once. */
const MAX_WAITING_TRIALS = 200;

/** Makes what ai-responder works with, and starts the jobs of replies. */
export function createDeps(base: BaseDeps<Config>, closing: Closing, options: StartOptions): Deps {
  const { config, internalTokens: tokens } = base;
  const identity = createIdentitySource({ baseUrl: config.RECADO_IDENTITY_URL, tokens });
  const conversation = createClient(
    { getThread },
    {
      name: 'conversation',
      baseUrl: config.RECADO_CONVERSATION_URL,
      tokens,
    },
  );
  const model = createModel({
    baseUrl: config.RECADO_OPENAI_BASE_URL,
    apiKey: config.RECADO_OPENAI_API_KEY,
    allowPrivate: config.RECADO_ALLOW_PRIVATE_URLS,
    // Replies and trials have connections of their own: neither waits for the other.
    connections: config.RECADO_AI_CONCURRENCY + config.RECADO_AI_TRIALS,
    timeoutMs: options.modelTimeoutMs ?? MODEL_TIMEOUT_MS,
  });
  const policies = createPolicies(base.bus);
  const writing = createWriting(base.bus);
  const tenants = createTenantDirectory(base.db, identity.askTenant);
  const shared = { ...base, metrics: createMetrics(base.registry), tenants, policies, model, writing, conversation };
  const replies = startReplies(shared, options.worker);
  closing.afterConsumers('replies', () => replies.stop());
  closing.afterConsumers('policies', () => policies.stop());
  closing.afterConsumers('writing', () => writing.stop());
  closing.last('clients', () => Promise.all([conversation.close(), identity.close(), model.close()]));
  const trials = { byTenant: createKeyedSemaphore(MAX_WAITING_TRIALS), all: createKeyedSemaphore(MAX_WAITING_TRIALS) };
  return { ...shared, trials };
}

function startReplies(deps: ReplyDeps, { leaseMs, pollMs, pausesMs = DEFAULT_PAUSES_MS }: StartOptions['worker'] = {}) {
  const { workerDb, db, log, registry, config } = deps;
  const adoption = startAdoption(deps);
  const jobs = startJobs({
    db: workerDb.sql,
    writers: [db.sql],
    log,
    registry,
    pollMs,
    jobs: [
      runs(replyJob, (job) => runReply(deps, job, pausesMs), {
        concurrency: config.RECADO_AI_CONCURRENCY,
        lease: leaseMs,
      }),
    ],
  });
  return { stop: () => Promise.all([adoption.stop(), jobs.stop()]) };
}
