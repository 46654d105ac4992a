import { columns, type Tx } from '@recado/database';
import { isSamePhone } from '@recado/service-kit/phone';
import { joined, texts } from '../columns.ts';
import { contactIdentities, contacts } from '../schema.ts';

/** By what a sender is recognised within a tenant. */
export type Identity = Omit<OwnedIdentity, 'contactId'>;
const ownerColumns = columns(contactIdentities, { alias: 'i', except: ['createdAt'] });
/** With the contact that it names. */
export type OwnedIdentity = typeof ownerColumns.$row;

/** The columns of a ContactRow; the table is `c`. */
const contactColumns = columns(contacts, {
  alias: 'c',
  only: [
    'tenantId',
    'id',
    'name',
    'firstName',
    'lastName',
    'phone',
    'email',
    'avatarUrl',
    'username',
    'groupAddress',
    'marketingStoppedAt',
    'blockedAt',
    'createdAt',
  ],
});
export type ContactRow = typeof contactColumns.$row;

/** One text per identity: for maps, and as the order in which rows are locked. */
export const identityKey = (i: Identity): string => `${i.tenantId} ${i.kind} ${i.value}`;

/** Three columns for `unnest`: tenant, kind, value. */
const parameters = (tx: Tx, identities: readonly Identity[]) => tx`${joined(identities.map((i) => i.tenantId))}::uuid[],
  ${texts(
    tx,
    identities.map((i) => i.kind),
  )}, ${texts(
    tx,
    identities.map((i) => i.value),
  )}`;

export type KnownContact = ContactRow & Pick<Identity, 'kind' | 'value'> & { isEntered: boolean };

/**
 * The contacts behind identities: one row per known identity. Looked up one by one: without
 * statistics Postgres compares all of a tenant's contacts with all that is looked for.
 */
export function findContactsByIdentity(tx: Tx, identities: readonly Identity[]) {
  return tx<KnownContact[]>`
    select i.kind, i.value, ${contactColumns(tx)},
           c.entered_at is not null or c.first_name is not null or c.last_name is not null as "isEntered"
    from unnest(${parameters(tx, identities)}) as k (tenant_id, kind, value)
    cross join lateral (
      select o.* from contact_identities o
      where o.tenant_id = k.tenant_id and o.kind = k.kind and o.value = k.value limit 1) i
    cross join lateral (select o.* from contacts o where o.tenant_id = i.tenant_id and o.id = i.contact_id limit 1) c`;
}

/**
 * Inserts identities and returns the row of each, new or known. Waits for a transaction that
 * inserts the same one. Rows come sorted by identityKey, so copies lock in one order.
 */
export function claimIdentities(tx: Tx, rows: readonly OwnedIdentity[]) {
  return tx<OwnedIdentity[]>`
    insert into contact_identities as i (tenant_id, kind, value, contact_id)
    select * from unnest(${parameters(tx, rows)}, ${joined(rows.map((r) => r.contactId))}::uuid[])
    on conflict (tenant_id, kind, value) do update set contact_id = i.contact_id
    returning ${ownerColumns(tx)}`;
}

/** Gives identities to another contact. */
export function moveIdentities(tx: Tx, rows: readonly OwnedIdentity[]) {
  return tx`
    update contact_identities i set contact_id = k.contact_id
    from unnest(${parameters(tx, rows)}, ${joined(rows.map((r) => r.contactId))}::uuid[])
      as k (tenant_id, kind, value, contact_id)
    where i.tenant_id = k.tenant_id and i.kind = k.kind and i.value = k.value`;
}

export function insertContacts(tx: Tx, rows: readonly (ContactRow & { marketingChangedAt?: Date | null })[]) {
  const times = (of: (row: (typeof rows)[number]) => Date | null | undefined) =>
    rows.map((row) => of(row)?.toISOString() ?? null);
  return tx`
    insert into contacts (tenant_id, id, name, phone, username, group_address, created_at, updated_at, blocked_at,
                          marketing_stopped_at, marketing_changed_at)
    select t, id, name, phone, username, group_address, at::timestamptz, at::timestamptz, blocked::timestamptz,
           stopped::timestamptz, changed::timestamptz
    from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[],
                ${rows.map((r) => r.name)}::text[], ${rows.map((r) => r.phone)}::text[],
                ${rows.map((r) => r.username)}::text[], ${rows.map((r) => r.groupAddress)}::text[],
                ${rows.map((r) => r.createdAt.toISOString())}::text[], ${times((r) => r.blockedAt)}::text[],
                ${times((r) => r.marketingStoppedAt)}::text[], ${times((r) => r.marketingChangedAt)}::text[])
      as n (t, id, name, phone, username, group_address, at, blocked, stopped, changed)`;
}

/** Fills in what was unknown; a name or a phone that is there stays. A user name may change. */
export function completeContacts(
  tx: Tx,
  rows: readonly Pick<ContactRow, 'tenantId' | 'id' | 'name' | 'phone' | 'username'>[],
) {
  return tx`
    with given as (
      select * from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[],
                           ${rows.map((r) => r.name)}::text[], ${rows.map((r) => r.phone)}::text[],
                           ${rows.map((r) => r.username)}::text[])
        as g (tenant_id, id, name, phone, username)
    ), locked as (
      select c.tenant_id, c.id from contacts c join given using (tenant_id, id) order by c.tenant_id, c.id for update of c
    )
    update contacts c
    set name = coalesce(c.name, given.name), phone = coalesce(c.phone, given.phone),
        username = coalesce(given.username, c.username), updated_at = now()
    from locked join given using (tenant_id, id)
    where c.tenant_id = locked.tenant_id and c.id = locked.id`;
}

