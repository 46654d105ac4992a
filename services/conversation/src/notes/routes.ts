import { conversationApi, uuid } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { Forbidden, NotFound, serve, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { selectExistence } from '../conversations/list.ts';
import type { Deps } from '../deps.ts';
import { addNote, noteView } from './add.ts';
import { countMentions, countNotes, selectMentions, selectNotes } from './store.ts';

const mentionWalk = walkOf('mentions', { id: uuid() });
const walk = walkOf('notes', { id: uuid() });

export function noteRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.addNote, async ({ caller, origin, params, body }) =>
    addNote(deps, caller, origin, { ...params, ...body }),
  );

  serve(app, conversationApi.listMentions, async ({ caller: { tenantId, userId }, query }) => {
    if (userId === null) throw new Forbidden('This takes a person');
    const slice = mentionWalk.slice(query);
    const [rows, counted] = await readTenant(deps.db, tenantId, (tx) => [
      selectMentions(tx, tenantId, userId, slice),
      countMentions(tx, tenantId, userId),
    ]);
    const { items, nextCursor } = mentionWalk.page(rows, query.limit, ({ id }) => ({ id }));
    return { items: items.map(noteView), ...counted, nextCursor };
  });

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
