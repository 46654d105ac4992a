import { columns, type Tx } from '@recado/database';
import { NotFound } from '@recado/service-kit';
import { phoneKey } from '@recado/service-kit/phone';
import { seenGroups } from '../groups/store.ts';
import { contacts } from '../schema.ts';
import { seenContacts } from './seen.ts';
import { claimIdentities, type Identity, identityKey } from './store.ts';

/** A contact as the address book has it, locked or read; the table is `k`. */
export const bookColumns = columns(contacts, { alias: 'k', except: ['tenantId'] });
export type BookRow = typeof bookColumns.$row;
/** With the groups that the caller sees, its tags, and what its conversations tell. */
export type EntryRow = BookRow & { groupIds: string[]; tags: string[]; lastMessageAt: Date | null; totalChats: number };

export const entryColumns = (tx: Tx, tenantId: string, owner: string | null) => tx`
  ${bookColumns(tx)},
  array(select m.group_id from group_contacts m join groups g on g.tenant_id = m.tenant_id and g.id = m.group_id
        where m.tenant_id = ${tenantId} and m.contact_id = k.id and ${seenGroups(tx, tenantId, owner)}
        order by m.group_id) as "groupIds",
  ${tagNames(tx, tenantId)} as tags, v."lastMessageAt", v."totalChats"`;

/** The names of the tags of contact `k`. */
export const tagNames = (tx: Tx, tenantId: string) => tx`
  array(select t.name from contact_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
        where l.tenant_id = ${tenantId} and l.contact_id = k.id order by lower(t.name))`;

/** What the conversations of contact `k` tell: by an index, for the contacts of a page alone. */
export const chatsOf = (tx: Tx, tenantId: string) => tx`
  cross join lateral (
    select count(*)::int as "totalChats", max(c.last_message_at) filter (where c.last_message_id is not null) as "lastMessageAt"
    from conversations c where c.tenant_id = ${tenantId} and c.contact_id = k.id) v`;

/** @throws NotFound `contact` for one that the caller does not see */
export async function getEntry(tx: Tx, tenantId: string, owner: string | null, id: string): Promise<EntryRow> {
  const [row] = await tx<EntryRow[]>`
    select ${entryColumns(tx, tenantId, owner)} from contacts k ${chatsOf(tx, tenantId)}
    where ${seenContacts(tx, tenantId, owner)} and k.id = ${id}`;
  if (!row) throw new NotFound('contact', id);
  return row;
}

/**
 * Locks a contact that the caller sees.
 * @throws NotFound `contact`
 */
export async function lockEntry(tx: Tx, tenantId: string, owner: string | null, id: string): Promise<BookRow> {
  const [row] = await tx<BookRow[]>`
    select ${bookColumns(tx)} from contacts k where ${seenContacts(tx, tenantId, owner)} and k.id = ${id} for update`;
  if (!row) throw new NotFound('contact', id);
  return row;
}

/** Locks a contact whosesoever, removed or not; null when there is none. */
export async function lockAny(tx: Tx, tenantId: string, id: string): Promise<BookRow | null> {
  const [row] = await tx<BookRow[]>`
    select ${bookColumns(tx)} from contacts k where k.tenant_id = ${tenantId} and k.id = ${id} for update`;
  return row ?? null;
}

/** Locks the visible contacts of the ids against removal, and returns them. `ids` come sorted. */
export async function shareEntries(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await tx<{ id: string }[]>`
    select k.id from contacts k
    where ${seenContacts(tx, tenantId, owner)} and k.id = any(${ids as string[]}::uuid[]) order by k.id for share`;
  return new Set(rows.map(({ id }) => id));
}

/** Locks contacts whosesoever, removed or not. `ids` come sorted. */
export const lockAll = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx<BookRow[]>`
    select ${bookColumns(tx)} from contacts k
    where k.tenant_id = ${tenantId} and k.id = any(${ids as string[]}::uuid[]) order by k.id for update`;

/** The key that all spellings of a phone share. Very short numbers have one spelling. */
export const phoneIdentity = (tenantId: string, phone: string): Identity => ({
  tenantId,
  kind: 'phone',
  value: phoneKey(phone) ?? phone.slice(1),
});

/**
 * Claims phones for a contact, or each for its own, and returns the owner of each, in order: the
 * first claim wins. Locks them in the common order, before the contact's own lock.
 */
export async function claimPhones(
  tx: Tx,
  identities: readonly Identity[],
  contactId: string | ((identity: Identity) => string),
): Promise<string[]> {
  const claimer = typeof contactId === 'string' ? () => contactId : contactId;
  const unique = new Map(identities.map((one) => [identityKey(one), { ...one, contactId: claimer(one) }]));
  const sorted = [...unique.values()].sort((a, b) => (identityKey(a) < identityKey(b) ? -1 : 1));
  const contactOf = new Map((await claimIdentities(tx, sorted)).map((row) => [identityKey(row), row.contactId]));
  return identities.map((identity) => contactOf.get(identityKey(identity))!);
}

/**
 * One change of a contact's phone at a time: each must know the phone it ends. Comes before
 * identities and the contact are locked.
 */
export const waitForPhoneChanges = (tx: Tx, contactId: string) =>
  tx`select pg_advisory_xact_lock(hashtextextended(${contactId}::text, 0))`;

/**
 * Leaves a locked contact this phone alone: a message from any other number is no longer the
 * contact's.
 */
export async function detachOtherPhones(tx: Tx, tenantId: string, contactId: string, phone: string): Promise<void> {
  const rows = await tx<{ kind: string; value: string }[]>`
    select kind, value from contact_identities
    where tenant_id = ${tenantId} and contact_id = ${contactId} and kind in ('phone', 'wa_id')`;
  const kept = phoneIdentity(tenantId, phone).value;
  // A `wa_id` that is no phone (an `@lid`) names the customer, with any number.
  const isOther = ({ kind, value }: (typeof rows)[number]) =>
    (kind === 'phone' ? value : (phoneKey(value) ?? kept)) !== kept;
  const others = rows.filter(isOther).map(({ value }) => value);
  if (others.length === 0) return;
  await tx`
    delete from contact_identities i
    where i.tenant_id = ${tenantId} and i.contact_id = ${contactId} and i.kind in ('phone', 'wa_id')
      and i.value = any(${others}::text[])`;
}
