import { type Draft, isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { editionRoute, type View } from '../../../edge/edition.ts';
import { idParams, paged, pageQuery } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';

const draft = z
  .object({
    id: uuid().describe('El del chat: un usuario tiene un borrador en cada uno'),
    chat_id: uuid(),
    content: z.string(),
    media_file_id: uuid().nullable(),
    reply_to: uuid().nullable(),
    version: z.number().int().describe('Crece con cada cambio; 0: no hay borrador'),
    updated_at: isoTime().nullable(),
  })
  .meta({ id: 'ChatDraft' });

const draftBody = z.strictObject({
  content: z.string().max(10_000).default('').describe('Sin texto, archivo ni respuesta el borrador se elimina'),
  media_file_id: uuid().nullable().default(null),
  reply_to: uuid().nullable().default(null),
  version: z
    .number()
    .int()
    .min(0)
    .max(2_147_483_647)
    .optional()
    .describe('La que tiene la pantalla; 0: ninguna. Si hay otra: 409. Sin ella gana el último'),
});
const query = z.object(pageQuery(20));

const view = ({ conversationId, text, fileId, replyTo, version, updatedAt }: Draft): View<typeof draft> => ({
  id: conversationId,
  chat_id: conversationId,
  content: text,
  media_file_id: fileId,
  reply_to: replyTo,
  version,
  updated_at: updatedAt,
});

const drafts = { tag: 'Chats', auth: 'bearer', permission: 'messages.create', person: true } as const;
const one = { ...drafts, entity: 'conversation', params: idParams } as const;

/** What a user has written and not sent, beyond the document. Other users never see it. */
export const draftRoutes = [
  editionRoute({
    ...drafts,
    method: 'GET',
    path: '/drafts',
    summary: 'Listar mis borradores',
    description: 'El último cambiado primero. Hasta 500; uno sin cambios se elimina a los 90 días.',
    query,
    responses: { 200: paged(draft) },
    handle: async ({ query, deps, call }) => {
      const list = await deps.clients.conversation.listDrafts({ query }, call);
      return { data: list.items.map(view), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    ...one,
    method: 'GET',
    path: '/chats/:id/draft',
    summary: 'Obtener mi borrador del chat',
    responses: { 200: draft },
    handle: async ({ params, deps, call }) =>
      view(await deps.clients.conversation.getDraft({ params: { conversationId: params.id } }, call)),
  }),
  editionRoute({
    ...one,
    method: 'PUT',
    path: '/chats/:id/draft',
    summary: 'Guardar mi borrador del chat',
    fields: { text: 'content', fileId: 'media_file_id' },
    body: draftBody,
    responses: { 200: draft },
    handle: async ({
      params,
      body: { content: text, media_file_id: fileId, reply_to: replyTo, version },
      deps,
      call,
    }) =>
      view(
        await deps.clients.conversation.saveDraft(
          { params: { conversationId: params.id }, body: { text, fileId, replyTo, version } },
          call,
        ),
      ),
  }),
  editionRoute({
    ...one,
    method: 'DELETE',
    path: '/chats/:id/draft',
    summary: 'Eliminar mi borrador del chat',
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.conversation.deleteDraft({ params: { conversationId: params.id } }, call),
  }),
];
