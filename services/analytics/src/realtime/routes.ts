import { analyticsApi } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { findRealtime } from './store.ts';

export function realtimeRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, analyticsApi.getRealtime, async ({ caller }) =>
    withTenant(deps.db, caller.tenantId, (tx) =>
      findRealtime(tx, caller.tenantId, deps.now(), deps.config.RECADO_DEFAULT_TIMEZONE),
    ),
  );
}
