import { columns, holdsText, type Tx } from '@recado/database';
import { NotFound, type Slice } from '@recado/service-kit';
import { seenContacts } from '../contacts/seen.ts';
import { type Counted, countRows } from '../counted.ts';
import { groups } from '../schema.ts';

/** The columns of a GroupRow; the table is `g`. */
const groupColumns = columns(groups, { alias: 'g', except: ['tenantId'] });
export type GroupRow = typeof groupColumns.$row;
export type CountedGroup = GroupRow & { contactCount: number };

/**
 * The groups that a caller sees (service-kit's ownerSeenBy); the table is `g`. Every statement
 * about groups uses this.
 */
export const seenGroups = (tx: Tx, tenantId: string, owner: string | null) =>
  tx`g.tenant_id = ${tenantId} ${owner === null ? tx`` : tx`and g.created_by = ${owner}`}`;

/**
 * How many contacts of a group a caller sees. Removed ones are in none, so a caller that sees all
 * can count memberships.
 */
const contactCount = (tx: Tx, tenantId: string, owner: string | null, groupId: ReturnType<typeof groupColumns>) =>
  owner === null
    ? tx`(select count(*)::int from group_contacts m where m.tenant_id = ${tenantId} and m.group_id = ${groupId})`
    : tx`(select count(*)::int from group_contacts m join contacts k on k.tenant_id = m.tenant_id and k.id = m.contact_id
          where m.tenant_id = ${tenantId} and m.group_id = ${groupId} and ${seenContacts(tx, tenantId, owner)})`;

const counted = (tx: Tx, tenantId: string, owner: string | null) =>
  tx`${groupColumns(tx)}, ${contactCount(tx, tenantId, owner, tx`g.id`)} as "contactCount"`;

export interface GroupFilter {
  search?: string | undefined;
}

const matches = (tx: Tx, tenantId: string, owner: string | null, { search }: GroupFilter) => tx`
  ${seenGroups(tx, tenantId, owner)}
  ${search ? tx`and (${holdsText(tx, tx`g.name`, search)} or ${holdsText(tx, tx`g.description`, search)})` : tx``}`;

/** A page of groups, the last made first. Contacts are counted of the page's alone. */
export const selectGroups = (
  tx: Tx,
  tenantId: string,
  owner: string | null,
  filter: GroupFilter,
  { after, limit, offset }: Slice<{ id: string }>,
) => tx<CountedGroup[]>`
  select ${counted(tx, tenantId, owner)}
  from (
    select * from groups g where ${matches(tx, tenantId, owner, filter)} ${after ? tx`and g.id < ${after.id}::uuid` : tx``}
    order by g.id desc limit ${limit} offset ${offset}
  ) g order by g.id desc`;

export const countGroups = (tx: Tx, tenantId: string, owner: string | null, filter: GroupFilter): Promise<Counted> =>
  countRows(tx, tx`select from groups g where ${matches(tx, tenantId, owner, filter)}`);

export const selectGroup = (tx: Tx, tenantId: string, owner: string | null, id: string) =>
  tx<CountedGroup[]>`
    select ${counted(tx, tenantId, owner)} from groups g where ${seenGroups(tx, tenantId, owner)} and g.id = ${id}`;

/** @throws NotFound `group` */
export async function getGroup(tx: Tx, tenantId: string, owner: string | null, id: string): Promise<CountedGroup> {
  const [row] = await selectGroup(tx, tenantId, owner, id);
  if (!row) throw new NotFound('group', id);
  return row;
}

/**
 * Locks a group that the caller sees: `update` to change it, `share` against removal.
 * @throws NotFound `group`
 */
export async function lockGroup(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  id: string,
  strength: 'update' | 'share',
): Promise<GroupRow> {
  const [row] = await tx<GroupRow[]>`
    select ${groupColumns(tx)} from groups g where ${seenGroups(tx, tenantId, owner)} and g.id = ${id}
    ${strength === 'update' ? tx`for update` : tx`for share`}`;
  if (!row) throw new NotFound('group', id);
  return row;
}

