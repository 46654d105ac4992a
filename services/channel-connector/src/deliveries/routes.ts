import { connectorApi, firstIdAt, uuid } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound, serve, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { selectEndpoint } from '../webhook-endpoints/store.ts';
import { findReplay, replayFailed, replayOne } from './replay.ts';
import { selectDeliveries, selectDelivery } from './store.ts';
import { sendTest } from './test-event.ts';
import { viewDelivery } from './views.ts';

const walk = walkOf('webhook-deliveries', { id: uuid() });
const idAt = (time: string | undefined): string | null => (time === undefined ? null : firstIdAt(Date.parse(time)));

export function deliveryRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, connectorApi.testWebhookEndpoint, async ({ origin, params }) => sendTest(deps, origin, params.endpointId));

  serve(app, connectorApi.listWebhookDeliveries, async ({ caller, params, query }) => {
    const { tenantId } = caller;
    const { status, eventType, since, until, limit } = query;
    const filter = { status, eventType, from: idAt(since), to: idAt(until) };
    const [[endpoint], rows] = await readTenant(db, tenantId, (tx) => [
      selectEndpoint(tx, tenantId, params.endpointId),
      selectDeliveries(tx, tenantId, params.endpointId, filter, walk.slice(query)),
    ]);
    if (!endpoint) throw new NotFound('webhook_endpoint', params.endpointId);
    const { items, nextCursor } = walk.page(rows, limit, ({ id }) => ({ id }));
    return { items: items.map(viewDelivery), nextCursor };
  });

  serve(app, connectorApi.getWebhookDelivery, async ({ caller, params }) => {
    const [[found]] = await readTenant(db, caller.tenantId, (tx) => [
      selectDelivery(tx, caller.tenantId, params.deliveryId),
    ]);
    if (!found) throw new NotFound('webhook_delivery', params.deliveryId);
    const { payload, enabled: _, ...row } = found;
    return { ...viewDelivery(row), payload: JSON.parse(payload) as Record<string, unknown> };
  });

  serve(app, connectorApi.replayWebhookDelivery, async ({ origin, params }) =>
    replayOne(deps, origin, params.deliveryId),
  );

  serve(app, connectorApi.replayFailedWebhooks, async ({ origin, params, body }) =>
    replayFailed(deps, origin, params.endpointId, body.since),
  );

  serve(app, connectorApi.getWebhookReplay, async ({ caller, params }) =>
    findReplay(db, caller.tenantId, params.replayId),
  );
}
