import { conversationApi } from '@recado/contracts';
import { withTenant } from '@recado/database';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { countBoard, listCards } from './cards.ts';
import { createBoard, deleteBoard, updateBoard } from './change.ts';
import { moveCard } from './move.ts';
import { findBoards } from './store.ts';
import { boardView } from './views.ts';

export function boardRoutes(app: FastifyInstance, deps: Deps): void {
  serve(app, conversationApi.listBoards, async ({ caller: { tenantId }, query }) => {
    const rows = await withTenant(deps.db, tenantId, (tx) => findBoards(tx, tenantId, query));
    return { items: rows.map(boardView) };
  });

  serve(app, conversationApi.createBoard, async ({ caller, origin, body }) => createBoard(deps, caller, origin, body));

  serve(app, conversationApi.getBoard, async ({ caller, params, query }) =>
    countBoard(deps, caller, params.boardId, query),
  );

  serve(app, conversationApi.updateBoard, async ({ caller, origin, params, body }) =>
    updateBoard(deps, caller, origin, params.boardId, body),
  );

  serve(app, conversationApi.deleteBoard, async ({ caller, origin, params }) =>
    deleteBoard(deps, caller, origin, params.boardId),
  );

  serve(app, conversationApi.listBoardCards, async ({ caller, params, query }) =>
    listCards(deps, caller, params, query),
  );

  serve(app, conversationApi.moveBoardCard, async ({ caller, origin, params, body }) =>
    moveCard(deps, { caller, origin, ...params }, body),
  );
}
