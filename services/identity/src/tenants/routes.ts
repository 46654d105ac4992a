import { identityApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { getTenant, tenantView } from './store.ts';

export function tenantRoutes(app: FastifyInstance, { db }: Deps): void {
  serve(app, identityApi.getTenant, async ({ caller }) => tenantView(await getTenant(db, caller.tenantId)));
}
