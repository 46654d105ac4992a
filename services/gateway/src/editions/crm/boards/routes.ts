import type { Board, BoardCard } from '@recado/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import {
  board,
  boardParams,
  boardQuery,
  boardsQuery,
  card,
  cardParams,
  cards,
  cardsQuery,
  countedBoard,
  createBody,
  moveBody,
  stageParams,
  updateBody,
} from './schemas.ts';
import { boardCardView, boardView, countedBoardView, defaultStages, stagesInside } from './views.ts';

const boards = { tag: 'Boards', auth: 'bearer' } as const;
const one = { ...boards, entity: 'board' } as const;
/** Names inside, as this edition spells them. */
const FIELDS = { assignedUserId: 'agent_id', isClosed: 'is_closed' };
const CONTACTS = 'Los tableros de clientes necesitan además `contacts.read`.';

/** Cards in stages, beyond the document. */
export const boardRoutes = [
  editionRoute({
    ...boards,
    method: 'GET',
    path: '/boards',
    summary: 'Listar tableros',
    permission: 'chats.read',
    query: boardsQuery,
    responses: { 200: z.object({ data: z.array(board) }) },
    handle: async ({ query, deps, call }) => {
      const filter = { kind: query.kind, campaignId: query.campaign_id };
      const { items } = await deps.clients.conversation.listBoards({ query: filter }, call);
      const users = await deps.directory.users(
        call,
        items.map(({ createdBy }) => createdBy),
      );
      return { data: items.map((item) => boardView(item, users)) };
    },
  }),
  editionRoute({
    ...boards,
    method: 'POST',
    path: '/boards',
    summary: 'Crear tablero',
    permission: 'campaigns.update',
    fields: FIELDS,
    body: createBody,
    responses: { 201: board },
    handle: async ({ body, deps, call }) => {
      const { name, kind, campaign_id: campaignId } = body;
      const stages = body.stages ? stagesInside(body.stages) : defaultStages(kind);
      return shown(
        deps,
        call,
        await deps.clients.conversation.createBoard({ body: { name, kind, campaignId, stages } }, call),
      );
    },
  }),
  editionRoute({
    ...one,
    method: 'GET',
    path: '/boards/:id',
    summary: 'Obtener tablero',
    description: `Con las tarjetas y el valor de cada etapa, contados hasta 10.000. ${CONTACTS}`,
    permission: 'chats.read',
    fields: FIELDS,
    params: boardParams,
    query: boardQuery,
    responses: { 200: countedBoard },
    handle: async ({ params, query, deps, call }) => {
      const input = { params: { boardId: params.id }, query: { assignedUserId: query.agent_id, tag: query.tag } };
      const found = await deps.clients.conversation.getBoard(input, call);
      return countedBoardView(found, await deps.directory.users(call, [found.createdBy]));
    },
  }),
  editionRoute({
    ...one,
    method: 'PUT',
    path: '/boards/:id',
    summary: 'Actualizar tablero',
    description: 'Las etapas enviadas son todas. Los chats de una que se quita vuelven a la primera.',
    permission: 'campaigns.update',
    fields: FIELDS,
    params: boardParams,
    body: updateBody,
    responses: { 200: board },
    handle: async ({ params, body, deps, call }) => {
      const change = { name: body.name, stages: body.stages && stagesInside(body.stages) };
      const input = { params: { boardId: params.id }, body: change };
      return shown(deps, call, await deps.clients.conversation.updateBoard(input, call));
    },
  }),
  editionRoute({
    ...one,
    method: 'DELETE',
    path: '/boards/:id',
    summary: 'Eliminar tablero',
    description: 'Los chats y los clientes quedan como están.',
    permission: 'campaigns.update',
    params: boardParams,
    responses: { 204: z.null() },
    handle: ({ params, deps, call }) => deps.clients.conversation.deleteBoard({ params: { boardId: params.id } }, call),
  }),
  editionRoute({
    ...one,
    method: 'GET',
    path: '/boards/:id/stages/:stageId/cards',
    summary: 'Listar tarjetas de una etapa',
    description: `De arriba abajo. Las que nadie movió van por antigüedad, la más nueva arriba. ${CONTACTS}`,
    permission: 'chats.read',
    fields: FIELDS,
    params: stageParams,
    query: cardsQuery,
    responses: { 200: cards },
    handle: async ({ params, query, deps, call }) => {
      const { limit, cursor, tag } = query;
      const input = {
        params: { boardId: params.id, stageId: params.stageId },
        query: { limit, cursor, tag, assignedUserId: query.agent_id },
      };
      const list = await deps.clients.conversation.listBoardCards(input, call);
      const users = await agentsOf(deps, call, list.items);
      return {
        data: list.items.map((item) => boardCardView(item, users)),
        meta: { next_cursor: list.nextCursor },
      };
    },
  }),
  editionRoute({
    ...one,
    method: 'POST',
    path: '/boards/:id/cards/:cardId/move',
    summary: 'Mover tarjeta',
    description:
      'A otra etapa, o arriba o abajo de otra tarjeta. De un cliente cambia su estado (`contacts.manage`); a la etapa de cerrados, cierra el chat (`chats.close`).',
    permission: 'chats.update',
    fields: FIELDS,
    params: cardParams,
    body: moveBody,
    responses: { 200: card },
    handle: async ({ params, body, deps, call }) => {
      const { stage_id: stageId, before, after } = body;
      const input = { params: { boardId: params.id, cardId: params.cardId }, body: { stageId, before, after } };
      const moved = await deps.clients.conversation.moveBoardCard(input, call);
      return boardCardView(moved, await agentsOf(deps, call, [moved]));
    },
  }),
];

const agentsOf = (deps: GatewayDeps, call: CallContext, shown: readonly BoardCard[]) =>
  deps.directory.users(
    call,
    shown.map(({ assignedUserId }) => assignedUserId),
  );

async function shown(deps: GatewayDeps, call: CallContext, found: Board) {
  return boardView(found, await deps.directory.users(call, [found.createdBy]));
}
