import { totalmem } from 'node:os';
import { constrainedMemory, memoryUsage, platform, uptime, versions } from 'node:process';
import type { View } from '../../../edge/edition.ts';
import { dependencyOk, findProvider, type MeshHealth } from '../../../health.ts';
import type * as schemas from './schemas.ts';

/** Of bots.md, "Versión". */
export const VERSION = '1.0.0';

const connection = (ok: boolean) => (ok ? ('connected' as const) : ('disconnected' as const));
const openai = ({ openaiConfigured, services, openai }: MeshHealth) =>
  openaiConfigured ? connection(services.aiResponder.ok && openai !== false) : ('not_configured' as const);

/** The installation's own server; numbers may name others. */
const INSTALLED = { provider: 'evolution' } as const;
function installed(mesh: MeshHealth) {
  const server = findProvider(mesh, INSTALLED.provider);
  return server ? connection(server.ok) : ('not_configured' as const);
}

/** Without the database or one of the services nothing useful works: `success` false. */
export function healthView(mesh: MeshHealth, message: string): View<typeof schemas.health> {
  const database = dependencyOk(mesh, 'postgres');
  const serving = database && Object.values(mesh.services).every(({ ok }) => ok);
  return {
    success: serving,
    data: {
      status: serving ? (mesh.redis ? 'OK' : 'DEGRADED') : 'ERROR',
      timestamp: mesh.at.toISOString(),
      uptime: Math.round(uptime()),
      version: VERSION,
      database: connection(database),
      services: { evolutionApi: installed(mesh), openai: openai(mesh), redis: connection(mesh.redis) },
    },
    ...(serving ? {} : { error: { type: 'ServiceUnavailableError', message } }),
  };
}

/** What else the page shows than the mesh's health; null for what can't be had just now. */
export interface SystemFacts {
  environment: 'development' | 'production';
  storage: { tables: number; connections: number } | null;
  /** The company's own. */
  model: string | null;
}

export function systemInfoView(
  mesh: MeshHealth,
  { environment, storage, model }: SystemFacts,
): View<typeof schemas.systemInfo> {
  const used = memoryUsage.rss();
  // A container's limit; without one the number is absurd and the machine's memory is meant.
  const total = Math.min(constrainedMemory() || totalmem(), totalmem());
  return {
    version: VERSION,
    environment,
    node: versions.node,
    platform,
    memory: { used: megabytes(used), total: megabytes(total), percentage: Math.round((used / total) * 100) },
    database: {
      status: connection(dependencyOk(mesh, 'postgres')),
      tables: storage?.tables ?? null,
      connections: storage?.connections ?? null,
    },
    services: {
      evolutionApi: { status: installed(mesh), url: null },
      openai: { status: openai(mesh), model },
    },
  };
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)}MB`;
