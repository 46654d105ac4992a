import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { reasonOf } from '../../../languages/reasons.ts';
import { texts } from '../texts.ts';
import {
  createTemplateBody,
  preview,
  syncBody,
  synced,
  template,
  templateParams,
  templatesPage,
  templatesQuery,
  updateTemplateBody,
  valuesBody,
} from './schemas.ts';
import { lower, templateView } from './views.ts';

/** Message templates: beyond the document, for whom it shows how to send them. */
export const templateRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/templates',
    tag: 'Templates',
    summary: 'Listar templates',
    auth: 'bearer',
    permission: 'templates.read',
    entity: 'channel',
    query: templatesQuery,
    responses: { 200: templatesPage },
    handle: async ({ query, deps, call }) => {
      const { page, limit, status, category, ...rest } = query;
      const { items, total, nextCursor, error } = await deps.clients.connector.listTemplates(
        { query: { ...rest, page, limit, status: status && lower(status), category: category && lower(category) } },
        call,
      );
      const pagination = { page, limit, total, pages: Math.ceil(total / limit), nextCursor };
      return { data: items.map(templateView), pagination, templatesError: reasonOf(texts, error ?? null) };
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/templates/:id',
    tag: 'Templates',
    summary: 'Obter template',
    auth: 'bearer',
    permission: 'templates.read',
    entity: 'template',
    params: templateParams,
    responses: { 200: template },
    handle: async ({ params, deps, call }) => {
      const found = await deps.clients.connector.getTemplate({ params: { templateId: params.id } }, call);
      return templateView(found);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/templates',
    tag: 'Templates',
    summary: 'Criar template',
    description: 'É enviado para revisão, salvo com `submit: false`. O que o WhatsApp recusaria é indicado por campo.',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'channel',
    body: createTemplateBody,
    responses: { 201: template },
    handle: async ({ body, deps, call }) => {
      const { category, parameterFormat, ...rest } = body;
      const format = parameterFormat && lower(parameterFormat);
      const made = await deps.clients.connector.createTemplate(
        { body: { ...rest, category: lower(category), parameterFormat: format } },
        call,
      );
      return templateView(made);
    },
  }),
  editionRoute({
    method: 'PUT',
    path: '/api/templates/:id',
    tag: 'Templates',
    summary: 'Editar template',
    description: 'O WhatsApp o revisa de novo. Um aprovado é editado uma vez por dia e conserva a sua categoria.',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'template',
    params: templateParams,
    body: updateTemplateBody,
    responses: { 200: template },
    handle: async ({ params, body, deps, call }) => {
      const changed = await deps.clients.connector.updateTemplate(
        { params: { templateId: params.id }, body: { ...body, category: body.category && lower(body.category) } },
        call,
      );
      return templateView(changed);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/templates/:id/submit',
    tag: 'Templates',
    summary: 'Enviar um rascunho para revisão',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'template',
    params: templateParams,
    responses: { 200: template },
    handle: async ({ params, deps, call }) => {
      const submitted = await deps.clients.connector.submitTemplate({ params: { templateId: params.id } }, call);
      return templateView(submitted);
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/templates/:id/preview',
    tag: 'Templates',
    summary: 'Ver a mensagem com os seus valores',
    description: '`params` dá os valores do corpo por lugar ou nome; `header` e `button.0` são os das outras partes.',
    auth: 'bearer',
    permission: 'templates.read',
    entity: 'template',
    params: templateParams,
    body: valuesBody,
    responses: { 200: preview },
    handle: async ({ params, body, deps, call }) => {
      const filled = await deps.clients.connector.previewTemplate({ params: { templateId: params.id }, body }, call);
      return filled;
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/api/templates/:id',
    tag: 'Templates',
    summary: 'Excluir template no seu idioma',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'template',
    params: templateParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) => {
      await deps.clients.connector.deleteTemplate({ params: { templateId: params.id } }, call);
      return null;
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api/templates/sync',
    tag: 'Templates',
    summary: 'Ler de novo os templates do WhatsApp',
    auth: 'bearer',
    permission: 'templates.manage',
    entity: 'channel',
    body: syncBody,
    responses: { 202: synced },
    handle: async ({ body, deps, call }) => {
      const order = await deps.clients.connector.syncTemplates({ body: { channelId: body.channelId } }, call);
      return order;
    },
  }),
];
