import { connectorApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { findDispatches, getDispatch, getQueue } from './history.ts';

export function dispatchRoutes(app: FastifyInstance, { db, now, pace }: Deps): void {
  serve(app, connectorApi.getDispatch, async ({ caller, params }) => {
    return getDispatch(db, caller.tenantId, params.messageId);
  });

  serve(app, connectorApi.listDispatchesByIds, async ({ caller, query }) => {
    return { items: await findDispatches(db, caller.tenantId, query.ids) };
  });

  serve(app, connectorApi.getQueue, async ({ caller }) => {
    return getQueue(db, pace.redis, caller.tenantId, now());
  });
}
