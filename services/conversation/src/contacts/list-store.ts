import type { conversationApi, RouteInput } from '@recado/contracts';
import type { Tx } from '@recado/database';
import type { Slice } from '@recado/service-kit';
import { type Counted, cappedAt } from '../counted.ts';
import { seenGroups } from '../groups/store.ts';
import { chatsOf, type EntryRow, entryColumns } from './book-store.ts';
import type { Found } from './search.ts';
import { seenContacts } from './seen.ts';

type Query = RouteInput<typeof conversationApi.listContacts>['query'];
export type Sort = Query['sort'];

/** Which contacts a list shows. A group or tag that there is not, or is not seen, has none. */
export interface BookFilter extends Partial<Omit<Query, 'search' | 'sort' | 'order' | 'page' | 'limit' | 'cursor'>> {
  found?: Found | undefined;
}

/** The last place of a page: the id, and what it is sorted by. */
export interface Place {
  id: string;
  value?: string | number | undefined;
}

export interface Order {
  sort: Sort;
  order: 'asc' | 'desc';
}

/** As many as a list counts; more are told as this many. A search tests each row, so fewer. */
const countedOf = ({ found }: BookFilter): number => (found?.holds ? 1000 : 10_000);

function matching(tx: Tx, tenantId: string, owner: string | null, filter: BookFilter) {
  const { groupId, tag, found } = filter;
  const inGroup = groupId
    ? tx`join group_contacts m on m.tenant_id = k.tenant_id and m.contact_id = k.id and m.group_id = ${groupId}
         join groups g on g.tenant_id = m.tenant_id and g.id = m.group_id and ${seenGroups(tx, tenantId, owner)}`
    : tx``;
  const tagged = tag
    ? tx`join contact_tags l on l.tenant_id = k.tenant_id and l.contact_id = k.id and l.tag_id = (
           select t.id from tags t where t.tenant_id = ${tenantId} and lower(t.name) = lower(${tag}))`
    : tx``;
  // From the ids: beside an order and a limit Postgres walked all contacts for a few of them.
  const named =
    found !== undefined && found.holds === undefined
      ? tx`unnest(${found.ids}::uuid[]) as w (found) join contacts k on k.tenant_id = ${tenantId} and k.id = w.found`
      : tx`contacts k`;
  return tx`${named} ${inGroup} ${tagged} where ${seenContacts(tx, tenantId, owner)}
    ${filter.isActive === undefined ? tx`` : tx`and k.is_active = ${filter.isActive}`}
    ${filter.leadStatus ? tx`and k.lead_status = ${filter.leadStatus}` : tx``}
    ${filter.segment ? tx`and k.segment = ${filter.segment}` : tx``}
    ${filter.company ? tx`and k.company = ${filter.company}` : tx``}
    ${filter.city ? tx`and k.city = ${filter.city}` : tx``}
    ${filter.isBlocked === undefined ? tx`` : tx`and (k.blocked_at is not null) = ${filter.isBlocked}`}
    ${filter.isBlocked ? tx`and k.blocked_at is not null` : tx``}
    ${filter.optIn === undefined ? tx`` : tx`and (k.marketing_stopped_at is null) = ${filter.optIn}`}
    ${found?.holds ? tx`and ${found.holds(tx)}` : tx``}`;
}

/** What a list is sorted by before the id; null for the id alone, which follows the arrival. */
const keyOf = (tx: Tx, sort: Sort) =>
  sort === 'name' ? tx`(coalesce(k.name, '') collate "und-x-icu")` : sort === 'leadScore' ? tx`k.lead_score` : null;

/** A page of contacts. Groups, tags and chats are looked up for the page's alone. */
export function selectEntries(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  filter: BookFilter,
  { after, limit, offset }: Slice<Place>,
  { sort, order }: Order = { sort: 'created', order: 'desc' },
) {
  const key = keyOf(tx, sort);
  const way = order === 'asc' ? tx`asc` : tx`desc`;
  const beyond = order === 'asc' ? tx`>` : tx`<`;
  const sorted = key ? tx`order by ${key} ${way}, k.id ${way}` : tx`order by k.id ${way}`;
  const from = !after
    ? tx``
    : key
      ? tx`and (${key}, k.id) ${beyond} (${after.value ?? ''}${sort === 'name' ? tx`::text` : tx`::int`}, ${after.id}::uuid)`
      : tx`and k.id ${beyond} ${after.id}::uuid`;
  return tx<EntryRow[]>`
    select ${entryColumns(tx, tenantId, owner)}
    from (
      select k.* from ${matching(tx, tenantId, owner, filter)} ${from} ${sorted} limit ${limit} offset ${offset}
    ) k ${chatsOf(tx, tenantId)} ${sorted}`;
}

/** How many there are, up to `countedOf`. */
export async function countEntries(
  tx: Tx,
  tenantId: string,
  owner: string | null,
  filter: BookFilter,
): Promise<Counted> {
  const most = countedOf(filter);
  const { found } = filter;
  // Those that the search named are often enough, and are found by their keys.
  if (found?.holds) {
    const [some] = await selectCount(tx, tenantId, owner, { ...filter, found: { ids: found.ids } }, most);
    if (some!.count > most) return cappedAt(most, some!.count);
  }
  const [row] = await selectCount(tx, tenantId, owner, filter, most);
  return cappedAt(most, row!.count);
}

const selectCount = (tx: Tx, tenantId: string, owner: string | null, filter: BookFilter, most: number) =>
  tx<{ count: number }[]>`
    select count(*)::int as count from (
      select 1 from ${matching(tx, tenantId, owner, filter)} limit ${most + 1}) counted`;
