import {
  type AuditOrigin,
  buildAudit,
  buildEvent,
  contactUpdated,
  conversationAudit,
  MAX_CONTACT_TAGS,
} from '@recado/contracts';
import { type Tx, withTenant } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { type Caller, NotFound, ownerSeenBy } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { checkTagCount } from '../tags/change.ts';
import { isSameTag } from '../tags/rules.ts';
import { type BookRow, lockEntry } from './book-store.ts';
import { selectContactTags, setContactTags, type TagsMoved } from './tag-store.ts';
import { contactFacts } from './views.ts';

interface TagChange {
  contactId: string;
  name: string;
}

/**
 * Tags a contact, and makes the tag where the tenant has none of that name.
 * @throws NotFound `contact`; ValidationFailed naming `name` beyond 50 tags
 */
export const addContactTag = (deps: Deps, caller: Caller, origin: AuditOrigin, { contactId, name }: TagChange) =>
  withTenant(deps.db, caller.tenantId, async (tx) => {
    const { tenantId } = caller;
    const contact = await lockEntry(tx, tenantId, ownerSeenBy(caller), contactId);
    const before = (await selectContactTags(tx, tenantId, contactId)).map((tag) => tag.name);
    if (before.some((tag) => isSameTag(tag, name))) return { tags: before };
    checkTagCount(before.length + 1, 'name', MAX_CONTACT_TAGS);
    const moved = await setContactTags(tx, tenantId, contactId, [...before, name]);
    await tell(tx, origin, contact, 'contact.tag', moved!);
    return { tags: moved!.to };
  });

/** @throws NotFound `contact`, or `tag` when the contact does not have it */
export const removeContactTag = (deps: Deps, caller: Caller, origin: AuditOrigin, { contactId, name }: TagChange) =>
  withTenant(deps.db, caller.tenantId, async (tx) => {
    const { tenantId } = caller;
    const contact = await lockEntry(tx, tenantId, ownerSeenBy(caller), contactId);
    const before = (await selectContactTags(tx, tenantId, contactId)).map((tag) => tag.name);
    const kept = before.filter((tag) => !isSameTag(tag, name));
    if (kept.length === before.length) throw new NotFound('tag');
    const moved = await setContactTags(tx, tenantId, contactId, kept);
    await tell(tx, origin, contact, 'contact.untag', moved!);
    return { tags: moved!.to };
  });

async function tell(tx: Tx, origin: AuditOrigin, contact: BookRow, action: string, tags: TagsMoved): Promise<void> {
  const { tenantId, traceparent } = origin;
  const data = { ...contactFacts(contact), changed: ['tags'] };
  await enqueue(tx, [
    buildEvent(contactUpdated, { tenantId, subject: contact.id, traceparent, data }),
    buildAudit(conversationAudit, origin, { action, entityType: 'contact', entityId: contact.id, changes: { tags } }),
  ]);
}
