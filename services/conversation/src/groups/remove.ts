import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  changesBetween,
  conversationAudit,
  groupDeleted,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { deleteGroupRows, lockGroup } from './store.ts';
import { auditedGroup } from './views.ts';

/** Removes a group; its contacts stay. @throws NotFound `group` for one the caller does not see */
export async function removeGroup(deps: Deps, caller: Caller, origin: AuditOrigin, groupId: string): Promise<void> {
  const { tenantId } = caller;
  await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockGroup(tx, tenantId, ownerSeenBy(caller), groupId, 'update');
    await deleteGroupRows(tx, tenantId, groupId);
    const changes = changesBetween(auditedGroup(before), null);
    const what = { action: 'group.delete', entityType: 'group', entityId: groupId, changes };
    await enqueue(tx, [
      buildEvent(groupDeleted, { tenantId, subject: groupId, traceparent: origin.traceparent, data: { groupId } }),
      buildAudit(conversationAudit, origin, what),
    ]);
  });
}
