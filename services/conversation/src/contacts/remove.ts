import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  type ContactErasure,
  contactDeleted,
  conversationAudit,
  conversationUpdated,
} from '@recado/contracts';
import { type Database, readTenant, type Tx, withTenant } from '@recado/database';
import { enqueueJob } from '@recado/jobs';
import { enqueue } from '@recado/messaging';
import { type Caller, NotFound, ownerSeenBy } from '@recado/service-kit';
import { erasePlaces } from '../boards/store.ts';
import { type ConversationWithContact, closeErased } from '../conversations/store.ts';
import { contactOf, conversationView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { eraseContactJob } from '../erasures/job.ts';
import { keepDigests } from '../erasures/known-store.ts';
import { blankContact, insertErasure, selectErasure, takeIdentities } from '../erasures/store.ts';
import { lockRouting } from '../routing/lock.ts';
import { eraseSurveys } from '../surveys/store.ts';
import { eraseTasks } from '../tasks/remove.ts';
import { type BookRow, lockEntry, phoneIdentity } from './book-store.ts';
import { type Identity, lockIdentities } from './store.ts';

/**
 * Erases a contact: its profile and addresses at once, and its open chats close. A job erases what
 * was said (erasures/run.ts), and tells the other services. Who writes again is another contact.
 * @throws NotFound `contact` for one the caller does not see
 */
export async function removeContact(deps: Deps, caller: Caller, origin: AuditOrigin, contactId: string): Promise<void> {
  const { tenantId } = caller;
  await withTenant(deps.db, tenantId, async (tx) => {
    await lockRouting(tx, [tenantId]);
    await lockIdentities(tx, tenantId, [contactId]);
    const contact = await lockEntry(tx, tenantId, ownerSeenBy(caller), contactId);
    const identities = await takeIdentities(tx, tenantId, contactId);
    await forgetPerson(tx, tenantId, contact, identities);
    const addresses = addressesOf(contact, identities);
    const chats = await closeErased(tx, tenantId, contactId, deps.now());
    const tasks = await eraseTasks(tx, tenantId, contactId);
    await eraseSurveys(tx, tenantId, contactId);
    await erasePlaces(tx, tenantId, contactId);
    await insertErasure(tx, { tenantId, contactId, requestedBy: caller.userId, addresses, tasks });
    await enqueueJob(tx, eraseContactJob, tenantId, { contactId, round: 0 }, { key: `${contactId} 0` });
    const what = { action: 'contact.delete', entityType: 'contact', entityId: contactId };
    const { traceparent } = origin;
    await enqueue(tx, [
      ...chats.map((row) => closedEvent(row, traceparent)),
      buildEvent(contactDeleted, { tenantId, subject: contactId, traceparent, data: { contactId } }),
      // Without what the contact was: that would be kept for as long as the audit log.
      buildAudit(conversationAudit, origin, { ...what, changes: { isActive: { from: contact.isActive, to: null } } }),
    ]);
  });
}

async function forgetPerson(tx: Tx, tenantId: string, contact: BookRow, known: readonly Identity[]): Promise<void> {
  const identities = contact.phone ? [...known, phoneIdentity(tenantId, contact.phone)] : known;
  const unique = [...new Map(identities.map((one) => [`${one.kind} ${one.value}`, one])).values()];
  await keepDigests(tx, unique, contact);
  await blankContact(tx, tenantId, contact.id);
}

/** What names the person in groups. */
function addressesOf({ phone }: BookRow, identities: readonly Identity[]): string[] {
  const named = identities.flatMap(({ kind, value }) =>
    kind === 'wa_id' ? [value, `+${value}`] : kind === 'user_id' ? [value] : [],
  );
  return [...new Set([...named, ...(phone ? [phone, phone.slice(1)] : [])])];
}

const closedEvent = (row: ConversationWithContact, traceparent: string | undefined) => {
  const data = { conversation: conversationView(row, contactOf(row)), changed: ['status', 'contact'] };
  return buildEvent(conversationUpdated, { tenantId: row.tenantId, subject: row.id, traceparent, data });
};

/** Events are kept in streams and outboxes for so long. */
const QUEUES_MS = 72 * 3600_000;

/** How far the erasure of a contact is. @throws NotFound `contact` */
export async function getErasure(db: Database, caller: Caller, contactId: string): Promise<ContactErasure> {
  const [[row]] = await readTenant(db, caller.tenantId, (tx) => [
    selectErasure(tx, caller.tenantId, ownerSeenBy(caller), contactId),
  ]);
  if (!row) throw new NotFound('contact', contactId);
  const { status, requestedAt, doneAt, chats, messages, files, notes, tasks } = row;
  return {
    contactId,
    status,
    requestedAt: requestedAt.toISOString(),
    doneAt: doneAt?.toISOString() ?? null,
    erased: { chats, messages, files, notes, tasks },
    queuesUntil: new Date((doneAt ?? requestedAt).getTime() + QUEUES_MS).toISOString(),
  };
}
