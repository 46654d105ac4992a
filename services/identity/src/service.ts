import { defineService, type RunningService } from '@recado/service';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/index.ts';
import { createDeps, type StartOptions } from './create-deps.ts';
import type { Deps } from './deps.ts';
import { routes } from './routes.ts';

export type Identity = RunningService<Deps>;

export const startIdentity = defineService<Config, Deps, StartOptions>({
  name: 'identity',
  pools: { worker: 5 },
  deps: createDeps,
  routes,
  consumers: startConsumers,
  redis: ({ redis }) => redis,
});
