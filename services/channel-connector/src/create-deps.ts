import { createTenantDirectory } from '@recado/database';
import { runs, startJobs } from '@recado/jobs';
import type { BaseDeps, ServiceOptions } from '@recado/service';
import { type Closing, createGuardedDispatcher, createIdentitySource, createSealer } from '@recado/service-kit';
import { createChannelCheck } from './channels/checks/check.ts';
import { createCheckSoon } from './channels/checks/check-soon.ts';
import { createDirectory } from './channels/directory.ts';
import { startTotals } from './channels/totals.ts';
import type { Config } from './config.ts';
import { createDeliveries } from './deliveries/create-deliveries.ts';
import type { Deps } from './deps.ts';
import { startJanitor } from './dispatches/janitor.ts';
import { createPace } from './dispatches/pace/pace.ts';
import { startSender } from './dispatches/sending/sender.ts';
import { createConverter } from './files/convert/converter.ts';
import { fileRuns } from './files/jobs.ts';
import { createSpool } from './files/spool.ts';
import { openStorage } from './files/storage/open-storage.ts';
import { lookUpJob } from './groups/job.ts';
import { createKnownGroups } from './groups/order-look-ups.ts';
import { lookUpGroup } from './groups/run.ts';
import { historyJob } from './history/job.ts';
import { readHistory } from './history/run.ts';
import { createConnectorMetrics } from './metrics.ts';
import { createProviders } from './providers/index.ts';
import type { Provider } from './providers/provider.ts';
import { receiptJob } from './receipts/job.ts';
import { sendReceipt } from './receipts/run.ts';
import { createTypingSigns } from './receipts/typing.ts';
import { templatesJob } from './templates/job.ts';
import { readTemplates } from './templates/read.ts';
import { startKnownEndpoints } from './webhook-endpoints/known.ts';
import { createInboundLimits } from './webhooks/inbound-limits.ts';
import { createStoreGroup } from './webhooks/store-group.ts';

export interface StartOptions extends ServiceOptions {
  /** Drivers of tests. */
  providers?: readonly Provider[];
}

/** Makes what the connector works with, and starts the sender and the janitor. */
export function createDeps(base: BaseDeps<Config>, closing: Closing, options: StartOptions): Deps {
  const { config, log, registry, db, workerDb, internalTokens } = base;
  const dispatcher = (allowPrivate: boolean) =>
    createGuardedDispatcher({
      allowPrivate,
      timeoutMs: config.RECADO_SEND_TIMEOUT_MS,
      // One each: a send must never wait for another's connection.
      connections: config.RECADO_SEND_CONCURRENCY,
    });
  const dispatchers = { guarded: dispatcher(config.RECADO_ALLOW_PRIVATE_URLS), open: dispatcher(true) };
  const providers = createProviders(config, dispatchers, options.providers);
  const identity = createIdentitySource({ baseUrl: config.RECADO_IDENTITY_URL, tokens: internalTokens });
  const metrics = createConnectorMetrics(registry);
  const sealer = createSealer(config.RECADO_SECRETS_KEYS);
  const directory = createDirectory({ ...base, sealer, providers });
  const totals = startTotals(workerDb, log);
  const check = createChannelCheck({ ...base, sealer, directory, providers });
  const checkSoon = createCheckSoon(check, log);
  const pace = createPace(config.REDIS_URL, log);
  const inbound = createInboundLimits(config.REDIS_URL, config.RECADO_RATE_LIMIT_FACTOR, log);
  const group = createStoreGroup({ workerDb, metrics, totals, knownGroups: createKnownGroups() });
  const files = openFiles(config, closing);
  const sender = startSender({ ...base, ...files, metrics, directory, totals, check, pace });
  const knownEndpoints = startKnownEndpoints({ workerDb, bus: base.bus, log, sealer });
  const deliveries = createDeliveries({ ...base, metrics, sealer });
  const receipts = runs(receiptJob, (job) => sendReceipt({ workerDb, directory, metrics, now: base.now }, job));
  const typing = createTypingSigns({ directory, now: base.now });
  const lookUps = runs(lookUpJob, (job) => lookUpGroup({ directory, now: base.now }, job));
  const history = runs(historyJob, (job) => readHistory({ ...base, directory, group }, job));
  const tenants = createTenantDirectory(db, identity.askTenant);
  const templates = runs(templatesJob, (job) => readTemplates({ ...base, sealer, providers }, job));
  const jobs = startJobs({
    db: workerDb.sql,
    writers: [db.sql],
    log,
    registry,
    jobs: [
      ...deliveries.runs,
      receipts,
      templates,
      lookUps,
      history,
      ...fileRuns({ ...base, ...files, metrics, directory, tenants, sender }),
    ],
  });
  const janitor = startJanitor({ ...base, metrics, sealer, providers, check, sender });

  closing.afterHttp('webhooks', () => Promise.all([group.drain(), checkSoon.drain(), typing.drain()]));
  closing.afterConsumers('sender', () => Promise.all([sender.stop(), janitor.stop().then(() => check.drain())]));
  closing.afterConsumers('totals', () => totals.stop());
  closing.afterConsumers('jobs', () => Promise.all([jobs.stop(), knownEndpoints.stop()]));
  closing.last('connections', () =>
    Promise.all([
      pace.close(),
      inbound.close(),
      dispatchers.guarded.destroy(),
      dispatchers.open.destroy(),
      deliveries.close(),
      identity.close(),
    ]),
  );
  const channels = { sealer, directory, tenants, providers, totals, check, checkSoon };
  return { ...base, ...channels, ...files, metrics, pace, sender, group, inbound, knownEndpoints, typing };
}

/** The storage of files, and what works on them on this machine. */
function openFiles(config: Config, closing: Closing): Pick<Deps, 'storage' | 'spool' | 'converter'> {
  const storage = openStorage(config.RECADO_MEDIA_URL, config.RECADO_MEDIA_S3_KEY);
  const converter = createConverter();
  closing.last('storage', () => Promise.all([converter.close(), storage.close()]));
  return { storage, spool: createSpool(config.RECADO_MEDIA_SPOOL ?? storage.spool), converter };
}
