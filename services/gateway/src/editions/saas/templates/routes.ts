import { editionRoute } from '../../../edge/edition.ts';
import { done, envelope, walkedEnvelope } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import {
  createTemplateBody,
  preview,
  syncBody,
  synced,
  template,
  templateParams,
  templatesQuery,
  updateTemplateBody,
  valuesBody,
} from './schemas.ts';
import { templateView } from './views.ts';

/** Fields of the service as this edition spells them. */
const FIELDS = { channelId: 'instanceId' };

/** Message templates: beyond the document, for whom it shows how to send them. */
export const templateRoutes = [
  editionRoute({
    method: 'GET',
    path: '/whatsapp/templates',
    tag: 'WhatsApp',
    summary: 'Listar plantillas',
    auth: 'bearer',
    permission: 'templates.read',
    entity: 'instance',
    fields: FIELDS,
    query: templatesQuery,
    responses: { 200: walkedEnvelope(template) },
    handle: async ({ query, deps, call }) => {
      const { instanceId: channelId, ...rest } = query;
      const { items, total, nextCursor } = await deps.clients.connector.listTemplates(
        { query: { ...rest, channelId } },
        call,
      );
      return { message: SUCCESS.templates, data: items.map(templateView), total, nextCursor };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/whatsapp/templates/:templateId',
    tag: 'WhatsApp',
    summary: 'Obtener plantilla',
    auth: 'bearer',
    permission: 'templates.read',
    entity: 'template',
    params: templateParams,
    responses: { 200: envelope(template) },
    handle: async ({ params, deps, call }) => {
      const found = await deps.clients.connector.getTemplate({ params: { templateId: params.templateId } }, call);
      return { message: SUCCESS.templateOne, data: templateView(found) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp/templates',
    tag: 'WhatsApp',
    summary: 'Crear plantilla',
    description: 'La envía a revisión, salvo con `submit: false`. Lo que WhatsApp rechazaría se indica por campo.',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'instance',
    fields: FIELDS,
    body: createTemplateBody,
    responses: { 201: envelope(template) },
    handle: async ({ body, deps, call }) => {
      const { instanceId: channelId, ...rest } = body;
      const made = await deps.clients.connector.createTemplate({ body: { ...rest, channelId } }, call);
      return { message: SUCCESS.templateCreated, data: templateView(made) };
    },
  }),
  editionRoute({
    method: 'PUT',
    path: '/whatsapp/templates/:templateId',
    tag: 'WhatsApp',
    summary: 'Editar plantilla',
    description: 'WhatsApp la revisa de nuevo. Una aprobada se edita una vez al día y conserva su categoría.',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'template',
    params: templateParams,
    body: updateTemplateBody,
    responses: { 200: envelope(template) },
    handle: async ({ params, body, deps, call }) => {
      const changed = await deps.clients.connector.updateTemplate(
        { params: { templateId: params.templateId }, body },
        call,
      );
      return { message: SUCCESS.templateUpdated, data: templateView(changed) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp/templates/:templateId/submit',
    tag: 'WhatsApp',
    summary: 'Enviar un borrador a revisión',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'template',
    params: templateParams,
    responses: { 200: envelope(template) },
    handle: async ({ params, deps, call }) => {
      const submitted = await deps.clients.connector.submitTemplate(
        { params: { templateId: params.templateId } },
        call,
      );
      return { message: SUCCESS.templateSubmitted, data: templateView(submitted) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp/templates/:templateId/preview',
    tag: 'WhatsApp',
    summary: 'Ver el mensaje con sus valores',
    description:
      '`params` da los valores del cuerpo por lugar o nombre; `header` y `button.0` son los de las otras partes.',
    auth: 'bearer',
    permission: 'templates.read',
    entity: 'template',
    params: templateParams,
    body: valuesBody,
    responses: { 200: envelope(preview) },
    handle: async ({ params, body, deps, call }) => {
      const filled = await deps.clients.connector.previewTemplate(
        { params: { templateId: params.templateId }, body },
        call,
      );
      return { message: SUCCESS.templatePreview, data: filled };
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/whatsapp/templates/:templateId',
    tag: 'WhatsApp',
    summary: 'Eliminar plantilla en su idioma',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'template',
    params: templateParams,
    responses: { 200: done },
    handle: async ({ params, deps, call }) => {
      await deps.clients.connector.deleteTemplate({ params: { templateId: params.templateId } }, call);
      return { message: SUCCESS.templateRemoved };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/whatsapp/templates/sync',
    tag: 'WhatsApp',
    summary: 'Leer otra vez las plantillas de WhatsApp',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'instance',
    fields: FIELDS,
    body: syncBody,
    responses: { 202: envelope(synced) },
    handle: async ({ body, deps, call }) => {
      const order = await deps.clients.connector.syncTemplates({ body: { channelId: body.instanceId } }, call);
      return { message: SUCCESS.templatesSynced, data: order };
    },
  }),
];
