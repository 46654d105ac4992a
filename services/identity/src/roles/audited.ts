import type { RoleRow } from './store.ts';

/** What the audit log compares of a role. */
export const auditedRole = ({ name, displayName, baseRole, permissions }: RoleRow) => ({
  name,
  displayName,
  baseRole,
  permissions,
});
