import { CUSTOM_FIELD_TYPES, type CustomField, isoTime, oneOrMore, text, uuid, withCode } from '@recado/contracts';
import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { idParams } from '../common/schemas.ts';

const field = z
  .object({
    id: uuid(),
    key: z.string().describe('En `custom_fields` de un cliente'),
    label: z.string(),
    type: z.enum(CUSTOM_FIELD_TYPES),
    options: z.array(z.string()),
    created_at: isoTime(),
    updated_at: isoTime(),
  })
  .meta({ id: 'CustomField' });
const options = z.array(text(120)).min(1).max(200);
const createBody = z.strictObject({
  key: text(60),
  label: text(120).optional().describe('Si no se indica, `key`'),
  type: z.enum(CUSTOM_FIELD_TYPES).describe('`date`: un día, como 2026-11-30'),
  options: options.optional().describe('Solo de tipo `option`, que las necesita'),
});
const updateBody = z
  .strictObject({ label: text(120), options })
  .partial()
  .refine(oneOrMore, withCode('no_fields'));

const view = ({ createdAt, updatedAt, ...rest }: CustomField) => ({
  ...rest,
  created_at: createdAt,
  updated_at: updatedAt,
});

const common = { tag: 'Clients', auth: 'bearer' } as const;
const one = { ...common, entity: 'custom_field', params: idParams, permission: 'tenant.update' } as const;

/** What custom fields hold, beyond the document. Without a definition: any text or number. */
export const customFieldRoutes = [
  editionRoute({
    ...common,
    method: 'GET',
    path: '/custom-fields',
    summary: 'Listar campos personalizados',
    permission: 'contacts.read',
    responses: { 200: z.object({ data: z.array(field) }) },
    handle: async ({ deps, call }) => {
      const { items } = await deps.clients.conversation.listCustomFields({}, call);
      return { data: items.map(view) };
    },
  }),
  editionRoute({
    ...common,
    method: 'POST',
    path: '/custom-fields',
    summary: 'Definir campo personalizado',
    description: 'Desde entonces los valores deben ser de su tipo; los anteriores quedan.',
    permission: 'tenant.update',
    body: createBody,
    responses: { 201: field },
    handle: async ({ body, deps, call }) => view(await deps.clients.conversation.createCustomField({ body }, call)),
  }),
  editionRoute({
    ...one,
    method: 'PUT',
    path: '/custom-fields/:id',
    summary: 'Actualizar campo personalizado',
    body: updateBody,
    responses: { 200: field },
    handle: async ({ params, body, deps, call }) =>
      view(await deps.clients.conversation.updateCustomField({ params: { fieldId: params.id }, body }, call)),
  }),
  editionRoute({
    ...one,
    method: 'DELETE',
    path: '/custom-fields/:id',
    summary: 'Eliminar campo personalizado',
    description: 'Los clientes conservan sus valores.',
    responses: { 204: z.null() },
    handle: ({ params, deps, call }) =>
      deps.clients.conversation.deleteCustomField({ params: { fieldId: params.id } }, call),
  }),
];
