import { isoTime, type Macro, macro as m, oneOrMore, uuid, withCode } from '@recado/contracts';
import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { idParams } from '../common/schemas.ts';
import { actionResult, actions } from '../rules/schemas.ts';
import { resultView } from '../rules/views.ts';

const fields = { name: m.shape.name, actions };
const createBody = z.strictObject({
  ...fields,
  is_shared: z.boolean().default(false).describe('De todos: necesita `campaigns.update`'),
});
const updateBody = z.strictObject(fields).partial().refine(oneOrMore, withCode('no_fields'));
const macro = z
  .object({ id: uuid(), ...fields, is_shared: z.boolean(), created_at: isoTime(), updated_at: isoTime() })
  .meta({ id: 'CrmMacro' });

const view = ({ id, name, actions: does, ownerId, createdAt, updatedAt }: Macro) => ({
  ...{ id, name, actions: does, is_shared: ownerId === null },
  ...{ created_at: createdAt, updated_at: updatedAt },
});

const macros = { tag: 'Macros', auth: 'bearer' } as const;
const change = { ...macros, permission: 'chats.update' } as const;
const oneMacro = { entity: 'macro', params: idParams } as const;

/** The actions of rules, by a button. Beyond the document. */
export const macroRoutes = [
  editionRoute({
    ...macros,
    method: 'GET',
    path: '/macros',
    summary: 'Listar macros',
    description: 'Las de todos y las propias, por nombre. 200 como máximo.',
    permission: 'chats.read',
    responses: { 200: z.object({ data: z.array(macro) }) },
    handle: async ({ deps, call }) => ({
      data: (await deps.clients.conversation.listMacros({}, call)).items.map(view),
    }),
  }),
  editionRoute({
    ...change,
    method: 'POST',
    path: '/macros',
    summary: 'Crear macro',
    body: createBody,
    responses: { 201: macro },
    handle: async ({ body: { name, actions: does, is_shared: isShared }, deps, call }) =>
      view(await deps.clients.conversation.createMacro({ body: { name, actions: does, isShared } }, call)),
  }),
  editionRoute({
    ...change,
    ...oneMacro,
    method: 'PUT',
    path: '/macros/:id',
    summary: 'Actualizar macro',
    body: updateBody,
    responses: { 200: macro },
    handle: async ({ params, body, deps, call }) =>
      view(await deps.clients.conversation.updateMacro({ params: { macroId: params.id }, body }, call)),
  }),
  editionRoute({
    ...change,
    ...oneMacro,
    method: 'DELETE',
    path: '/macros/:id',
    summary: 'Eliminar macro',
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.conversation.deleteMacro({ params: { macroId: params.id } }, call),
  }),
  editionRoute({
    ...macros,
    method: 'POST',
    path: '/chats/:id/macros/:macroId',
    summary: 'Ejecutar macro en un chat',
    description:
      'Con los permisos de quien la ejecuta. Cada acción dice su resultado; una que falla no detiene a las demás.',
    permission: 'chats.read',
    params: idParams.extend({ macroId: uuid() }),
    responses: { 200: z.object({ macro_id: uuid(), actions: z.array(actionResult) }) },
    handle: async ({ params, deps, call }) => {
      const input = { params: { conversationId: params.id, macroId: params.macroId } };
      const ran = await deps.clients.conversation.runMacro(input, call);
      return { macro_id: ran.macroId, actions: ran.actions.map(resultView) };
    },
  }),
];
