import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  type ContactEntry,
  changesBetween,
  contactUpdated,
  type conversationApi,
  conversationAudit,
  type RouteInput,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import { isSamePhone } from '@recado/service-kit/phone';
import { followContact } from '../boards/follow.ts';
import { checkCustomFields } from '../custom-fields/check.ts';
import type { Deps } from '../deps.ts';
import { lockNamedGroups, setGroupsOf } from '../groups/groups-of.ts';
import { recordContactEvents, wishEvents } from '../timeline/record.ts';
import { blockedEvents } from './blocked.ts';
import {
  claimPhones,
  detachOtherPhones,
  getEntry,
  lockEntry,
  phoneIdentity,
  waitForPhoneChanges,
} from './book-store.ts';
import { withInput } from './profile.ts';
import { setContactTags } from './tag-store.ts';
import { auditedContact, contactFacts, entryView, phoneTaken } from './views.ts';
import { writeEntries } from './write-store.ts';

type Input = RouteInput<typeof conversationApi.updateContact>['body'];

/**
 * Changes a contact, and emits no event when nothing changed. With `groupIds` it is in exactly
 * those of the groups that the caller sees.
 * @throws NotFound `contact`; ValidationFailed naming a group; both when the caller does not see it
 * @throws Conflict naming `phone` when that is another contact's
 */
export async function updateContact(
  deps: Deps,
  caller: Caller,
  origin: AuditOrigin,
  contactId: string,
  input: Input,
): Promise<ContactEntry> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  const row = await withTenant(deps.db, tenantId, async (tx) => {
    if (input.phone !== undefined) await takePhone(tx, tenantId, owner, contactId, input.phone);
    if (input.groupIds) await lockNamedGroups(tx, tenantId, owner, input.groupIds);
    const before = await lockEntry(tx, tenantId, owner, contactId);
    const { groupIds, tags, ...given } = input;
    await checkCustomFields(tx, tenantId, given.customFields);
    const after = withInput(before, given, new Date());
    const changed = changesBetween(auditedContact(before), auditedContact(after));
    if (changed) await writeEntries(tx, tenantId, [after]);
    if (input.phone && !isSamePhone(before.phone, input.phone))
      await detachOtherPhones(tx, tenantId, contactId, input.phone);
    const moved = groupIds && (await setGroupsOf(tx, tenantId, owner, contactId, groupIds, origin));
    const tagged = tags && (await setContactTags(tx, tenantId, contactId, tags));
    if (changed || moved || tagged) {
      const changes = { ...changed, ...(moved ? { groupIds: moved } : {}), ...(tagged ? { tags: tagged } : {}) };
      const data = { ...contactFacts(after), changed: Object.keys(changes) };
      const what = { action: 'contact.update', entityType: 'contact', entityId: contactId, changes };
      const about = { tenantId, contactId, userId: caller.userId, at: deps.now() };
      await recordContactEvents(tx, wishEvents(before, after, about));
      const block = [before.blockedAt, after.blockedAt] as [Date | null, Date | null];
      await enqueue(tx, [
        ...(await blockedEvents(tx, tenantId, contactId, block, origin.traceparent)),
        buildEvent(contactUpdated, { tenantId, subject: contactId, traceparent: origin.traceparent, data }),
        buildAudit(conversationAudit, origin, what),
      ]);
      const card = { tenantId, cardId: contactId, byUserId: caller.userId, traceparent: origin.traceparent };
      await followContact(tx, card, before.leadStatus, after.leadStatus);
    }
    return getEntry(tx, tenantId, owner, contactId);
  });
  return entryView(row);
}

/**
 * Makes a phone the contact's, before the contact itself is locked: as everywhere, identities come
 * first.
 * @throws NotFound `contact` for one the caller does not see, Conflict naming `phone`
 */
async function takePhone(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  contactId: string,
  phone: string,
): Promise<void> {
  await waitForPhoneChanges(tx, contactId);
  const { phone: old } = await getEntry(tx, tenantId, owner, contactId);
  const wanted = phoneIdentity(tenantId, phone);
  const present = old === null ? null : phoneIdentity(tenantId, old);
  const [claimedBy] = await claimPhones(tx, present ? [wanted, present] : [wanted], contactId);
  if (claimedBy !== contactId) throw phoneTaken();
}
