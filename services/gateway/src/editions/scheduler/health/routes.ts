import { editionRoute } from '../../../edge/edition.ts';
import { dependencyHealth, health, whatsappHealth } from './schemas.ts';
import { DEPENDENCIES, dependencyView, healthView, whatsappView } from './views.ts';

const NAMES: Record<keyof typeof DEPENDENCIES, string> = { db: 'base de datos', redis: 'Redis' };
const description = 'Medido ahora (a lo sumo una vez por segundo). 503 cuando no responde.';

export const healthRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/health',
    tag: 'Health',
    summary: 'Estado general',
    description,
    auth: 'none',
    responses: { 200: health, 503: health },
    handle: async ({ deps, reply }) => {
      const view = healthView(await deps.health.report());
      reply.code(view.status === 'error' ? 503 : 200);
      return view;
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/health/whatsapp',
    tag: 'Health',
    summary: 'Estado WhatsApp',
    description: `Si responden los proveedores. ${description}`,
    auth: 'none',
    responses: { 200: whatsappHealth, 503: whatsappHealth },
    handle: async ({ deps, reply }) => {
      const view = whatsappView(await deps.health.report());
      reply.code(view.status === 'error' ? 503 : 200);
      return view;
    },
  }),
  ...(Object.keys(DEPENDENCIES) as (keyof typeof DEPENDENCIES)[]).map((name) =>
    editionRoute({
      method: 'GET',
      path: `/api/health/${name}`,
      tag: 'Health',
      summary: `Estado ${NAMES[name]}`,
      description,
      auth: 'none',
      responses: { 200: dependencyHealth, 503: dependencyHealth },
      handle: async ({ deps, reply }) => {
        const mesh = await deps.health.report();
        const ok = DEPENDENCIES[name](mesh);
        reply.code(ok ? 200 : 503);
        return dependencyView(mesh, ok);
      },
    }),
  ),
];
