import { type AuditOrigin, buildAudit, buildEvent, conversationAudit, groupUpdated } from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, NotFound, ownerSeenBy, ValidationFailed } from '@recado/service-kit';
import { shareEntries } from '../contacts/book-store.ts';
import type { Deps } from '../deps.ts';
import { countMembers, deleteMember, type GroupRow, insertMembers, lockGroup } from './store.ts';
import { groupFacts } from './views.ts';

/**
 * Puts contacts into a group, all or none; those who are in it already count for nothing.
 * @throws NotFound `group`, ValidationFailed naming each place of a contact the caller does not see
 */
export async function addContacts(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  groupId: string,
  contactIds: readonly string[],
): Promise<{ added: number; contactCount: number }> {
  const { tenantId, userId } = caller;
  const owner = ownerSeenBy(caller);
  // In one order, so that two calls with the same contacts wait for each other instead of
  // deadlocking.
  const ids = [...new Set(contactIds)].sort();
  const work = async (tx: Tx) => {
    const group = await lockGroup(tx, tenantId, owner, groupId, 'share');
    const seen = await shareEntries(tx, tenantId, owner, ids);
    if (seen.size < ids.length) throw unknownContacts(contactIds, seen);
    const added = await insertMembers(tx, tenantId, groupId, ids, userId);
    if (added.length > 0) await tell(tx, tenantId, origin, group, 'group.add_contacts', { from: [], to: added });
    return { added: added.length, contactCount: await countMembers(tx, tenantId, owner, groupId) };
  };
  const result = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  return result;
}

/**
 * Takes a contact out of a group. @throws NotFound `group`; `contact` for one that is not in it, or
 * that the caller does not see
 */
export async function removeMember(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  groupId: string,
  contactId: string,
): Promise<void> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  await withTenant(deps.db, tenantId, async (tx) => {
    const group = await lockGroup(tx, tenantId, owner, groupId, 'share');
    if (!(await deleteMember(tx, tenantId, owner, groupId, contactId))) throw new NotFound('contact', contactId);
    await tell(tx, tenantId, origin, group, 'group.remove_contact', { from: [contactId], to: [] });
  });
}

function unknownContacts(contactIds: readonly string[], seen: ReadonlySet<string>): ValidationFailed {
  return new ValidationFailed(
    contactIds.flatMap((id, i) =>
      seen.has(id) ? [] : [{ field: `contactIds.${i}`, message: 'No such contact', code: 'unknown_contact' }],
    ),
  );
}

async function tell(
  tx: Tx,
  tenantId: string,
  origin: AuditOrigin,
  group: GroupRow,
  action: string,
  contactIds: { from: string[]; to: string[] },
): Promise<void> {
  const data = { ...groupFacts(group), changed: ['contacts'] };
  await enqueue(tx, [
    buildEvent(groupUpdated, { tenantId, subject: group.id, traceparent: origin.traceparent, data }),
    buildAudit(conversationAudit, origin, {
      action,
      entityType: 'group',
      entityId: group.id,
      changes: { contactIds },
    }),
  ]);
}