export async function insertGroup(
  tx: Tx,
  tenantId: string,
  group: Pick<GroupRow, 'id' | 'name' | 'description' | 'createdBy'>,
): Promise<GroupRow> {
  const [row] = await tx<GroupRow[]>`
    insert into groups as g (tenant_id, id, name, description, created_by)
    values (${tenantId}, ${group.id}, ${group.name}, ${group.description}, ${group.createdBy})
    returning ${groupColumns(tx)}`;
  return row!;
}

/** Writes name and description of a locked group. */
export async function patchGroup(
  tx: Tx,
  tenantId: string,
  id: string,
  { name, description }: Pick<GroupRow, 'name' | 'description'>,
): Promise<void> {
  await tx`
    update groups set name = ${name}, description = ${description}, updated_at = now()
    where tenant_id = ${tenantId} and id = ${id}`;
}

/** Removes a locked group and its memberships. */
export async function deleteGroupRows(tx: Tx, tenantId: string, id: string): Promise<void> {
  await Promise.all([
    tx`delete from group_contacts where tenant_id = ${tenantId} and group_id = ${id}`,
    tx`delete from groups where tenant_id = ${tenantId} and id = ${id}`,
  ]);
}

/**
 * Puts locked contacts into a locked group; returns those that were not in it. `ids` come sorted.
 */
export async function insertMembers(
  tx: Tx,
  tenantId: string,
  groupId: string,
  ids: readonly string[],
  addedBy: string | null,
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    insert into group_contacts (tenant_id, group_id, contact_id, added_by)
    select ${tenantId}::uuid, ${groupId}::uuid, id, ${addedBy}::uuid from unnest(${ids as string[]}::uuid[]) as n (id)
    on conflict do nothing returning contact_id as id`;
  return rows.map(({ id }) => id);
}

/** False when the group has no such contact that the caller sees. */
export async function deleteMember(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  groupId: string,
  contactId: string,
): Promise<boolean> {
  const { count } = await tx`
    delete from group_contacts m using contacts k
    where m.tenant_id = ${tenantId} and m.group_id = ${groupId} and m.contact_id = ${contactId}
      and k.id = m.contact_id and ${seenContacts(tx, tenantId, owner)}`;
  return count > 0;
}

export async function countMembers(tx: Tx, tenantId: string, owner: string | null, groupId: string): Promise<number> {
  const [row] = await tx<{ count: number }[]>`select ${contactCount(tx, tenantId, owner, tx`${groupId}`)} as count`;
  return row!.count;
}

/** Locks the visible groups of the ids against removal, and returns them. `ids` come sorted. */
export async function shareGroups(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await tx<{ id: string }[]>`
    select g.id from groups g
    where ${seenGroups(tx, tenantId, owner)} and g.id = any(${ids as string[]}::uuid[]) order by g.id for share`;
  return new Set(rows.map(({ id }) => id));
}

export const selectGroupFacts = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx<GroupRow[]>`
    select ${groupColumns(tx)} from groups g where g.tenant_id = ${tenantId} and g.id = any(${ids as string[]}::uuid[])`;

/** Puts a locked contact into locked groups; returns those it was not in. `ids` come sorted. */
export async function insertGroupsOf(
  tx: Tx,
  tenantId: string,
  contactId: string,
  ids: readonly string[],
  addedBy: string | null,
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    insert into group_contacts (tenant_id, group_id, contact_id, added_by)
    select ${tenantId}::uuid, id, ${contactId}::uuid, ${addedBy}::uuid from unnest(${ids as string[]}::uuid[]) as n (id)
    on conflict do nothing returning group_id as id`;
  return rows.map(({ id }) => id);
}

/** Takes a locked contact out of the visible groups except `kept`, and returns those it left. */
export async function removeGroupsOf(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  contactId: string,
  kept: readonly string[],
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    delete from group_contacts m using groups g
    where m.tenant_id = ${tenantId} and m.contact_id = ${contactId} and m.group_id <> all(${kept as string[]}::uuid[])
      and g.id = m.group_id and ${seenGroups(tx, tenantId, owner)}
    returning m.group_id as id`;
  return rows.map(({ id }) => id);
}
