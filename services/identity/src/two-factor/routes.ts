import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { requireLiveUser } from '../sessions/require-live.ts';
import { beginTwoFactor } from './begin.ts';
import { disableTwoFactor } from './disable.ts';
import { verifyTwoFactor } from './verify.ts';

export function twoFactorRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.enableTwoFactor, async ({ caller, origin }) =>
    beginTwoFactor(deps, caller.tenantId, await requireLiveUser(deps, caller), origin),
  );
  serve(app, identityApi.verifyTwoFactor, async ({ caller, body, origin }) =>
    verifyTwoFactor(deps, caller.tenantId, await requireLiveUser(deps, caller), body.code, origin),
  );
  serve(app, identityApi.disableTwoFactor, async ({ caller, body, origin }) =>
    disableTwoFactor(deps, caller.tenantId, await requireLiveUser(deps, caller), body, origin),
  );
}
