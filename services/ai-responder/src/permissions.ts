import type { Permission } from '@recado/contracts';
import { type Caller, Forbidden } from '@recado/service-kit';

/** Lets a caller with the permission pass, and services that act on their own account. @throws Forbidden */
export function requirePermission(caller: Caller, permission: Permission): void {
  if (caller.role !== 'service' && !caller.permissions.includes(permission)) throw new Forbidden();
}
