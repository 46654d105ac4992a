import type { Permission, RouteAccess } from '@recado/contracts';
import { z } from 'zod';
import { Forbidden } from '../http/errors.ts';

/**
 * Who a request is made for. Between services it travels as an internal token; nothing else is
 * believed.
 */
export const callerSchema = z.object({
  tenantId: z.string(),
  /** Null when a service acts on its own. */
  userId: z.string().nullable(),
  /** `key`: a machine with an API key: no user, and everything its permissions name. */
  role: z.enum(['admin', 'supervisor', 'agent', 'key', 'service']),
  permissions: z.array(z.string()),
  /** The one that is called, whichever issued the token; null when a service acts on its own. */
  edition: z.string().nullable(),
  /** The service that calls. */
  service: z.string(),
  sessionId: z.string().optional(),
  apiKeyId: z.string().optional(),
  /** The company has not proved its e-mail: only routes that say so take a change of it. */
  unproved: z.literal(true).optional(),
});
export type Caller = z.infer<typeof callerSchema>;

/** The caller a service is when it acts for a tenant without a user: in consumers and timers. */
export function serviceCaller(service: string, tenantId: string): Caller {
  return { tenantId, userId: null, role: 'service', permissions: [], edition: null, service };
}

/** Whether a caller's token or key names the permission. */
export function holdsPermission(caller: Pick<Caller, 'permissions'>, permission: Permission): boolean {
  return caller.permissions.includes(permission);
}

/**
 * For what a route's `access` cannot say: a permission that depends on the call, or one that takes
 * a person (`services: false`). Else services that act on their own account pass.
 * @throws Forbidden
 */
export function requirePermission(caller: Caller, permission: Permission, { services = true } = {}): void {
  if (services && caller.role === 'service') return;
  if (!holdsPermission(caller, permission)) throw new Forbidden(`This needs the permission ${permission}`);
}

/**
 * The `access` of a route. Services that may call the route (`callers`) need no permission.
 * @throws Forbidden
 */
export function requireAccess(caller: Caller, access: RouteAccess): void {
  if (access === 'anyone' || caller.role === 'service') return;
  if (access === 'service') throw new Forbidden('Only services may do this');
  const permissions = [access].flat() as Permission[];
  if (permissions.some((permission) => holdsPermission(caller, permission))) return;
  throw new Forbidden(`This needs the permission ${permissions.join(' or ')}`);
}
