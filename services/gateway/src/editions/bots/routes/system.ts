import type { GatewayDeps } from '../../../deps.ts';
import { type CallContext, editionRoute } from '../../../edge/edition.ts';
import { asGateway } from '../../../hydration/as-gateway.ts';
import { spanish } from '../../../languages/es.ts';
import { found, health, systemInfo } from '../schemas.ts';
import { healthView, systemInfoView } from '../views.ts';

export const systemRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/health',
    tag: 'Sistema',
    summary: 'Verificar el estado del sistema',
    description: 'Medido ahora (a lo sumo una vez por segundo). 503 cuando algo imprescindible no responde.',
    auth: 'none',
    responses: { 200: health },
    handle: async ({ deps, reply }) => {
      const view = healthView(await deps.health.report(), spanish.errors.unavailable);
      reply.code(view.success ? 200 : 503);
      return view;
    },
  }),
  editionRoute({
    method: 'GET',
    path: '/api/system/info',
    tag: 'Sistema',
    summary: 'Información del sistema',
    auth: 'bearer',
    permission: 'system.read',
    responses: { 200: found(systemInfo) },
    handle: async ({ deps, call }) => {
      const [mesh, model] = await Promise.all([deps.health.report(), modelOf(deps, call)]);
      return { success: true as const, data: systemInfoView(mesh, deps.config.environment, model) };
    },
  }),
];

/** Null when it can't be had: this page is for finding out what is away, and must not be away with it. */
async function modelOf({ clients, log }: GatewayDeps, call: CallContext): Promise<string | null> {
  try {
    return (await clients.aiResponder.getConfig({}, asGateway(call))).model;
  } catch (err) {
    log.warn({ err, tenantId: call.caller.tenantId }, 'the model is not to be had; shown without');
    return null;
  }
}
