import type { EventData, GroupMember, groupReported } from '@recado/contracts';
import type { Tx } from '@recado/database';
import { texts } from '../columns.ts';
import { withoutNul } from '../text.ts';
import type { Renamed } from './store.ts';

export type GroupReported = EventData<typeof groupReported>;

interface Key {
  tenantId: string;
  id: string;
}

/** Names groups, unless something later was said. Returns those whose name changed. */
export async function nameGroups(tx: Tx, rows: readonly (Key & { name: string; at: string })[]): Promise<Renamed[]> {
  const sorted = rows.toSorted((a, b) => (`${a.tenantId} ${a.id}` < `${b.tenantId} ${b.id}` ? -1 : 1));
  const changed = await tx<(Renamed & { isNews: boolean })[]>`
    with given as (
      select * from unnest(${sorted.map((r) => r.tenantId)}::uuid[], ${sorted.map((r) => r.id)}::uuid[],
                           ${sorted.map((r) => r.name)}::text[], ${sorted.map((r) => r.at)}::text[]::timestamptz[])
        as g (tenant_id, id, name, at)
    ), before as (
      select c.tenant_id, c.id, c.name from contacts c join given using (tenant_id, id)
      order by c.tenant_id, c.id for update of c
    )
    update contacts c set name = given.name, named_at = given.at, updated_at = now()
    from before join given using (tenant_id, id)
    where c.tenant_id = before.tenant_id and c.id = before.id and c.group_address is not null
      and (c.named_at is null or c.named_at < given.at)
    returning c.tenant_id as "tenantId", c.id, c.name, c.phone, c.email, c.is_active as "isActive",
              c.created_by as "createdBy", before.name is distinct from c.name as "isNews"`;
  return changed.filter(({ isNews }) => isNews).map(({ isNews: _, ...row }) => row);
}

/** Writes down who takes part and who left; of each person the latest word counts. */
export async function tellMembers(tx: Tx, group: Key, { members, joined, left, at }: GroupReported): Promise<void> {
  const there = [...(members ?? []), ...(joined ?? [])];
  if (there.length > 0) await upsertMembers(tx, group, there, at, null);
  if (left && left.length > 0) await upsertMembers(tx, group, left, at, at);
  if (!members) return;
  await tx`
    update group_members m set left_at = ${at}::timestamptz, told_at = ${at}::timestamptz
    where m.tenant_id = ${group.tenantId} and m.contact_id = ${group.id} and m.left_at is null
      and m.told_at < ${at}::timestamptz and m.address <> all(${texts(tx, members.map(addressOf))})`;
}

const addressOf = ({ userId, waId }: GroupMember): string => withoutNul(userId ?? waId ?? '');

function upsertMembers(
  tx: Tx,
  { tenantId, id }: Key,
  people: readonly GroupMember[],
  at: string,
  leftAt: string | null,
) {
  // Each once: one statement changes a row once.
  const rows = [...new Map(people.map((one) => [addressOf(one), one])).values()];
  return tx`
    insert into group_members as m (tenant_id, contact_id, address, name, phone, is_admin, left_at, told_at)
    select ${tenantId}::uuid, ${id}::uuid, n.address, n.name, n.phone, coalesce(n.is_admin = 1, false),
           ${leftAt}::timestamptz, ${at}::timestamptz
    from unnest(${texts(tx, rows.map(addressOf))}, ${rows.map(({ name }) => name && withoutNul(name))}::text[],
                ${rows.map(({ phone }) => phone)}::text[],
                ${rows.map(({ isAdmin }) => (isAdmin === undefined ? null : isAdmin ? 1 : 0))}::int[])
      as n (address, name, phone, is_admin)
    order by n.address
    on conflict (tenant_id, contact_id, address) do update set
      name = coalesce(excluded.name, m.name), phone = coalesce(excluded.phone, m.phone), is_admin = excluded.is_admin,
      left_at = excluded.left_at, told_at = excluded.told_at
    where m.told_at < excluded.told_at`;
}
