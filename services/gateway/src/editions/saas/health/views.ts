import { dependencyOk, findProvider, type MeshHealth } from '../../../health.ts';

export function aboutView() {
  return {
    name: 'WhatsApp SaaS API',
    version: '1.0.0',
    description: 'Multi-tenant WhatsApp Business API with AI',
    documentation: '/api-docs',
    health: '/health',
    timestamp: new Date().toISOString(),
  };
}

/** The installation's own server; numbers may name others. */
const INSTALLED = { provider: 'evolution' } as const;

type State = 'ok' | 'error' | 'not_configured';
const state = (ok: boolean): State => (ok ? 'ok' : 'error');

/**
 * What was measured, in saas.md's words. Without the database or one of the services nothing useful
 * works: 503.
 */
export function healthView(mesh: MeshHealth) {
  const api = Object.values(mesh.services).every(({ ok }) => ok);
  const database = dependencyOk(mesh, 'postgres');
  const serving = api && database;
  const server = findProvider(mesh, INSTALLED.provider);
  const status = serving ? (mesh.redis ? 'ok' : 'degraded') : 'error';
  return {
    statusCode: serving ? 200 : 503,
    status: status as 'ok' | 'degraded' | 'error',
    timestamp: mesh.at.toISOString(),
    services: {
      api: state(api),
      database: state(database),
      redis: state(mesh.redis),
      evolution: server ? state(server.ok) : ('not_configured' as State),
      openai: mesh.openaiConfigured
        ? state(mesh.services.aiResponder.ok && mesh.openai !== false)
        : ('not_configured' as State),
    },
    details: {
      database: { connected: database },
      redis: { connected: mesh.redis },
      evolution: { connected: server?.ok ?? false, instances: null },
      openai: { configured: mesh.openaiConfigured },
    },
  };
}
