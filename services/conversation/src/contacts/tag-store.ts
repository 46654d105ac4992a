import type { Tx } from '@recado/database';
import { takeTags } from '../tags/store.ts';

export interface TagsMoved {
  from: string[];
  to: string[];
}

/** A locked contact has exactly these tags afterwards. Null when it had them; else all of both. */
export async function setContactTags(
  tx: Tx,
  tenantId: string,
  contactId: string,
  names: readonly string[],
): Promise<TagsMoved | null> {
  const before = await selectContactTags(tx, tenantId, contactId);
  const wanted = names.length > 0 ? await takeTags(tx, tenantId, names) : [];
  const ids = [...new Set(wanted.map(({ id }) => id))];
  const { count: removed } = await tx`
    delete from contact_tags
    where tenant_id = ${tenantId} and contact_id = ${contactId} and tag_id <> all(${ids}::uuid[])`;
  const { count: added } = await addTagsOf(
    tx,
    tenantId,
    ids.map((tagId) => ({ contactId, tagId })),
  );
  if (removed + added === 0) return null;
  const after = await selectContactTags(tx, tenantId, contactId);
  return { from: before.map(({ name }) => name), to: after.map(({ name }) => name) };
}

export const selectContactTags = (tx: Tx, tenantId: string, contactId: string) =>
  tx<{ id: string; name: string }[]>`
    select t.id, t.name from contact_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
    where l.tenant_id = ${tenantId} and l.contact_id = ${contactId} order by lower(t.name)`;

/** Gives contacts tags that they may have; returns the contacts that got one. */
export const addTagsOf = (tx: Tx, tenantId: string, rows: readonly { contactId: string; tagId: string }[]) =>
  tx<{ contactId: string }[]>`
    insert into contact_tags as l (tenant_id, contact_id, tag_id)
    select ${tenantId}::uuid, n.contact_id, n.tag_id
    from unnest(${rows.map((r) => r.contactId)}::uuid[], ${rows.map((r) => r.tagId)}::uuid[]) as n (contact_id, tag_id)
    on conflict do nothing returning l.contact_id as "contactId"`;
