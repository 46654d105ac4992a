import type { Permission } from '@recado/contracts';
import { type Caller, Forbidden } from '@recado/service-kit';

/** @throws Forbidden when the caller's token does not carry the permission */
export function requirePermission(caller: Caller, permission: Permission): void {
  if (!caller.permissions.includes(permission)) throw new Forbidden(`This needs the permission ${permission}`);
}

/** Like requirePermission, but services that read on their own account (hydration in consumers) pass. */
export function requireReadPermission(caller: Caller, permission: Permission): void {
  if (caller.role !== 'service') requirePermission(caller, permission);
}
