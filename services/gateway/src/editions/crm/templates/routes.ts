import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import {
  createTemplateBody,
  preview,
  syncBody,
  synced,
  template,
  templatesQuery,
  updateTemplateBody,
  valuesBody,
} from './schemas.ts';
import { templateView } from './views.ts';

/** Fields of the service as this edition spells them. */
const FIELDS = { channelId: 'whatsapp_number_id', parameterFormat: 'parameter_format' };

/** Message templates: beyond the document, for whom it shows how to send them. */
export const templateRoutes = [
  editionRoute({
    method: 'GET',
    path: '/whatsapp-templates',
    tag: 'WhatsApp Templates',
    summary: 'Listar plantillas',
    auth: 'bearer',
    permission: 'templates.read',
    entity: 'channel',
    fields: FIELDS,
    query: templatesQuery,
    responses: { 200: paged(template) },
    handle: async ({ query, deps, call }) => {
      const { whatsapp_number_id: channelId, ...rest } = query;
      const list = await deps.clients.connector.listTemplates({ query: { ...rest, channelId } }, call);
      return { data: list.items.map(templateView), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp-templates/:id',
    tag: 'WhatsApp Templates',
    summary: 'Obtener plantilla',
    auth: 'bearer',
    permission: 'templates.read',
    entity: 'template',
    params: idParams,
    responses: { 200: template },
    handle: async ({ params, deps, call }) => {
      const found = await deps.clients.connector.getTemplate({ params: { templateId: params.id } }, call);
      return templateView(found);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-templates',
    tag: 'WhatsApp Templates',
    summary: 'Crear plantilla',
    description: 'La envía a revisión, salvo con `submit: false`. Lo que WhatsApp rechazaría se indica por campo.',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'channel',
    fields: FIELDS,
    body: createTemplateBody,
    responses: { 201: template },
    handle: async ({ body, deps, call }) => {
      const { whatsapp_number_id: channelId, parameter_format: parameterFormat, ...rest } = body;
      const made = await deps.clients.connector.createTemplate({ body: { ...rest, channelId, parameterFormat } }, call);
      return templateView(made);
    },
  }),
  editionRoute({
    method: 'PUT',
    path: '/whatsapp-templates/:id',
    tag: 'WhatsApp Templates',
    summary: 'Editar plantilla',
    description: 'WhatsApp la revisa de nuevo. Una aprobada se edita una vez al día y conserva su categoría.',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'template',
    params: idParams,
    body: updateTemplateBody,
    responses: { 200: template },
    handle: async ({ params, body, deps, call }) => {
      const changed = await deps.clients.connector.updateTemplate({ params: { templateId: params.id }, body }, call);
      return templateView(changed);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-templates/:id/submit',
    tag: 'WhatsApp Templates',
    summary: 'Enviar un borrador a revisión',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'template',
    params: idParams,
    responses: { 200: template },
    handle: async ({ params, deps, call }) => {
      const submitted = await deps.clients.connector.submitTemplate({ params: { templateId: params.id } }, call);
      return templateView(submitted);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-templates/:id/preview',
    tag: 'WhatsApp Templates',
    summary: 'Ver el mensaje con sus valores',
    description:
      '`params` da los valores del cuerpo por lugar o nombre; `header` y `button.0` son los de las otras partes.',
    auth: 'bearer',
    permission: 'templates.read',
    entity: 'template',
    params: idParams,
    body: valuesBody,
    responses: { 200: preview },
    handle: async ({ params, body, deps, call }) => {
      const filled = await deps.clients.connector.previewTemplate({ params: { templateId: params.id }, body }, call);
      return filled;
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/whatsapp-templates/:id',
    tag: 'WhatsApp Templates',
    summary: 'Eliminar plantilla en su idioma',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'template',
    params: idParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) => {
      await deps.clients.connector.deleteTemplate({ params: { templateId: params.id } }, call);
      return null;
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp-templates/sync',
    tag: 'WhatsApp Templates',
    summary: 'Leer otra vez las plantillas de WhatsApp',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'channel',
    fields: FIELDS,
    body: syncBody,
    responses: { 202: synced },
    handle: async ({ body, deps, call }) => {
      const order = await deps.clients.connector.syncTemplates({ body: { channelId: body.whatsapp_number_id } }, call);
      return order;
    },
  }),
];
