import { PERMISSION_NAMES, type Permission, permissionsOf, type Role } from '@recado/contracts';

/** Who holds permissions: a user, by their own role or by a built-in one. */
export interface Holder {
  role: Role;
  customRole: { permissions: readonly string[] } | null;
}

/**
 * What a user may do, in the order of contracts' table. The one place: tokens, answers and checks
 * ask here.
 */
export function permissionsFor({ role, customRole }: Holder): Permission[] {
  return customRole ? knownPermissions(customRole.permissions) : permissionsOf(role);
}

/** Stored names that still mean something, in the table's order and once each. */
export function knownPermissions(names: readonly string[]): Permission[] {
  return PERMISSION_NAMES.filter((name) => names.includes(name));
}
