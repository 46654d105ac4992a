import { conversationApi, uuid } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound, serve, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { selectExistence } from '../conversations/list.ts';
import type { Deps } from '../deps.ts';
import { addNote, noteView } from './add.ts';
import { countNotes, selectNotes } from './store.ts';

const walk = walkOf('notes', { id: uuid() });

export function noteRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.addNote, async ({ caller, origin, params, body }) =>
    addNote(deps, caller, origin, { ...params, ...body }),
  );

  serve(app, conversationApi.listNotes, async ({ caller: { tenantId }, params: { conversationId }, query }) => {
    const slice = walk.slice(query);
    const [found, rows, [counted]] = await readTenant(deps.db, tenantId, (tx) => [
      selectExistence(tx, tenantId, conversationId),
      selectNotes(tx, tenantId, conversationId, slice),
      countNotes(tx, tenantId, conversationId),
    ]);
    if (found.length === 0) throw new NotFound('conversation', conversationId);
    const { items, nextCursor } = walk.page(rows, query.limit, ({ id }) => ({ id }));
    return { items: items.map(noteView), total: counted!.count, nextCursor };
  });
}
