import { buildEvent, userCreated, userDeleted, userUpdated } from '@recado/contracts';
import type { UserRow } from './store.ts';

/** The `user.created` event of a user. */
export const userCreatedEvent = (row: UserRow, traceparent?: string) =>
  buildEvent(userCreated, { tenantId: row.tenantId, subject: row.id, traceparent, data: dataOf(row) });

/** The `user.updated` event of a user as it is now; `changed` names the fields. */
export const userUpdatedEvent = (row: UserRow, changed: string[], traceparent?: string) =>
  buildEvent(userUpdated, { tenantId: row.tenantId, subject: row.id, traceparent, data: { ...dataOf(row), changed } });

/** The `user.deleted` event of a user as it was. */
export const userDeletedEvent = (row: UserRow, traceparent?: string) =>
  buildEvent(userDeleted, { tenantId: row.tenantId, subject: row.id, traceparent, data: dataOf(row) });

function dataOf({ id: userId, email, firstName, lastName, role, status, maxConcurrentChats, autoAssign }: UserRow) {
  return { userId, email, firstName, lastName, role, status, maxConcurrentChats, autoAssign };
}

/** What the audit log compares of a user. */
export function auditedUser(row: UserRow) {
  const { email, firstName, lastName, role, customRole, status, phone, avatarUrl } = row;
  const { agentStatus, maxConcurrentChats, autoAssign } = row;
  return {
    email,
    firstName,
    lastName,
    phone,
    avatarUrl,
    role,
    customRole: customRole?.name ?? null,
    status,
    agentStatus,
    maxConcurrentChats,
    autoAssign,
  };
}
