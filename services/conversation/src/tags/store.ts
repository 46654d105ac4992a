import { type Tag, uuidv7 } from '@recado/contracts';
import { columns, type Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { tags } from '../schema.ts';
import { colorOf } from './rules.ts';

/** The columns of a Tag; the table is `t`. */
const tagColumns = columns(tags, { alias: 't', only: ['id', 'name', 'color'] });

/** The tags of conversation `c` beside its columns, in order of their names. */
export const tagsColumn = (tx: Tx) => tx`(
  select coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, 'color', t.color) order by lower(t.name)), '[]')
  from conversation_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
  where l.tenant_id = c.tenant_id and l.conversation_id = c.id) as tags`;

export const selectTagsOf = (tx: Tx, tenantId: string, conversationId: string) =>
  tx<Tag[]>`
    select ${tagColumns(tx)} from conversation_tags l join tags t on t.tenant_id = l.tenant_id and t.id = l.tag_id
    where l.tenant_id = ${tenantId} and l.conversation_id = ${conversationId} order by lower(t.name)`;

/** A page of the tenant's tags, the last made first. */
export const selectTags = (
  tx: Tx,
  tenantId: string,
  search: string | undefined,
  { after, limit, offset }: Slice<{ id: string }>,
) => tx<Tag[]>`
  select ${tagColumns(tx)} from tags t
  where ${named(tx, tenantId, search)} ${after ? tx`and t.id < ${after.id}::uuid` : tx``}
  order by t.id desc limit ${limit} offset ${offset}`;

export const countTags = (tx: Tx, tenantId: string, search: string | undefined) =>
  tx<{ count: number }[]>`select count(*)::int as count from tags t where ${named(tx, tenantId, search)}`;

const named = (tx: Tx, tenantId: string, search: string | undefined) =>
  tx`t.tenant_id = ${tenantId} ${search ? tx`and strpos(lower(t.name), lower(${search})) > 0` : tx``}`;

/** Those of these ids that the tenant has. */
export const selectTagsById = (tx: Tx, tenantId: string, ids: readonly string[]) =>
  tx<Tag[]>`
    select ${tagColumns(tx)} from tags t where t.tenant_id = ${tenantId} and t.id = any(${ids as string[]}::uuid[])`;

/** The tenant's tag of that name, made if there is none. Case does not matter. */
export async function takeTag(tx: Tx, tenantId: string, name: string): Promise<Tag> {
  const [made] = await takeTags(tx, tenantId, [name]);
  return made!;
}

/** The same for many, with the name each was asked by. Locked in one order. */
export const takeTags = (tx: Tx, tenantId: string, names: readonly string[]) =>
  tx<(Tag & { given: string })[]>`
    with given as (
      select name, lower(name) as key, id, color
      from unnest(${names as string[]}::text[], ${names.map(() => uuidv7())}::uuid[], ${names.map(colorOf)}::text[])
        as g (name, id, color)
    ), made as (
      insert into tags as t (tenant_id, id, name, color)
      select ${tenantId}::uuid, f.id, f.name, f.color
      from (select distinct on (key) * from given order by key) f
      on conflict (tenant_id, lower(name)) do update set name = t.name
      returning ${tagColumns(tx)}
    )
    select g.name as given, m.id, m.name, m.color from given g join made m on lower(m.name) = g.key`;

/** A conversation has exactly these tags afterwards. The caller has locked it. */
export async function setTags(tx: Tx, tenantId: string, conversationId: string, tagIds: readonly string[]) {
  const ids = tagIds as string[];
  await tx`
    delete from conversation_tags
    where tenant_id = ${tenantId} and conversation_id = ${conversationId} and tag_id <> all(${ids}::uuid[])`;
  await tx`
    insert into conversation_tags (tenant_id, conversation_id, tag_id)
    select ${tenantId}, ${conversationId}, id from unnest(${ids}::uuid[]) as w (id) on conflict do nothing`;
}
