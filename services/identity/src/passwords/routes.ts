import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { requireLiveUser } from '../sessions/require-live.ts';
import { changePassword } from './change.ts';

export function passwordRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, identityApi.changePassword, async ({ caller, body, origin }) => {
    await changePassword(deps, caller.tenantId, await requireLiveUser(deps, caller), body, origin);
    return null;
  });
}
