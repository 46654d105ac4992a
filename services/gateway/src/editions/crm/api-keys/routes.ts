import { z } from 'zod';
import { editionRoute } from '../../../edge/edition.ts';
import { idParams, paged } from '../common/schemas.ts';
import { pageMeta } from '../common/views.ts';
import { apiKey, apiKeysQuery, createApiKeyBody, createdApiKey } from './schemas.ts';
import { apiKeyView } from './views.ts';

export const apiKeyRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api-keys',
    tag: 'API Keys',
    summary: 'Listar claves de API',
    auth: 'bearer',
    permission: 'api_keys.manage',
    query: apiKeysQuery,
    responses: { 200: paged(apiKey) },
    handle: async ({ query, deps, call }) => {
      const list = await deps.clients.identity.listApiKeys({ query }, call);
      return { data: list.items.map(apiKeyView), meta: pageMeta(query, list) };
    },
  }),
  editionRoute({
    method: 'POST',
    path: '/api-keys',
    tag: 'API Keys',
    summary: 'Crear clave de API',
    description: 'Para programas: se usa como token, con los permisos que lleva. La clave se muestra solo esta vez.',
    auth: 'bearer',
    permission: 'api_keys.manage',
    person: true,
    cache: 'none',
    idempotent: 'owner',
    body: createApiKeyBody,
    responses: { 201: createdApiKey },
    handle: async ({ body, deps, call }) => {
      const { name, permissions, expires_at: expiresAt } = body;
      const made = await deps.clients.identity.createApiKey({ body: { name, permissions, expiresAt } }, call);
      return { ...apiKeyView(made.apiKey), key: made.key };
    },
  }),
  editionRoute({
    method: 'DELETE',
    path: '/api-keys/:id',
    tag: 'API Keys',
    summary: 'Revocar clave de API',
    auth: 'bearer',
    permission: 'api_keys.manage',
    entity: 'api_key',
    params: idParams,
    responses: { 204: z.null() },
    handle: async ({ params, deps, call }) =>
      deps.clients.identity.revokeApiKey({ params: { apiKeyId: params.id } }, call),
  }),
];
