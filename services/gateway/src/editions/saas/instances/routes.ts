import { editionRoute } from '../../../edge/edition.ts';
import { listEnvelope } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { instance } from './schemas.ts';
import { instanceView } from './views.ts';

export const instanceRoutes = [
  editionRoute({
    method: 'GET',
    path: '/whatsapp/instances',
    tag: 'WhatsApp',
    summary: 'Listar todas las instancias',
    auth: 'bearer',
    permission: 'whatsapp.numbers.read',
    responses: { 200: listEnvelope(instance) },
    handle: async ({ deps, call }) => {
      const { items, total } = await deps.clients.connector.listChannels({ query: { limit: 500 } }, call);
      return { message: SUCCESS.instances, data: items.map(instanceView), total };
    },
  }),
];
