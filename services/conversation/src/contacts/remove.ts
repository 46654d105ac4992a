import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  changesBetween,
  contactDeleted,
  conversationAudit,
} from '@recado/contracts';
import { withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { lockEntry, removeEntry } from './book-store.ts';
import { auditedContact } from './views.ts';

/**
 * Takes a contact out of the address book and all groups. Its conversations stay, and so does what
 * its number is recognised by.
 * @throws NotFound `contact` for one the caller does not see
 */
export async function removeContact(deps: Deps, caller: Caller, origin: AuditOrigin, contactId: string): Promise<void> {
  const { tenantId } = caller;
  await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockEntry(tx, tenantId, ownerSeenBy(caller), contactId);
    await removeEntry(tx, tenantId, contactId);
    const changes = changesBetween(auditedContact(before), null);
    const what = { action: 'contact.delete', entityType: 'contact', entityId: contactId, changes };
    await enqueue(tx, [
      buildEvent(contactDeleted, {
        tenantId,
        subject: contactId,
        traceparent: origin.traceparent,
        data: { contactId },
      }),
      buildAudit(conversationAudit, origin, what),
    ]);
  });
}
