import type { CannedAnswer } from '@recado/contracts';
import { z } from 'zod';
import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import {
  cannedAnswer,
  cannedAnswersQuery,
  cannedPreview,
  createCannedAnswerBody,
  previewBody,
  previewParams,
  updateCannedAnswerBody,
} from './schemas.ts';
import { cannedAnswerView, previewView } from './views.ts';

const answers = { tag: 'CannedAnswers', auth: 'bearer', permission: 'messages.create' } as const;
const oneAnswer = { ...answers, entity: 'canned_answer', params: idParams } as const;
const FIELDS = { 'media.fileId': 'media.file_id', values: 'values' };
const MANAGED = 'Las compartidas necesitan además el permiso `templates.manage`.';

/** Texts that agents send again and again, beyond the document. */
export const cannedAnswerRoutes = [
  editionRoute({
    ...answers,
    method: 'GET',
    path: '/canned-answers',
    summary: 'Listar respuestas rápidas',
    description: 'Las compartidas y las propias: primero aquellas cuyo atajo empieza así, después las más usadas.',
    query: cannedAnswersQuery,
    responses: { 200: paged(cannedAnswer) },
    handle: async ({ query, deps, call }) => {
      const list = await deps.clients.conversation.listCannedAnswers({ query }, call);
      const users = await deps.directory.users(
        call,
        list.items.map(({ createdBy }) => createdBy),
      );
      return { data: list.items.map((item) => cannedAnswerView(item, users)), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    ...answers,
    method: 'POST',
    path: '/canned-answers',
    summary: 'Crear respuesta rápida',
    description: `${MANAGED} Como máximo 1000 compartidas, y 200 propias de cada usuario.`,
    fields: FIELDS,
    body: createCannedAnswerBody,
    responses: { 201: cannedAnswer },
    handle: async ({ body: { media, ...rest }, deps, call }) => {
      const input = { body: { ...rest, media: inside(media) } };
      return shown(deps, call, await deps.clients.conversation.createCannedAnswer(input, call));
    },
  }),
  editionRoute({
    ...oneAnswer,
    method: 'GET',
    path: '/canned-answers/:id',
    summary: 'Obtener respuesta rápida por ID',
    responses: { 200: cannedAnswer },
    handle: async ({ params, deps, call }) =>
      shown(deps, call, await deps.clients.conversation.getCannedAnswer({ params: { answerId: params.id } }, call)),
  }),
  editionRoute({
    ...oneAnswer,
    method: 'PUT',
    path: '/canned-answers/:id',
    summary: 'Actualizar respuesta rápida',
    description: `Solo cambian los campos enviados. ${MANAGED}`,
    fields: FIELDS,
    body: updateCannedAnswerBody,
    responses: { 200: cannedAnswer },
    handle: async ({ params, body: { media, ...rest }, deps, call }) => {
      const input = {
        params: { answerId: params.id },
        body: { ...rest, ...(media !== undefined && { media: inside(media) }) },
      };
      return shown(deps, call, await deps.clients.conversation.updateCannedAnswer(input, call));
    },
  }),
  editionRoute({
    ...oneAnswer,
    method: 'DELETE',
    path: '/canned-answers/:id',
    summary: 'Eliminar respuesta rápida',
    description: MANAGED,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.conversation.deleteCannedAnswer({ params: { answerId: params.id } }, call),
  }),
  editionRoute({
    ...answers,
    method: 'POST',
    path: '/chats/:id/canned-answers/:cannedAnswerId/preview',
    summary: 'Ver respuesta rápida en un chat',
    description: 'Con las variables llenas, y las que faltan. Se envía con `message_type: canned_answer`.',
    entity: 'canned_answer',
    fields: FIELDS,
    params: previewParams,
    body: previewBody,
    responses: { 200: cannedPreview },
    handle: async ({ params: { id: conversationId, cannedAnswerId: answerId }, body, deps, call }) =>
      previewView(
        await deps.clients.conversation.previewCannedAnswer({ params: { conversationId, answerId }, body }, call),
      ),
  }),
];

type Media = z.output<typeof createCannedAnswerBody>['media'];
const inside = (media: Media) => media && { kind: media.type, fileId: media.file_id, fileName: media.file_name };

const shown = async (deps: GatewayDeps, call: CallContext, answer: CannedAnswer) =>
  cannedAnswerView(answer, await deps.directory.users(call, [answer.createdBy]));
