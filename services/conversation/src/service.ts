import { defineService, type RunningService } from '@recado/service';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/index.ts';
import { createDeps } from './create-deps.ts';
import type { Deps } from './deps.ts';
import { prune } from './prune.ts';
import { routes } from './routes.ts';

export type RunningConversation = RunningService<Deps>;

export const startConversation = defineService<Config, Deps>({
  name: 'conversation',
  pools: { worker: 6 },
  deps: createDeps,
  routes,
  consumers: startConsumers,
  prune,
});
