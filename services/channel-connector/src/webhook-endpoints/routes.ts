import { connectorApi, uuid } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound, serve, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { createEndpoint } from './create.ts';
import { removeEndpoint } from './remove.ts';
import { rotateSecret } from './rotate.ts';
import { countEndpoints, selectEndpoint, selectEndpoints } from './store.ts';
import { updateEndpoint } from './update.ts';
import { viewEndpoint } from './views.ts';

const walk = walkOf('webhook-endpoints', { id: uuid() });

export function webhookEndpointRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, connectorApi.createWebhookEndpoint, async ({ caller, origin, body }) =>
    createEndpoint(deps, caller, origin, body),
  );

  serve(app, connectorApi.listWebhookEndpoints, async ({ caller: { tenantId }, query }) => {
    const [rows, [count]] = await readTenant(db, tenantId, (tx) => [
      selectEndpoints(tx, tenantId, query.channelId, walk.slice(query)),
      countEndpoints(tx, tenantId, query.channelId),
    ]);
    const { items, nextCursor } = walk.page(rows, query.limit, ({ id }) => ({ id }));
    return { items: items.map(viewEndpoint), total: count!.total, nextCursor };
  });

  serve(app, connectorApi.getWebhookEndpoint, async ({ caller, params }) => {
    const [[row]] = await readTenant(db, caller.tenantId, (tx) => [
      selectEndpoint(tx, caller.tenantId, params.endpointId),
    ]);
    if (!row) throw new NotFound('webhook_endpoint', params.endpointId);
    return viewEndpoint(row);
  });

  serve(app, connectorApi.updateWebhookEndpoint, async ({ caller, origin, params, body }) =>
    updateEndpoint(deps, caller, origin, params.endpointId, body),
  );

  serve(app, connectorApi.deleteWebhookEndpoint, async ({ origin, params }) => {
    await removeEndpoint(deps, origin, params.endpointId);
  });

  serve(app, connectorApi.rotateWebhookSecret, async ({ origin, params, body }) =>
    rotateSecret(deps, origin, params.endpointId, body.overlapHours),
  );
}
