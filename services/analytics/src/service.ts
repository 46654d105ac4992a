import { withWorker } from '@recado/database';
import { defineService, type RunningService } from '@recado/service';
import { pruneAudit } from './audit/prune.ts';
import { auditRoutes } from './audit/routes.ts';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/index.ts';
import { pruneMinutes } from './counts/store.ts';
import { dailyRoutes } from './daily/routes.ts';
import type { Deps } from './deps.ts';
import { startAnnouncer } from './realtime/announce.ts';
import { realtimeRoutes } from './realtime/routes.ts';

export type Analytics = RunningService<Deps>;

export const startAnalytics = defineService<Config, Deps>({
  name: 'analytics',
  pools: { requests: 4, worker: 8 },
  deps(base, closing) {
    const announcer = startAnnouncer(base);
    closing.afterConsumers('announcer', () => announcer.stop());
    return { ...base, announcer };
  },
  routes: [realtimeRoutes, dailyRoutes, auditRoutes],
  consumers: startConsumers,
  async prune(deps) {
    await withWorker(deps.workerDb, (tx) => pruneMinutes(tx, deps.now()));
    await pruneAudit(deps);
  },
});
