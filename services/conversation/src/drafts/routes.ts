import { conversationApi, isoTime, uuid } from '@recado/contracts';
import { readTenant, withTenant } from '@recado/database';
import { NotFound, serve, walkOf } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import { selectExistence } from '../conversations/list.ts';
import type { Deps } from '../deps.ts';
import { draftOwnerOf, draftView, noDraft, saveDraft } from './save.ts';
import { countDrafts, deleteDraft, selectDraft, selectDrafts } from './store.ts';

const walk = walkOf('drafts', { at: isoTime(), id: uuid() });

export function draftRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, conversationApi.listDrafts, async ({ caller, query }) => {
    const owner = draftOwnerOf(caller);
    const slice = walk.slice(query);
    const [rows, [counted]] = await readTenant(db, owner.tenantId, (tx) => [
      selectDrafts(tx, owner, slice),
      countDrafts(tx, owner),
    ]);
    const { items, nextCursor } = walk.page(rows, query.limit, ({ updatedAt, conversationId: id }) => ({
      at: updatedAt.toISOString(),
      id,
    }));
    return { items: items.map(draftView), total: counted!.count, nextCursor };
  });

  serve(app, conversationApi.getDraft, async ({ caller, params }) => {
    const key = { ...draftOwnerOf(caller), ...params };
    const [[chat], [row]] = await readTenant(db, key.tenantId, (tx) => [
      selectExistence(tx, key.tenantId, key.conversationId),
      selectDraft(tx, key),
    ]);
    if (!chat) throw new NotFound('conversation', key.conversationId);
    return row ? draftView(row) : noDraft(key.conversationId);
  });

  serve(app, conversationApi.saveDraft, async ({ caller, params, body }) =>
    saveDraft(deps, caller, params.conversationId, body),
  );

  serve(app, conversationApi.deleteDraft, async ({ caller, params }) => {
    const key = { ...draftOwnerOf(caller), ...params };
    await withTenant(db, key.tenantId, async (tx) => {
      const [[chat]] = await Promise.all([selectExistence(tx, key.tenantId, key.conversationId), deleteDraft(tx, key)]);
      if (!chat) throw new NotFound('conversation', key.conversationId);
    });
  });
}
