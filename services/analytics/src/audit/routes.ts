import { analyticsApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { listAudit } from './list.ts';

export function auditRoutes(app: FastifyInstance, { db }: Deps): void {
  serve(app, analyticsApi.listAudit, async ({ caller, query }) => listAudit(db, caller.tenantId, query));
}
