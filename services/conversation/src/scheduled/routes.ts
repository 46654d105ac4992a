import { conversationApi, isoTime, uuid } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound, serve, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { selectExistence } from '../conversations/list.ts';
import type { Deps } from '../deps.ts';
import { cancelScheduled, scheduleMessage, updateScheduled } from './change.ts';
import { countScheduled, selectOne, selectScheduled } from './store.ts';
import { scheduledView } from './views.ts';

const walk = walkOf('scheduled-messages', { at: isoTime(), id: uuid() });

export function scheduledMessageRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, conversationApi.listScheduledMessages, async ({ caller: { tenantId }, params, query }) => {
    const { conversationId } = params;
    const filter = { tenantId, conversationId, status: query.status };
    const slice = walk.slice(query);
    const [found, rows, [counted]] = await readTenant(db, tenantId, (tx) => [
      selectExistence(tx, tenantId, conversationId),
      selectScheduled(tx, filter, slice),
      countScheduled(tx, filter),
    ]);
    if (found.length === 0) throw new NotFound('conversation', conversationId);
    const { items, nextCursor } = walk.page(rows, query.limit, ({ sendAt, id }) => ({ at: sendAt.toISOString(), id }));
    return { items: items.map(scheduledView), total: counted!.count, nextCursor };
  });

  serve(app, conversationApi.getScheduledMessage, async ({ caller: { tenantId }, params }) => {
    const { conversationId, scheduledId } = params;
    const [[row]] = await readTenant(db, tenantId, (tx) => [selectOne(tx, { tenantId, conversationId }, scheduledId)]);
    if (!row) throw new NotFound('scheduled_message', scheduledId);
    return scheduledView(row);
  });

  serve(app, conversationApi.scheduleMessage, async ({ caller, origin, params, body }) =>
    scheduleMessage(deps, { caller, origin, ...params }, body),
  );

  serve(
    app,
    conversationApi.updateScheduledMessage,
    async ({ caller, origin, params: { conversationId, scheduledId }, body }) =>
      updateScheduled(deps, { caller, origin, conversationId }, scheduledId, body),
  );

  serve(
    app,
    conversationApi.cancelScheduledMessage,
    async ({ caller, origin, params: { conversationId, scheduledId } }) =>
      cancelScheduled(deps, { caller, origin, conversationId }, scheduledId),
  );
}