const renamedColumns = columns(contacts, {
  alias: 'c',
  only: ['tenantId', 'id', 'name', 'phone', 'email', 'isActive', 'createdBy'],
});
export type Renamed = typeof renamedColumns.$row & { name: string };

/**
 * Takes over the name that customers gave themselves by now. One that a person entered stays, and
 * so does one that a later message showed: the order in which messages arrive does not matter.
 */
export function renameContacts(tx: Tx, rows: readonly { tenantId: string; id: string; name: string; at: string }[]) {
  return tx<Renamed[]>`
    with given as (
      select tenant_id, id, name, at::timestamptz as at
      from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.id)}::uuid[],
                  ${rows.map((r) => r.name)}::text[], ${rows.map((r) => r.at)}::text[]) as g (tenant_id, id, name, at)
    ), locked as (
      select c.tenant_id, c.id from contacts c join given using (tenant_id, id) order by c.tenant_id, c.id for update of c
    )
    update contacts c set name = given.name, updated_at = now()
    from locked join given using (tenant_id, id)
    where c.tenant_id = locked.tenant_id and c.id = locked.id
      and c.entered_at is null and c.first_name is null and c.last_name is null and c.name is distinct from given.name
      and not exists (select from conversations v where v.tenant_id = c.tenant_id and v.contact_id = c.id
                      and v.last_inbound_at > given.at)
    returning ${renamedColumns(tx)}`;
}

/** Contacts by id, of any tenants. */
export function findContacts(tx: Tx, keys: readonly { tenantId: string; id: string }[]) {
  return tx<ContactRow[]>`
    select ${contactColumns(tx)}
    from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as k (tenant_id, id)
    join contacts c using (tenant_id, id)`;
}

/**
 * The `wa_id` under which a contact was last seen at this phone, in any spelling: where a first
 * message from us goes.
 */
export async function findWaId(tx: Tx, tenantId: string, contactId: string, phone: string): Promise<string | null> {
  const rows = await tx<{ value: string }[]>`
    select value from contact_identities
    where tenant_id = ${tenantId} and contact_id = ${contactId} and kind = 'wa_id'
    order by created_at desc`;
  return rows.find(({ value }) => isSamePhone(value, phone))?.value ?? null;
}

/** The contacts that had these addresses at a time, that are free now. */
export function findFormerOwners(tx: Tx, identities: readonly (Identity & { at: string })[]) {
  return tx<OwnedIdentity[]>`
    select distinct on (k.tenant_id, k.kind, k.value) k.tenant_id as "tenantId", k.kind, k.value, f.contact_id as "contactId"
    from unnest(${parameters(tx, identities)}, ${joined(identities.map((i) => i.at))}::timestamptz[])
      as k (tenant_id, kind, value, at)
    join former_identities f on f.tenant_id = k.tenant_id and f.kind = k.kind and f.value = k.value and f.until >= k.at
    order by k.tenant_id, k.kind, k.value, f.until`;
}

/** The same for many, by contact. */
export async function findWaIds(
  tx: Tx,
  tenantId: string,
  recipients: readonly { contactId: string; phone: string }[],
): Promise<Map<string, string>> {
  const rows = await tx<{ contactId: string; value: string }[]>`
    select contact_id as "contactId", value from contact_identities
    where tenant_id = ${tenantId} and contact_id = any(${recipients.map((one) => one.contactId)}::uuid[]) and kind = 'wa_id'
    order by created_at`;
  const phones = new Map(recipients.map(({ contactId, phone }) => [contactId, phone]));
  // The latest comes last, and stays.
  return new Map(
    rows
      .filter(({ contactId, value }) => isSamePhone(value, phones.get(contactId)!))
      .map(({ contactId, value }) => [contactId, value]),
  );
}

/** Whether each identity still names its contact. */
export async function stillName(tx: Tx, rows: readonly OwnedIdentity[]): Promise<boolean> {
  const [changed] = await tx`
    select 1 from unnest(${parameters(tx, rows)}, ${joined(rows.map((r) => r.contactId))}::uuid[])
      as k (tenant_id, kind, value, contact_id)
    left join contact_identities i using (tenant_id, kind, value)
    where i.contact_id is distinct from k.contact_id limit 1`;
  return changed === undefined;
}

/** Keeps contacts from being changed by people until the transaction ends. */
export const holdContacts = (tx: Tx, keys: readonly { tenantId: string; id: string }[]) => tx`
  select from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]) as k (tenant_id, id)
  join contacts c using (tenant_id, id) order by c.tenant_id, c.id for key share of c`;

/** The same without waiting; false when one is erased, or another transaction has it. */
export async function holdUnerased(tx: Tx, keys: readonly { tenantId: string; id: string }[]): Promise<boolean> {
  const unique = new Set(keys.map(({ tenantId, id }) => `${tenantId} ${id}`));
  const held = await tx`
    select from contacts c
    where (c.tenant_id, c.id) in (
      select * from unnest(${keys.map((k) => k.tenantId)}::uuid[], ${keys.map((k) => k.id)}::uuid[]))
      and c.erased_at is null
    for key share skip locked`;
  return held.length === unique.size;
}

/** The addresses of contacts, locked in the common order, before the contacts themselves. */
export const lockIdentities = (tx: Tx, tenantId: string, contactIds: readonly string[]) =>
  tx<Identity[]>`
    select i.tenant_id as "tenantId", i.kind, i.value from contact_identities i
    where i.tenant_id = ${tenantId} and i.contact_id = any(${contactIds as string[]}::uuid[])
    order by i.kind, i.value for update`;
