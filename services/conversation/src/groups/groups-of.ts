import { type AuditOrigin, buildEvent, groupUpdated } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { ValidationFailed } from '@recado/service-kit';
import { insertGroupsOf, removeGroupsOf, selectGroupFacts, shareGroups } from './store.ts';
import { groupFacts } from './views.ts';

/**
 * Locks the groups named for a contact against removal, before the contact itself is locked.
 * @throws ValidationFailed naming each place of a group the caller does not see
 */
export async function lockNamedGroups(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  groupIds: readonly string[],
): Promise<void> {
  const seen = await shareGroups(tx, tenantId, owner, [...new Set(groupIds)].sort());
  const unknown = groupIds.flatMap((id, i) =>
    seen.has(id) ? [] : [{ field: `groupIds.${i}`, message: 'No such group', code: 'unknown_group' as const }],
  );
  if (unknown.length > 0) throw new ValidationFailed(unknown);
}

/**
 * Sets which of the visible groups a locked contact is in, and publishes each change. Returns the
 * groups for the audit log; null when nothing changed.
 */
export async function setGroupsOf(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  contactId: string,
  groupIds: readonly string[],
  { actor, traceparent }: AuditOrigin,
): Promise<{ from: string[]; to: string[] } | null> {
  const ids = [...new Set(groupIds)].sort();
  const from = await removeGroupsOf(tx, tenantId, owner, contactId, ids);
  const to = await insertGroupsOf(tx, tenantId, contactId, ids, actor.userId);
  if (from.length + to.length === 0) return null;
  const groups = await selectGroupFacts(tx, tenantId, [...from, ...to]);
  await enqueue(
    tx,
    groups.map((group) =>
      buildEvent(groupUpdated, {
        tenantId,
        subject: group.id,
        traceparent,
        data: { ...groupFacts(group), changed: ['contacts'] },
      }),
    ),
  );
  return { from, to };
}
