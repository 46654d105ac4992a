import { createTenantDirectory, createUserDirectory } from '@recado/database';
import type { BaseDeps } from '@recado/service';
import { type Closing, createFairSemaphore, createIdentitySource } from '@recado/service-kit';
import { createChannels } from './channels.ts';
import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import { SEND_PLACES } from './messages/sending/accept.ts';
import { createMetrics } from './metrics.ts';

export function createDeps(base: BaseDeps<Config>, closing: Closing): Deps {
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
}
