import { withWorker } from '@recado/database';
import { defineService, type RunningService } from '@recado/service';
import { answers, type ReadyChecks } from '@recado/service-kit';
import type { Config } from './config.ts';
import { configRoutes } from './configs/routes.ts';
import { startConsumers } from './consumers/index.ts';
import { createDeps, type StartOptions } from './create-deps.ts';
import type { Deps } from './deps.ts';
import { pruneReplies } from './replies/store.ts';
import { pruneTurns } from './replies/turns.ts';
import { trialRoutes } from './trials/routes.ts';

export type AiResponder = RunningService<Deps>;

export const startAiResponder = defineService<Config, Deps, StartOptions>({
  name: 'ai-responder',
  pools: { requests: 4, worker: 8 },
  deps: createDeps,
  routes: [configRoutes, trialRoutes],
  consumers: startConsumers,
  prune: ({ workerDb }) =>
    withWorker(workerDb, async (tx) => {
      await pruneReplies(tx);
      await pruneTurns(tx);
    }),
  // Without a key it is not in use.
  uses({ config }): ReadyChecks {
    return config.RECADO_OPENAI_API_KEY ? { openai: answers(`${config.RECADO_OPENAI_BASE_URL}/models`) } : {};
  },
});
