import { defineService, type RunningService } from '@recado/service';
import { channelRoutes } from './channels/routes.ts';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/index.ts';
import { createDeps, type StartOptions } from './create-deps.ts';
import { deliveryRoutes } from './deliveries/routes.ts';
import type { Deps } from './deps.ts';
import { dispatchRoutes } from './dispatches/routes.ts';
import { fileRoutes } from './files/routes.ts';
import { prune } from './prune.ts';
import { receiptRoutes } from './receipts/routes.ts';
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
  prune,
  redis: ({ pace }) => pace.redis,
  uses: ({ providers, storage }) => ({
    ...Object.fromEntries([...providers.values()].flatMap(({ name, reach }) => (reach ? [[name, reach]] : []))),
    storage: () => storage.check(),
  }),
});
