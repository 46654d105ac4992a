import { uptime } from 'node:process';
import type { Notification, Session, Tenant, User } from '@recado/contracts';
import type { z } from 'zod';
import { dependencyOk, type MeshHealth } from '../../health.ts';
import { spanish } from '../../languages/es.ts';
import type * as schemas from './schemas.ts';

type View<S extends z.ZodType> = z.input<S>;

/** A page as every list of this edition shows it. */
export const pageView = <T, V>(
  { page, limit }: { page: number; limit: number },
  { items, total, nextCursor }: { items: readonly T[]; total: number; nextCursor: string | null },
  view: (item: T) => V,
) => ({
  data: items.map(view),
  // A service of the version before gives no cursor.
  pagination: { page, limit, total, pages: Math.ceil(total / limit), next_cursor: nextCursor ?? null },
});

const personView = ({ id, email, firstName, lastName, role }: User) => ({
  id,
  email,
  name: `${firstName} ${lastName}`.trim(),
  // An admin sees everything, everybody else what they created.
  role: role === 'admin' ? ('admin' as const) : ('user' as const),
});

export const tokenView = ({ accessToken, expiresIn }: Session): View<typeof schemas.token> => ({
  access_token: accessToken,
  token_type: 'bearer',
  expires_in: expiresIn,
});

export const sessionView = (session: Session): View<typeof schemas.session> => ({
  ...tokenView(session),
  user: personView(session.user),
});

export const meView = (user: User, { id, name, timezone }: Tenant): View<typeof schemas.me> => ({
  ...personView(user),
  organization: { id, name, timezone },
  created_at: user.createdAt,
});

/** A broadcast is this edition's message. */
const ENTITIES: Record<string, string> = { broadcast: 'message' };

export const notificationView = (notification: Notification): View<typeof schemas.notification> => {
  const { id, kind, type, params, isRead, relatedEntityType, relatedEntityId, createdAt } = notification;
  return {
    id,
    type,
    ...spanish.notifications[kind](params),
    is_read: isRead,
    related_entity_type: relatedEntityType && (ENTITIES[relatedEntityType] ?? relatedEntityType),
    related_entity_id: relatedEntityId,
    created_at: createdAt,
  };
};

const state = (ok: boolean) => (ok ? ('ok' as const) : ('error' as const));
const whyNot = (ok: boolean) => (ok ? {} : { detail: spanish.errors.unavailable });

/** What the pages of `/api/health/<name>` look at. */
export const DEPENDENCIES = {
  db: (mesh: MeshHealth) => dependencyOk(mesh, 'postgres'),
  // The connector speaks with WhatsApp for everyone; whose numbers are connected is each company's own affair.
  whatsapp: (mesh: MeshHealth) => mesh.services.connector.ok && mesh.whatsapp !== false,
  redis: (mesh: MeshHealth) => mesh.redis,
};

export const dependencyView = (mesh: MeshHealth, ok: boolean): View<typeof schemas.dependencyHealth> => ({
  status: state(ok),
  timestamp: mesh.at.toISOString(),
  ...whyNot(ok),
});

/** Without the database or one of the services nothing useful works; without Redis it goes on. */
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
