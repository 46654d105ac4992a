import type { GatewayDeps } from '../../../deps.ts';
import { editionRoute } from '../../../edge/edition.ts';
import { asGateway } from '../../../hydration/as-gateway.ts';
import { found } from '../common/schemas.ts';
import { texts } from '../texts.ts';
import { health, systemInfo } from './schemas.ts';
import { healthView, systemInfoView } from './views.ts';

export const systemRoutes = [
  editionRoute({
    method: 'GET',
    path: '/api/health',
    tag: 'Sistema',
    summary: 'Verificar el estado del sistema',
    description: 'Medido ahora (a lo sumo una vez por segundo). 503 cuando algo imprescindible no responde.',
    auth: 'none',
    responses: { 200: health, 503: health },
    handle: async ({ deps, reply }) => {
      const view = healthView(await deps.health.report(), texts.errors.unavailable);
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
      const { aiResponder, identity } = deps.clients;
      const [mesh, storage, config] = await Promise.all([
        deps.health.report(),
        orNull(deps, identity.getStorage({}, call)),
        orNull(deps, aiResponder.getConfig({}, asGateway(call))),
      ]);
      const facts = { environment: deps.config.environment, storage, model: config?.model ?? null };
      return { success: true as const, data: systemInfoView(mesh, facts) };
    },
  }),
];

/** This page is for finding out what is away, and must not be away with it. */
async function orNull<T>({ log }: GatewayDeps, asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (err) {
    log.warn({ err }, 'part of the system page is not to be had');
    return null;
  }
}
