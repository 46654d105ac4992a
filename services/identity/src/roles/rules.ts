import { permissionsOf, ROLES, type Role } from '@recado/contracts';
import type { Caller } from '@recado/service-kit';
import { type Holder, permissionsFor } from './permissions.ts';

/** Rights: permissions, and the built-in role that editions and lists show. */
export type Rights = { role: Role; permissions: readonly string[] };

export const rightsOf = (holder: Holder): Rights => ({ role: holder.role, permissions: permissionsFor(holder) });

/**
 * Whether rights stay within the caller's own: no permission and no role above theirs. A key counts
 * as a role when it holds all of that role's permissions.
 */
export function isWithin(caller: Pick<Caller, 'role' | 'permissions'>, rights: Rights): boolean {
  const own = new Set(caller.permissions);
  if (!rights.permissions.every((name) => own.has(name))) return false;
  if (caller.role === 'service') return false;
  if (caller.role === 'key') return permissionsOf(rights.role).every((name) => own.has(name));
  return ROLES.indexOf(caller.role) <= ROLES.indexOf(rights.role);
}
