import { editionRoute } from '../../../edge/edition.ts';
import { envelope } from '../common/schemas.ts';
import { SUCCESS } from '../texts.ts';
import { realtimeMetrics } from './schemas.ts';
import { realtimeView } from './views.ts';

export const analyticsRoutes = [
  editionRoute({
    method: 'GET',
    path: '/analytics/realtime',
    tag: 'Analytics',
    summary: 'Métricas en tiempo real',
    auth: 'bearer',
    permission: 'analytics.read',
    responses: { 200: envelope(realtimeMetrics) },
    handle: async ({ deps, call }) => ({
      message: SUCCESS.realtime,
      data: realtimeView(await deps.clients.analytics.getRealtime({}, call)),
    }),
  }),
];
