import {
  type AuditOrigin,
  type BuiltEvent,
  buildAudit,
  buildEvent,
  type ContactEntry,
  changesBetween,
  contactCreated,
  contactUpdated,
  type conversationApi,
  conversationAudit,
  type RouteInput,
  uuidv7,
} from '@recado/contracts';
import { once, type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import { checkCustomFields } from '../custom-fields/check.ts';
import type { Deps } from '../deps.ts';
import { recallWishesOf } from '../erasures/late.ts';
import { lockNamedGroups, setGroupsOf } from '../groups/groups-of.ts';
import { blockedEvents } from './blocked.ts';
import { type BookRow, claimPhones, getEntry, lockAny, phoneIdentity } from './book-store.ts';
import { BLANK, whenRemoved, withInput } from './profile.ts';
import { setContactTags } from './tag-store.ts';
import { auditedContact, contactFacts, entryView, NO_CONTACT, phoneTaken } from './views.ts';
import { writeEntries } from './write-store.ts';

type Input = RouteInput<typeof conversationApi.createContact>['body'];

/**
 * Adds a contact to the address book. A phone is one contact: one known only by messages, or
 * removed, becomes the caller's and keeps its id. At the same moment the first one wins.
 * @throws ValidationFailed for a group the caller does not see
 * @throws Conflict naming `phone` when the contact is in the address book already
 */
export async function createContact(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  input: Input,
): Promise<ContactEntry> {
  const { tenantId, userId: createdBy } = caller;
  const owner = ownerSeenBy(caller);
  const { groupIds = [] } = input;
  const work = async (tx: Tx): Promise<ContactEntry> => {
    const [id] = await claimPhones(tx, [phoneIdentity(tenantId, input.phone)], uuidv7());
    if (groupIds.length > 0) await lockNamedGroups(tx, tenantId, owner, groupIds);
    const before = await lockAny(tx, tenantId, id!);
    if (before?.enteredAt && !before.deletedAt) throw phoneTaken();
    const known = before?.deletedAt ? null : before;
    const recalled = before ? null : await recallPhone(tx, tenantId, input.phone);
    const { groupIds: _, tags = [], ...given } = input;
    await checkCustomFields(tx, tenantId, given.customFields);
    const now = new Date();
    const after = {
      ...withInput({ ...(known ?? (before ? whenRemoved(before) : { ...BLANK, ...recalled })), createdBy }, given, now),
      id: id!,
      enteredAt: now,
      deletedAt: null,
      isActive: input.isActive ?? true,
    };
    await writeEntries(tx, tenantId, [after]);
    const moved = groupIds.length > 0 ? await setGroupsOf(tx, tenantId, owner, after.id, groupIds, origin) : null;
    const tagged = tags.length > 0 ? await setContactTags(tx, tenantId, after.id, tags) : null;
    const changes = {
      ...changesBetween(known ? auditedContact(known) : NO_CONTACT, auditedContact(after)),
      ...(moved ? { groupIds: moved } : {}),
      ...(tagged ? { tags: tagged } : {}),
    };
    const what = { action: 'contact.create', entityType: 'contact', entityId: after.id, changes };
    const block = [known?.blockedAt ?? null, after.blockedAt] as [Date | null, Date | null];
    await enqueue(tx, [
      ...(known ? await blockedEvents(tx, tenantId, known.id, block, origin.traceparent) : []),
      told(tenantId, origin, known, after, Object.keys(changes)),
      buildAudit(conversationAudit, origin, what),
    ]);
    return entryView(await getEntry(tx, tenantId, owner, after.id));
  };
  const made = await withTenant(deps.db, tenantId, (tx) => once(tx, tenantId, origin.callKey, () => work(tx)));
  return made;
}

/** What the erased owner of a phone wants. */
async function recallPhone(tx: Tx, tenantId: string, phone: string) {
  const identity = phoneIdentity(tenantId, phone);
  return (await recallWishesOf(tx, [identity])).get(identity.value) ?? null;
}

/** A contact known by messages was published when the first one came. */
function told(
  tenantId: string,
  { traceparent }: AuditOrigin,
  known: BookRow | null,
  after: Parameters<typeof contactFacts>[0],
  changed: string[],
): BuiltEvent {
  const common = { tenantId, subject: after.id, traceparent };
  const { id: contactId, name, phone } = after;
  if (!known) return buildEvent(contactCreated, { ...common, data: { contactId, name, phone } });
  return buildEvent(contactUpdated, { ...common, data: { ...contactFacts(after), changed } });
}
