import { withWorker } from '@recado/database';
import { defineService, type RunningService } from '@recado/service';
import { boardRoutes } from './boards/routes.ts';
import { campaignRoutes } from './campaigns/routes.ts';
import { cannedAnswerRoutes } from './canned-answers/routes.ts';
import { pruneVersions } from './changes/store.ts';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/index.ts';
import { contactRoutes } from './contacts/routes.ts';
import { conversationRoutes } from './conversations/routes.ts';
import { createDeps } from './create-deps.ts';
import { customFieldRoutes } from './custom-fields/routes.ts';
import type { Deps } from './deps.ts';
import { draftRoutes } from './drafts/routes.ts';
import { pruneDrafts } from './drafts/store.ts';
import { pruneDigests } from './erasures/known-store.ts';
import { exportRoutes } from './exports/routes.ts';
import { pruneFiles } from './files/store.ts';
import { groupRoutes } from './groups/routes.ts';
import { importRoutes } from './imports/routes.ts';
import { sweepSpool } from './imports/spool.ts';
import { pruneImports } from './imports/store.ts';
import { macroRoutes } from './macros/routes.ts';
import { pruneKeys } from './messages/keys.ts';
import { messageRoutes } from './messages/routes.ts';
import { noteRoutes } from './notes/routes.ts';
import { ruleRoutes } from './rules/routes.ts';
import { pruneRuns } from './rules/store.ts';
import { scheduledMessageRoutes } from './scheduled/routes.ts';
import { pruneScheduled } from './scheduled/store.ts';
import { orderBackfills } from './search/backfill.ts';
import { searchRoutes } from './search/routes.ts';
import { pruneStatuses } from './statuses/store.ts';
import { pruneUncertain } from './statuses/uncertain.ts';
import { surveyRoutes } from './surveys/routes.ts';
import { tagRoutes } from './tags/routes.ts';
import { taskRoutes } from './tasks/routes.ts';
import { usageRoutes } from './usage/routes.ts';

export type RunningConversation = RunningService<Deps>;

export const startConversation = defineService<Config, Deps>({
  name: 'conversation',
  pools: { worker: 6 },
  deps: createDeps,
  routes: [
    conversationRoutes,
    messageRoutes,
    contactRoutes,
    groupRoutes,
    exportRoutes,
    importRoutes,
    customFieldRoutes,
    tagRoutes,
    cannedAnswerRoutes,
    draftRoutes,
    scheduledMessageRoutes,
    noteRoutes,
    taskRoutes,
    surveyRoutes,
    boardRoutes,
    campaignRoutes,
    ruleRoutes,
    macroRoutes,
    searchRoutes,
    usageRoutes,
  ],
  consumers: startConsumers,
  prune: async (deps) => {
    const { workerDb } = deps;
    await orderBackfills(deps);
    await sweepSpool();
    await withWorker(workerDb, async (tx) => {
      await pruneKeys(tx);
      await pruneStatuses(tx);
      await pruneUncertain(tx);
      await pruneVersions(tx);
      await pruneFiles(tx);
      await pruneImports(tx);
      await pruneDigests(tx);
      await pruneDrafts(tx);
      await pruneScheduled(tx);
      await pruneRuns(tx);
    });
  },
});
