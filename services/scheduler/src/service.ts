import { defineService, type RunningService } from '@recado/service';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/index.ts';
import type { Deps } from './deps.ts';
import { startTimerLoop } from './timers/loop.ts';
import { timerRoutes } from './timers/routes.ts';

export type Scheduler = RunningService<Deps>;

export const startScheduler = defineService<Config, Deps>({
  name: 'scheduler',
  pools: { requests: 5, worker: 6 },
  deps(base, closing) {
    const timers = startTimerLoop(base);
    closing.afterConsumers('timers', () => timers.stop());
    return { ...base, timers };
  },
  routes: [timerRoutes],
  consumers: startConsumers,
});
