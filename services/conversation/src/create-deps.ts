import { createTenantDirectory, createUserDirectory } from '@recado/database';
import { runs, startJobs } from '@recado/jobs';
import { createFairSemaphore } from '@recado/loops';
import type { BaseDeps } from '@recado/service';
import { type Closing, createIdentitySource } from '@recado/service-kit';
import { createAgentSource } from './agents/ask.ts';
import { adoptJob, freeJob } from './campaigns/jobs.ts';
import { runAdoption, runFreeing } from './campaigns/run-jobs.ts';
import { createChannels } from './channels.ts';
import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import { eraseContactJob } from './erasures/job.ts';
import { runErasure } from './erasures/run.ts';
import { importJob } from './imports/job.ts';
import { runImport } from './imports/run.ts';
import { UPLOAD_PLACES } from './imports/upload.ts';
import { SEND_PLACES } from './messages/sending/accept.ts';
import { createMetrics } from './metrics.ts';
import { createNames } from './names.ts';
import { rulesJob } from './rules/job.ts';
import { runRules } from './rules/run.ts';
import { scheduledMessageJob } from './scheduled/job.ts';
import { runScheduled } from './scheduled/run.ts';
import { runBackfill } from './search/backfill.ts';
import { backfillJob } from './search/job.ts';
import { SEARCH_PLACES } from './search/search.ts';
import { surveyJob } from './surveys/job.ts';
import { runSurvey } from './surveys/run.ts';

export function createDeps(base: BaseDeps<Config>, closing: Closing): Deps {
  const { config, internalTokens: tokens } = base;
  const channels = createChannels({ baseUrl: config.RECADO_CHANNEL_CONNECTOR_URL, tokens });
  const identity = createIdentitySource({ baseUrl: config.RECADO_IDENTITY_URL, tokens });
  closing.last('clients', () => Promise.all([channels.close(), identity.close()]));
  const tenants = createTenantDirectory(base.db, identity.askTenant);
  const deps: Deps = {
    ...base,
    channels,
    tenants,
    users: createUserDirectory(base.db, identity.askUser),
    askPermissions: identity.askPermissions,
    askKeyPermissions: identity.askKeyPermissions,
    names: createNames(identity),
    uploads: createFairSemaphore(UPLOAD_PLACES),
    askAgents: createAgentSource(identity),
    sends: createFairSemaphore(SEND_PLACES),
    searches: createFairSemaphore(SEARCH_PLACES),
    metrics: createMetrics(base.registry),
  };
  const jobs = startJobs({
    db: base.workerDb.sql,
    writers: [base.db.sql],
    log: base.log,
    registry: base.registry,
    jobs: [
      runs(importJob, (job) => runImport(deps, job)),
      runs(backfillJob, runBackfill),
      runs(eraseContactJob, runErasure),
      runs(scheduledMessageJob, (job) => runScheduled(deps, job)),
      runs(surveyJob, (job) => runSurvey(deps, job)),
      runs(adoptJob, (job) => runAdoption(deps, job)),
      runs(freeJob, runFreeing),
      runs(rulesJob, (job) => runRules(deps, job)),
    ],
  });
  closing.afterConsumers('jobs', () => jobs.stop());
  return deps;
}
