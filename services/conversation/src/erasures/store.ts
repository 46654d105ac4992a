import { columns, type Tx } from '@recado/database';
import type { Identity } from '../contacts/store.ts';
import { erasures } from '../schema.ts';

const erasureColumns = columns(erasures, { alias: 'e' });
export type ErasureRow = typeof erasureColumns.$row;

/** Takes all addresses from a locked contact, and returns them with the former ones. */
export async function takeIdentities(tx: Tx, tenantId: string, contactId: string): Promise<Identity[]> {
  const [present, former] = await Promise.all([
    tx<Identity[]>`
      delete from contact_identities i where i.tenant_id = ${tenantId} and i.contact_id = ${contactId}
      returning i.tenant_id as "tenantId", i.kind, i.value`,
    tx<Identity[]>`
      delete from former_identities i where i.tenant_id = ${tenantId} and i.contact_id = ${contactId}
      returning i.tenant_id as "tenantId", i.kind, i.value`,
  ]);
  return [...present, ...former];
}

/** Leaves of a locked contact its id, its times, its block and its opt-out. */
export async function blankContact(tx: Tx, tenantId: string, id: string): Promise<void> {
  await Promise.all([
    tx`
      update contacts set erased_at = now(), deleted_at = now(), updated_at = now(), name = null, first_name = null,
        last_name = null, phone = null, username = null, avatar_url = null, email = null, company = null, city = null,
        country = null, address = null, segment = null, notes = null, custom_fields = '{}', lead_status = 'new',
        lead_score = 0, ltv = 0, total_purchases = 0, last_purchase_at = null, is_active = false
      where tenant_id = ${tenantId} and id = ${id}`,
    tx`delete from contact_tags where tenant_id = ${tenantId} and contact_id = ${id}`,
    tx`delete from group_contacts where tenant_id = ${tenantId} and contact_id = ${id}`,
  ]);
}

export const insertErasure = (
  tx: Tx,
  {
    tenantId,
    contactId,
    requestedBy,
    addresses,
    tasks,
  }: Pick<ErasureRow, 'tenantId' | 'contactId' | 'requestedBy' | 'addresses' | 'tasks'>,
) => tx`
  insert into erasures (tenant_id, contact_id, requested_by, addresses, tasks)
  values (${tenantId}, ${contactId}, ${requestedBy}, ${addresses}::text[], ${tasks})`;

/** Who does not see all sees those that they ordered. */
export const selectErasure = (tx: Tx, tenantId: string, owner: string | null, id: string) =>
  tx<ErasureRow[]>`
    select ${erasureColumns(tx)} from erasures e
    where e.tenant_id = ${tenantId} and e.contact_id = ${id} ${owner === null ? tx`` : tx`and e.requested_by = ${owner}`}`;

export async function lockErasure(tx: Tx, tenantId: string, contactId: string): Promise<ErasureRow | null> {
  const [row] = await tx<ErasureRow[]>`
    select ${erasureColumns(tx)} from erasures e
    where e.tenant_id = ${tenantId} and e.contact_id = ${contactId} for update`;
  return row ?? null;
}

/** Writes a locked erasure. */
export const saveErasure = (tx: Tx, row: ErasureRow) => tx`
  update erasures set status = ${row.status}, done_at = ${row.doneAt}, chats = ${row.chats}, messages = ${row.messages},
    files = ${row.files}, notes = ${row.notes}, tasks = ${row.tasks}, round = ${row.round},
    place = ${row.place && JSON.stringify(row.place)}::text::jsonb, addresses = ${row.addresses}::text[]
  where tenant_id = ${row.tenantId} and contact_id = ${row.contactId}`;

/** The contact's chat at this place, or the next one. */
export async function findChat(tx: Tx, tenantId: string, contactId: string, from: string): Promise<string | null> {
  const [row] = await tx<{ id: string }[]>`
    select c.id from conversations c
    where c.tenant_id = ${tenantId} and c.contact_id = ${contactId} and c.id >= ${from}::uuid order by c.id limit 1`;
  return row?.id ?? null;
}

/** The chat, at this place or later, of a group in which one of the addresses was seen. */
export async function findGroupChat(
  tx: Tx,
  tenantId: string,
  addresses: readonly string[],
  from: string,
): Promise<string | null> {
  const [row] = await tx<{ id: string }[]>`
    select c.id from conversations c
    where c.tenant_id = ${tenantId} and c.id >= ${from}::uuid and c.contact_id in (
      select p.contact_id from group_participants p
      where p.tenant_id = ${tenantId} and (p.address = any(${addresses as string[]}::text[]) or p.phone = any(${addresses as string[]}::text[]))
      union select m.contact_id from group_members m
      where m.tenant_id = ${tenantId} and (m.address = any(${addresses as string[]}::text[]) or m.phone = any(${addresses as string[]}::text[])))
    order by c.id limit 1`;
  return row?.id ?? null;
}

/** Takes the person off the lists of who is in a group. */
export const leaveGroups = (tx: Tx, tenantId: string, addresses: readonly string[]) =>
  Promise.all([
    tx`
      delete from group_participants where tenant_id = ${tenantId}
        and (address = any(${addresses as string[]}::text[]) or phone = any(${addresses as string[]}::text[]))`,
    tx`
      delete from group_members where tenant_id = ${tenantId}
        and (address = any(${addresses as string[]}::text[]) or phone = any(${addresses as string[]}::text[]))`,
  ]);

/** Leaves of a chat its times, its counts, who had it, and how it ended. */
export async function blankChat(tx: Tx, tenantId: string, id: string): Promise<{ notes: number }> {
  const [, , { count }] = await Promise.all([
    tx`
      update conversations set peer_wa_id = null, peer_phone = null, peer_user_id = null, last_message_content = null,
        close_reason = null, unread_count = 0, version = version + 1, updated_at = now()
      where tenant_id = ${tenantId} and id = ${id}`,
    tx`delete from conversation_tags where tenant_id = ${tenantId} and conversation_id = ${id}`,
    tx`delete from conversation_notes where tenant_id = ${tenantId} and conversation_id = ${id}`,
    tx`
      update surveys set comment = null, opens_until = null
      where tenant_id = ${tenantId} and conversation_id = ${id} and (comment is not null or opens_until is not null)`,
  ]);
  return { notes: count };
}

/** Deletes the timeline of an erased contact. Returns the ids of contacts that had become it. */
export async function takeMerged(tx: Tx, tenantId: string, contactId: string): Promise<string[]> {
  const rows = await tx<{ merged: string | null }[]>`
    delete from contact_events where tenant_id = ${tenantId} and contact_id = ${contactId}
    returning case when kind = 'contact.merged' then data->>'contactId' end as merged`;
  return rows.flatMap(({ merged }) => merged ?? []);
}
