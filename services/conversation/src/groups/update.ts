import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  changesBetween,
  type conversationApi,
  conversationAudit,
  type Group,
  groupUpdated,
  type RouteInput,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { getGroup, lockGroup, patchGroup } from './store.ts';
import { auditedGroup, groupFacts, groupView } from './views.ts';

type Input = RouteInput<typeof conversationApi.updateGroup>['body'];

/**
 * Changes a group, and emits no event when nothing changed.
 * @throws NotFound `group` for one the caller does not see
 */
export async function updateGroup(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  groupId: string,
  input: Input,
): Promise<Group> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockGroup(tx, tenantId, owner, groupId, 'update');
    const { name = before.name, description = before.description } = input;
    const after = { ...before, name, description };
    const changes = changesBetween(auditedGroup(before), auditedGroup(after));
    if (changes) {
      await patchGroup(tx, tenantId, groupId, after);
      const data = { ...groupFacts(after), changed: Object.keys(changes) };
      const what = { action: 'group.update', entityType: 'group', entityId: groupId, changes };
      await enqueue(tx, [
        buildEvent(groupUpdated, { tenantId, subject: groupId, traceparent: origin.traceparent, data }),
        buildAudit(conversationAudit, origin, what),
      ]);
    }
    return getGroup(tx, tenantId, owner, groupId);
  });
  return groupView(row);
}
