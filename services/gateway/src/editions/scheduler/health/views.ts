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
  redis: (mesh: MeshHealth) => mesh.redis,
};

/**
 * The connector speaks with WhatsApp for all companies. Their numbers' states are not shown here.
 * Null while nothing was measured.
 */
const whatsappOk = ({ services, whatsapp }: MeshHealth): boolean | null => services.connector.ok && whatsapp;
const measured = (ok: boolean | null) => (ok === null ? ('unknown' as const) : state(ok));

export function whatsappView(mesh: MeshHealth): View<typeof schemas.whatsappHealth> {
  const ok = whatsappOk(mesh);
  return {
    status: measured(ok),
    timestamp: mesh.at.toISOString(),
    providers: mesh.providers.map(({ name, ok: answers, ms }) => ({
      name,
      status: state(answers),
      response_time_ms: ms,
    })),
    ...whyNot(ok !== false),
  };
}

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
      whatsapp: measured(whatsappOk(mesh)),
      redis: state(mesh.redis),
    },
    ...whyNot(serving),
  };
}
