import { uptime } from 'node:process';
import type { View } from '../../../edge/edition.ts';
import { dependencyOk, type MeshHealth } from '../../../health.ts';
import { texts } from '../texts.ts';
import type * as schemas from './schemas.ts';

const state = (ok: boolean) => (ok ? ('ok' as const) : ('error' as const));
const whyNot = (ok: boolean) => (ok ? {} : { detail: texts.errors.unavailable });

/** What the pages of `/api/health/<name>` look at. */
export const DEPENDENCIES = {
  db: (mesh: MeshHealth) => dependencyOk(mesh, 'postgres'),
  // The connector speaks with WhatsApp for all companies. Their numbers' states are not shown here.
  whatsapp: (mesh: MeshHealth) => mesh.services.connector.ok && mesh.whatsapp !== false,
  redis: (mesh: MeshHealth) => mesh.redis,
};

export const dependencyView = (mesh: MeshHealth, ok: boolean): View<typeof schemas.dependencyHealth> => ({
  status: state(ok),
  timestamp: mesh.at.toISOString(),
  ...whyNot(ok),
});

/** Without the database or a service nothing useful works. Without Redis it does. */
export function healthView(mesh: MeshHealth): View<typeof schemas.health> {
  const api = Object.values(mesh.services).every(({ ok }) => ok);
  const db = DEPENDENCIES.db(mesh);
  const serving = api && db;
  return {
    status: serving ? (mesh.redis ? 'ok' : 'degraded') : 'error',
    timestamp: mesh.at.toISOString(),
    uptime_seconds: Math.round(uptime()),
    services: {
      api: state(api),
      db: state(db),
      whatsapp: state(DEPENDENCIES.whatsapp(mesh)),
      redis: state(mesh.redis),
    },
    ...whyNot(serving),
  };
}
