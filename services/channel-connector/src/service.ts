import { defineService, type RunningService } from '@recado/service';
import { channelRoutes } from './channels/routes.ts';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/index.ts';
import { createDeps, type StartOptions } from './create-deps.ts';
import { deliveryRoutes } from './deliveries/routes.ts';
import { pruneDeliveries } from './deliveries/store.ts';
import type { Deps } from './deps.ts';
import { dispatchRoutes } from './dispatches/routes.ts';
import { pruneAttempts } from './dispatches/sending/attempts.ts';
import { fileRoutes } from './files/routes.ts';
import { sweepFiles } from './files/sweep.ts';
import { pruneLookUps } from './groups/store.ts';
import { pruneProviderFiles } from './provider-files/store.ts';
import { receiptRoutes } from './receipts/routes.ts';
import { pruneReceipts } from './receipts/store.ts';
import { templateRoutes } from './templates/routes.ts';
import { webhookEndpointRoutes } from './webhook-endpoints/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

export type RunningConnector = RunningService<Deps>;

export const startChannelConnector = defineService<Config, Deps, StartOptions>({
  name: 'channel-connector',
  deps: createDeps,
  routes: [
    channelRoutes,
    dispatchRoutes,
    fileRoutes,
    receiptRoutes,
    templateRoutes,
    webhookRoutes,
    webhookEndpointRoutes,
    deliveryRoutes,
  ],
  consumers: startConsumers,
  prune: (deps) => {
    const { sql } = deps.workerDb;
    return Promise.all([
      pruneAttempts(sql),
      pruneDeliveries(sql),
      pruneReceipts(sql),
      pruneLookUps(sql),
      sweepFiles(deps),
      pruneProviderFiles(sql),
    ]);
  },
  redis: ({ pace }) => pace.redis,
  uses: ({ providers, storage }) => ({
    ...Object.fromEntries([...providers.values()].flatMap(({ name, reach }) => (reach ? [[name, reach]] : []))),
    storage: () => storage.check(),
  }),
});
