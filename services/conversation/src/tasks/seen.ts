import type { Tx } from '@recado/database';
import { type Caller, Forbidden, holdsPermission } from '@recado/service-kit';

/**
 * Whose tasks a caller sees: null for all. Without tasks.manage a user has those that they made or
 * got. A key or a service sees all.
 * @throws Forbidden for a user without an id, so that it never means everything
 */
export function taskPersonOf(caller: Caller): string | null {
  if (caller.role === 'key' || caller.role === 'service' || holdsPermission(caller, 'tasks.manage')) return null;
  if (caller.userId === null) throw new Forbidden('This takes a person');
  return caller.userId;
}

/** The tasks of `taskPersonOf`; the table is `t`. */
export const seenTasks = (tx: Tx, tenantId: string, person: string | null) =>
  tx`t.tenant_id = ${tenantId}
    ${person === null ? tx`` : tx`and (t.assigned_user_id = ${person} or t.created_by = ${person})`}`;
