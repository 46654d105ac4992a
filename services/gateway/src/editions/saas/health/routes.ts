import { editionRoute } from '../../../edge/edition.ts';
import { about, health } from './schemas.ts';
import { aboutView, healthView } from './views.ts';

export const healthRoutes = [
  editionRoute({
    method: 'GET',
    path: '/',
    tag: 'Health',
    summary: 'Información básica de la API',
    auth: 'none',
    responses: { 200: about },
    handle: async () => aboutView(),
  }),
  editionRoute({
    method: 'GET',
    path: '/health',
    tag: 'Health',
    summary: 'Estado de todos los servicios',
    description: 'Medido ahora (a lo sumo una vez por segundo). 503 cuando algo imprescindible no responde.',
    auth: 'none',
    responses: { 200: health, 503: health },
    handle: async ({ deps, reply }) => {
      const view = healthView(await deps.health.report());
      reply.code(view.statusCode);
      return view;
    },
  }),
];
