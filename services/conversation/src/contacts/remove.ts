import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  changesBetween,
  contactDeleted,
  conversationAudit,
  filesErased,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { eraseFiles } from '../files/store.ts';
import { changedEvent } from '../messages/changed-event.ts';
import { eraseTasks } from '../tasks/remove.ts';
import { lockEntry, removeEntry } from './book-store.ts';
import { auditedContact, NO_CONTACT } from './views.ts';

/**
 * Takes a contact out of the address book and all groups; its conversations and identities stay.
 * Files that it sent, or that only it got, are erased, and screens are told.
 * @throws NotFound `contact` for one the caller does not see
 */
export async function removeContact(deps: Deps, caller: Caller, origin: AuditOrigin, contactId: string): Promise<void> {
  const { tenantId } = caller;
  await withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockEntry(tx, tenantId, ownerSeenBy(caller), contactId);
    await removeEntry(tx, tenantId, contactId);
    await eraseSent(tx, origin, contactId);
    await eraseTasks(tx, tenantId, contactId);
    const changes = changesBetween(auditedContact(before), NO_CONTACT);
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

/** One event for the files of a batch, and one for each of its messages. */
async function eraseSent(tx: Tx, { tenantId, traceparent }: AuditOrigin, contactId: string): Promise<void> {
  const at = new Date().toISOString();
  for (const batch of batchesOf(await eraseFiles(tx, tenantId, contactId), FILES_AT_ONCE)) {
    const fileIds = batch.flatMap(({ details }) => details?.media?.fileId ?? []);
    await enqueue(tx, [
      buildEvent(filesErased, { tenantId, subject: contactId, traceparent, data: { contactId, fileIds } }),
      ...batch.map((message) => changedEvent(message, at, message.details)),
    ]);
  }
}

/** As many as an event holds. */
const FILES_AT_ONCE = 500;

function batchesOf<T>(all: readonly T[], size: number): T[][] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, i) => all.slice(i * size, (i + 1) * size));
}
