import type { Tx } from '@recado/database';
import type { Item } from '../inbound/batch.ts';

/** Keeps who wrote in groups: a member is known once they have spoken. */
export async function rememberSpeakers(
  tx: Tx,
  items: readonly Pick<Item, 'tenantId' | 'contact' | 'data' | 'sentTime'>[],
) {
  const speakers = new Map<
    string,
    { tenantId: string; contactId: string; address: string; item: (typeof items)[number] }
  >();
  for (const item of items) {
    if (!item.data.details?.group) continue;
    const { tenantId, contact } = item;
    const { waId, userId } = item.data.from;
    const address = userId ?? waId;
    if (address === null) continue;
    const key = `${tenantId} ${contact.id} ${address}`;
    const before = speakers.get(key);
    if (!before || before.item.sentTime < item.sentTime)
      speakers.set(key, { tenantId, contactId: contact.id, address, item });
  }
  if (speakers.size === 0) return;
  const rows = [...speakers.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  await tx`
    insert into group_participants as p (tenant_id, contact_id, address, name, phone, last_message_at)
    select * from unnest(${rows.map((r) => r.tenantId)}::uuid[], ${rows.map((r) => r.contactId)}::uuid[],
                         ${rows.map((r) => r.address)}::text[], ${rows.map((r) => r.item.data.from.name)}::text[],
                         ${rows.map((r) => r.item.data.from.phone)}::text[],
                         ${rows.map((r) => r.item.sentTime)}::text[]::timestamptz[])
    on conflict (tenant_id, contact_id, address) do update set
      name = coalesce(excluded.name, p.name), phone = coalesce(excluded.phone, p.phone),
      last_message_at = greatest(p.last_message_at, excluded.last_message_at)`;
}

export interface Participant {
  address: string;
  name: string | null;
  phone: string | null;
  isAdmin: boolean;
  lastMessageAt: Date | null;
}
/** WhatsApp's largest group. */
const MAX_PARTICIPANTS = 1024;

/**
 * Who takes part in a group, the latest to write first: named by the provider, or by a message.
 * A message after a person left shows that they are back.
 */
export const selectParticipants = (tx: Tx, tenantId: string, conversationId: string) => tx<Participant[]>`
  with members as (
    select m.* from conversations c join group_members m on m.tenant_id = c.tenant_id and m.contact_id = c.contact_id
    where c.tenant_id = ${tenantId} and c.id = ${conversationId}
  ), speakers as (
    select p.* from conversations c join group_participants p on p.tenant_id = c.tenant_id and p.contact_id = c.contact_id
    where c.tenant_id = ${tenantId} and c.id = ${conversationId}
  ), named as (
    select m.address, coalesce(m.name, s.name) as name, coalesce(m.phone, s.phone) as phone, m.is_admin,
           s.last_message_at
    from members m left join lateral (
      select * from speakers s where s.address = m.address or s.phone = m.phone order by s.last_message_at desc limit 1
    ) s on true
    where m.left_at is null or s.last_message_at > m.left_at
  ), others as (
    select s.address, s.name, s.phone, false as is_admin, s.last_message_at from speakers s
    where not exists (select from members m where m.address = s.address or m.phone = s.phone)
  )
  select p.address, p.name, p.phone, p.is_admin as "isAdmin", p.last_message_at as "lastMessageAt"
  from (select * from named union all select * from others) p
  order by p.last_message_at desc nulls last, p.address limit ${MAX_PARTICIPANTS}`;
