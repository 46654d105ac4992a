import { defineService, type RunningService } from '@recado/service';
import { apiKeyRoutes } from './api-keys/routes.ts';
import type { Config } from './config.ts';
import { startConsumers } from './consumers/index.ts';
import { createDeps, type StartOptions } from './create-deps.ts';
import type { Deps } from './deps.ts';
import { notificationRoutes } from './notifications/routes.ts';
import { passwordRoutes } from './passwords/routes.ts';
import { presenceRoutes } from './presence/routes.ts';
import { proofRoutes } from './proofs/routes.ts';
import { registrationRoutes } from './registrations/routes.ts';
import { roleRoutes } from './roles/routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { systemRoutes } from './system/routes.ts';
import { tenantRoutes } from './tenants/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';
import { twoFactorRoutes } from './two-factor/routes.ts';
import { userRoutes } from './users/routes.ts';

export type Identity = RunningService<Deps>;

export const startIdentity = defineService<Config, Deps, StartOptions>({
  name: 'identity',
  pools: { worker: 5 },
  deps: createDeps,
  routes: [
    registrationRoutes,
    proofRoutes,
    sessionRoutes,
    passwordRoutes,
    twoFactorRoutes,
    apiKeyRoutes,
    tenantRoutes,
    userRoutes,
    roleRoutes,
    presenceRoutes,
    notificationRoutes,
    tokenRoutes,
    systemRoutes,
  ],
  consumers: startConsumers,
  redis: ({ redis }) => redis,
});
