import { type BuiltEvent, buildEvent, contactDeleted, contactUpdated, conversationUpdated } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { enqueue } from '@recado/messaging';
import { isSamePhone } from '@recado/service-kit/phone';
import { conversationView } from '../conversations/views.ts';
import type { Item } from '../inbound/batch.ts';
import { recordContactEvents } from '../timeline/record.ts';
import { takeOver } from './join-store.ts';
import { identitiesOf, type Sender } from './resolve.ts';
import { type ContactRow, claimIdentities, findContacts, type Identity, identityKey } from './store.ts';

/** A provider's word that a person has another address now: the proof that both are one person. */
export interface Move {
  tenantId: string;
  contactId: string;
  from: Sender;
  to: Sender;
  /** The provider's time. */
  at: string;
}

/** The move that a notice tells of; none when it is about something else. */
export function moveOf({ tenantId, sender, contact, data, sentTime: at }: Item): Move[] {
  const { waId, previousWaId, userId, previousUserId, parentUserId } = data.details?.system ?? {};
  if ((waId === undefined && userId === undefined) || contact.groupAddress !== null) return [];
  // It proves nothing about a person other than its sender.
  if (previousWaId !== undefined && !isSamePhone(sender.waId, previousWaId)) return [];
  const phone = waId !== undefined && /^[1-9]\d{6,14}$/.test(waId) ? `+${waId}` : null;
  const common = { tenantId, name: null, at };
  const to = { ...common, waId: waId ?? null, phone, userId: userId ?? null, parentUserId: parentUserId ?? null };
  const from = { ...sender, userId: previousUserId ?? sender.userId };
  return [{ tenantId, contactId: contact.id, from, to, at }];
}

/**
 * Gives people their new addresses. The former ones are kept as history and name them no more, so
 * that the next owner of a number is another contact. All chats go on where they were.
 */
export async function moveAddresses(tx: Tx, moves: readonly Move[]): Promise<void> {
  for (const move of moves) await moveAddress(tx, move);
}

async function moveAddress(tx: Tx, move: Move): Promise<void> {
  const { tenantId, contactId, from, to } = move;
  const fresh = identitiesOf(to);
  const kept = new Set(fresh.map(identityKey));
  // Only what is replaced: a new phone leaves the business-scoped id, and the other way round.
  const replaced = identitiesOf(from).filter((one) => !kept.has(identityKey(one)) && isReplaced(one, to));
  if (replaced.length === 0 && fresh.length === 0) return;
  const sorted = fresh.toSorted((a, b) => (identityKey(a) < identityKey(b) ? -1 : 1));
  const owned = await claimIdentities(
    tx,
    sorted.map((identity) => ({ ...identity, contactId })),
  );
  const events: BuiltEvent[] = [];
  for (const other of new Set(owned.map((row) => row.contactId))) {
    if (other !== contactId) events.push(...(await joinContact(tx, tenantId, other, contactId)));
  }
  await retire(tx, replaced, contactId, move.at);
  events.push(...(await readdress(tx, move)));
  if (events.length > 0) await enqueue(tx, events);
}

const isReplaced = ({ kind }: Identity, to: Sender): boolean =>
  kind === 'phone' || kind === 'wa_id' ? to.waId !== null : kind === 'user_id' ? to.userId !== null : false;

/** Keeps addresses as history. */
async function retire(tx: Tx, identities: readonly Identity[], contactId: string, until: string): Promise<void> {
  if (identities.length === 0) return;
  await tx`
    with gone as (
      delete from contact_identities i
      using unnest(${identities.map((i) => i.tenantId)}::uuid[], ${identities.map((i) => i.kind)}::text[],
                   ${identities.map((i) => i.value)}::text[]) as k (tenant_id, kind, value)
      where i.tenant_id = k.tenant_id and i.kind = k.kind and i.value = k.value and i.contact_id = ${contactId}
      returning i.tenant_id, i.kind, i.value, i.contact_id
    )
    insert into former_identities as f (tenant_id, kind, value, contact_id, until)
    select tenant_id, kind, value, contact_id, ${until}::timestamptz from gone
    on conflict (tenant_id, kind, value, contact_id) do update set until = greatest(f.until, excluded.until)`;
}

/** The contact shows its new phone, and its open chats go to its new address. */
async function readdress(tx: Tx, { tenantId, contactId, from, to }: Move): Promise<BuiltEvent[]> {
  const [contact] = await findContacts(tx, [{ tenantId, id: contactId }]);
  if (!contact) return [];
  await tx`
    update conversations c set
      peer_wa_id = case when c.peer_wa_id = ${from.waId} then coalesce(${to.waId}, c.peer_wa_id) else c.peer_wa_id end,
      peer_phone = case when c.peer_phone = ${from.phone} then coalesce(${to.phone}, c.peer_phone) else c.peer_phone end,
      peer_user_id = case when c.peer_user_id = ${from.userId} then coalesce(${to.userId}, c.peer_user_id)
                     else c.peer_user_id end
    where c.tenant_id = ${tenantId} and c.contact_id = ${contactId} and c.status <> 'closed'`;
  if (to.phone === null || (contact.phone !== null && !isSamePhone(contact.phone, from.phone))) return [];
  const [row] = await tx<{ isActive: boolean; createdBy: string | null }[]>`
    update contacts c set phone = ${to.phone}, updated_at = now()
    where c.tenant_id = ${tenantId} and c.id = ${contactId}
    returning c.is_active as "isActive", c.created_by as "createdBy"`;
  const { name, email } = contact;
  const data = { contactId, name, phone: to.phone, email, ...row!, changed: ['phone'] };
  return [buildEvent(contactUpdated, { tenantId, subject: contactId, data })];
}

/** Joins a contact into another, as both are one person. One in the address book stays as it is. */
export async function joinContact(tx: Tx, tenantId: string, from: string, into: string): Promise<BuiltEvent[]> {
  const locked = await tx<(Pick<ContactRow, 'id'> & { isFree: boolean })[]>`
    select c.id, c.entered_at is null and c.group_address is null and c.deleted_at is null as "isFree"
    from contacts c where c.tenant_id = ${tenantId} and c.id = any(${[from, into]}::uuid[]) order by c.id for update`;
  if (locked.length < 2 || !locked.find(({ id }) => id === from)!.isFree) return [];
  await tx`
    update contacts k set name = coalesce(k.name, g.name), phone = coalesce(k.phone, g.phone),
      username = coalesce(k.username, g.username), updated_at = now(),
      marketing_stopped_at = least(k.marketing_stopped_at, g.marketing_stopped_at),
      marketing_changed_at = greatest(k.marketing_changed_at, g.marketing_changed_at),
      blocked_at = least(k.blocked_at, g.blocked_at)
    from contacts g where g.tenant_id = k.tenant_id and g.id = ${from} and k.tenant_id = ${tenantId} and k.id = ${into}`;
  const rows = await takeOver(tx, tenantId, [from], into);
  await recordContactEvents(tx, [
    { tenantId, contactId: into, kind: 'contact.merged', at: new Date(), data: { contactId: from } },
  ]);
  const [contact] = await findContacts(tx, [{ tenantId, id: into }]);
  return [
    ...rows.map((row) => {
      const data = { conversation: conversationView(row, contact!), changed: ['contact', 'status'] };
      return buildEvent(conversationUpdated, { tenantId, subject: row.id, data });
    }),
    buildEvent(contactDeleted, { tenantId, subject: from, data: { contactId: from, mergedInto: into } }),
  ];
}
