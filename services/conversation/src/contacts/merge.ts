import {
  type AuditOrigin,
  type BuiltEvent,
  buildAudit,
  buildEvent,
  type ContactEntry,
  changesBetween,
  contactDeleted,
  contactUpdated,
  conversationAudit,
  conversationUpdated,
  FIELD_CODES,
  MAX_MERGED_CHATS,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, NotFound, ownerSeenBy, ValidationFailed } from '@recado/service-kit';
import type { ConversationRow } from '../conversations/store.ts';
import { conversationView } from '../conversations/views.ts';
import type { Deps } from '../deps.ts';
import { lockRouting } from '../routing/lock.ts';
import { recordContactEvents } from '../timeline/record.ts';
import { type BookRow, bookColumns, getEntry, waitForPhoneChanges } from './book-store.ts';
import { takeOver } from './join-store.ts';
import { mergedProfile } from './merge-rules.ts';
import { seenContacts } from './seen.ts';
import { findContacts, lockIdentities } from './store.ts';
import { auditedContact, contactFacts, entryView } from './views.ts';
import { writeEntries } from './write-store.ts';

interface Merge {
  contactId: string;
  contactIds: readonly string[];
}

/**
 * Makes several contacts one, for a person who knows that they are. The others' ids are 404 then.
 * @throws NotFound `contact`; ValidationFailed naming each id that is wrong, or too many chats
 */
export async function mergeContacts(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  merge: Merge,
): Promise<ContactEntry> {
  const { tenantId } = caller;
  const others = merge.contactIds.toSorted();
  if (others.includes(merge.contactId)) throw wrongIds(merge, (id) => id === merge.contactId, 'duplicate');
  const work = async (tx: Tx): Promise<ContactEntry> => {
    await lockRouting(tx, [tenantId]);
    const all = [merge.contactId, ...others].toSorted();
    for (const id of all) await waitForPhoneChanges(tx, id);
    await lockIdentities(tx, tenantId, all);
    const { kept, rest } = await lockSeen(tx, caller, merge, all);
    await checkChats(tx, tenantId, others);
    const after = mergedProfile(kept, rest);
    const chats = await takeOver(tx, tenantId, others, kept.id);
    await writeEntries(tx, tenantId, [after]);
    await tx`
      update contacts set username = ${after.username}, avatar_url = ${after.avatarUrl}
      where tenant_id = ${tenantId} and id = ${kept.id}`;
    await tell(tx, caller, origin, { kept, after, others, chats }, deps.now());
    return entryView(await getEntry(tx, tenantId, ownerSeenBy(caller), kept.id));
  };
  return withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
}

async function lockSeen(tx: Tx, caller: Caller, merge: Merge, all: readonly string[]) {
  const { tenantId } = caller;
  const rows = await tx<BookRow[]>`
    select ${bookColumns(tx)} from contacts k
    where ${seenContacts(tx, tenantId, ownerSeenBy(caller))} and k.id = any(${all as string[]}::uuid[])
    order by k.id for update`;
  const found = new Map(rows.map((row) => [row.id, row]));
  const kept = found.get(merge.contactId);
  if (!kept) throw new NotFound('contact', merge.contactId);
  if (found.size < all.length) throw wrongIds(merge, (id) => !found.has(id), 'unknown_contact');
  return { kept, rest: merge.contactIds.map((id) => found.get(id)!) };
}

/** All chats move in one transaction, which holds the tenant's routing. @throws ValidationFailed */
async function checkChats(tx: Tx, tenantId: string, others: string[]): Promise<void> {
  const rows = await tx`
    select from conversations where tenant_id = ${tenantId} and contact_id = any(${others}::uuid[])
    offset ${MAX_MERGED_CHATS} limit 1`;
  if (rows.length === 0) return;
  const code = 'merge_chats';
  const params = { maximum: MAX_MERGED_CHATS };
  throw new ValidationFailed([{ field: 'contactIds', message: FIELD_CODES[code], code, params }]);
}

const wrongIds = (
  { contactIds }: Merge,
  isWrong: (id: string) => boolean,
  code: 'duplicate' | 'unknown_contact',
): ValidationFailed =>
  new ValidationFailed(
    contactIds.flatMap((id, i) =>
      isWrong(id) ? [{ field: `contactIds.${i}`, message: 'No such contact', code }] : [],
    ),
  );

interface Merged {
  kept: BookRow;
  after: BookRow;
  others: readonly string[];
  chats: readonly ConversationRow[];
}

async function tell(tx: Tx, caller: Caller, origin: AuditOrigin, merged: Merged, at: Date): Promise<void> {
  const { tenantId, traceparent } = origin;
  const { kept, after, others, chats } = merged;
  const changes = changesBetween(auditedContact(kept), auditedContact(after)) ?? {};
  const what = { action: 'contact.merge', entityType: 'contact', entityId: kept.id };
  const data = { ...contactFacts(after), changed: [...Object.keys(changes), 'merged'] };
  const [contact] = await findContacts(tx, [{ tenantId, id: kept.id }]);
  const events: BuiltEvent[] = [
    buildEvent(contactUpdated, { tenantId, subject: kept.id, traceparent, data }),
    ...chats.map((row) =>
      buildEvent(conversationUpdated, {
        tenantId,
        subject: row.id,
        traceparent,
        data: { conversation: conversationView(row, contact!), changed: ['contact', 'status'] },
      }),
    ),
    ...others.map((contactId) =>
      buildEvent(contactDeleted, {
        tenantId,
        subject: contactId,
        traceparent,
        data: { contactId, mergedInto: kept.id },
      }),
    ),
    buildAudit(conversationAudit, origin, { ...what, changes: { ...changes, merged: { from: null, to: others } } }),
  ];
  await enqueue(tx, events);
  await recordContactEvents(
    tx,
    others.map((contactId) => ({
      ...{ tenantId, contactId: kept.id, kind: 'contact.merged' as const, at, userId: caller.userId },
      data: { contactId },
    })),
  );
}
