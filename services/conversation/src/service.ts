import { createTenantDirectory, createUserDirectory, withWorker } from '@recado/database';
import { defineService, type RunningService } from '@recado/service';
import { createFairSemaphore, createIdentitySource } from '@recado/service-kit';
import { pruneVersions } from './changes/store.ts';
import { createChannels } from './channels.ts';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/index.ts';
import { contactRoutes } from './contacts/routes.ts';
import { conversationRoutes } from './conversations/routes.ts';
import type { Deps } from './deps.ts';
import { groupRoutes } from './groups/routes.ts';
import { SEND_PLACES } from './messages/accept.ts';
import { pruneKeys } from './messages/keys.ts';
import { messageRoutes } from './messages/routes.ts';
import { createMetrics } from './metrics.ts';
import { pruneStatuses } from './statuses/store.ts';
import { usageRoutes } from './usage/routes.ts';

export type RunningConversation = RunningService<Deps>;

export const startConversation = defineService<Config, Deps>({
  name: 'conversation',
  pools: { worker: 6 },
  deps(base, closing) {
    const { config, internalTokens: tokens } = base;
    const channels = createChannels({ baseUrl: config.RECADO_CHANNEL_CONNECTOR_URL, tokens });
    const identity = createIdentitySource({ baseUrl: config.RECADO_IDENTITY_URL, tokens });
    closing.last('clients', () => Promise.all([channels.close(), identity.close()]));
    return {
      ...base,
      channels,
      tenants: createTenantDirectory(base.db, identity.askTenant),
      users: createUserDirectory(base.db, identity.askUser),
      sends: createFairSemaphore(SEND_PLACES),
      metrics: createMetrics(base.registry),
    };
  },
  routes: [conversationRoutes, messageRoutes, contactRoutes, groupRoutes, usageRoutes],
  consumers: startConsumers,
  prune: ({ workerDb }) =>
    withWorker(workerDb, async (tx) => {
      await pruneKeys(tx);
      await pruneStatuses(tx);
      await pruneVersions(tx);
    }),
});
