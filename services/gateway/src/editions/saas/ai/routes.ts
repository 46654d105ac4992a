import { aiConfig, aiResponderApi } from '@recado/contracts';
import { editionRoute } from '../../../edge/edition.ts';
import { aiConfigView } from './views.ts';

const { updateConfig, toggle, test } = aiResponderApi;

/** saas.md speaks the words of the inside here, so its bodies are the internal API's own. */
export const aiRoutes = [
  editionRoute({
    method: 'GET',
    path: '/ai/config',
    tag: 'AI',
    summary: 'Configuración actual de IA',
    auth: 'bearer',
    permission: 'ai.read',
    responses: { 200: aiConfig },
    handle: async ({ deps, call }) => aiConfigView(await deps.clients.aiResponder.getConfig({}, call)),
  }),
  editionRoute({
    method: 'PUT',
    path: '/ai/config',
    tag: 'AI',
    summary: 'Actualizar configuración de IA',
    description: 'Cambia lo que se envía; el resto queda como está.',
    auth: 'bearer',
    permission: 'ai.manage',
    body: updateConfig.body,
    responses: { 200: aiConfig },
    handle: async ({ body, deps, call }) => aiConfigView(await deps.clients.aiResponder.updateConfig({ body }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/ai/toggle',
    tag: 'AI',
    summary: 'Activar o desactivar la IA',
    auth: 'bearer',
    permission: 'ai.manage',
    body: toggle.body,
    responses: { 200: aiConfig },
    handle: async ({ body, deps, call }) => aiConfigView(await deps.clients.aiResponder.toggle({ body }, call)),
  }),
  editionRoute({
    method: 'POST',
    path: '/ai/test',
    tag: 'AI',
    summary: 'Probar la respuesta de la IA',
    description: 'No se envía nada a nadie.',
    auth: 'bearer',
    permission: 'ai.read',
    body: test.body,
    responses: { 200: test.responses[200] },
    handle: ({ body, deps, call }) => deps.clients.aiResponder.test({ body }, call),
  }),
];
