import { connectorApi } from '@recado/contracts';
import { requirePermission, serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { getDispatch, getQueue } from './history.ts';

export function dispatchRoutes(app: FastifyInstance, { db, now }: Deps): void {
  serve(app, connectorApi.getDispatch, async ({ caller, params }) => {
    requirePermission(caller, 'messages.read');
    return getDispatch(db, caller.tenantId, params.messageId);
  });

  serve(app, connectorApi.getQueue, async ({ caller }) => {
    requirePermission(caller, 'whatsapp.numbers.read');
    return getQueue(db, caller.tenantId, now());
  });
}
