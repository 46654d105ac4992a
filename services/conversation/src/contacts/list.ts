import { type ContactEntry, type conversationApi, type RouteInput, uuid } from '@recado/contracts';
import { type Database, readTenant, type Tx, withTenant } from '@recado/database';
import { type Caller, NotFound, ownerSeenBy, type Walk, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import type { Counted } from '../counted.ts';
import { selectGroup } from '../groups/store.ts';
import type { EntryRow } from './book-store.ts';
import { type BookFilter, countEntries, type Order, type Place, type Sort, selectEntries } from './list-store.ts';
import { searchContacts } from './search.ts';
import { entryView } from './views.ts';

type Query = RouteInput<typeof conversationApi.listContacts>['query'];
type GroupQuery = RouteInput<typeof conversationApi.listGroupContacts>['query'];
/** Alone, tests and other verbs ask without an order. */
type Asked = Omit<Query, 'sort'> & { sort?: Sort };
interface Page extends Counted {
  items: ContactEntry[];
  nextCursor: string | null;
}

/** A cursor of one order is none of another. */
const WALKS: Record<Sort, Walk<Place>> = {
  created: walkOf('contacts', { id: uuid() }),
  name: walkOf('contacts by name', { id: uuid(), value: z.string() }),
  leadScore: walkOf('contacts by score', { id: uuid(), value: z.int() }),
};
const placeOf = (sort: Sort, { id, name, leadScore }: EntryRow): Place =>
  sort === 'created' ? { id } : { id, value: sort === 'name' ? (name ?? '') : leadScore };

/** A page of the contacts the caller sees, with how many there are. A search asks first. */
export async function listContacts(db: Database, caller: Caller, query: Asked): Promise<Page> {
  const { page: _, limit: __, cursor: ___, search: ____, sort = 'created', order, ...filter } = query;
  return pageOf(db, caller, query, { sort, order: order ?? (sort === 'name' ? 'asc' : 'desc') }, filter);
}

/** The same of one group. @throws NotFound `group` for one the caller does not see */
export async function listGroupContacts(
  db: Database,
  caller: Caller,
  groupId: string,
  query: GroupQuery,
): Promise<Page> {
  // A bad cursor is told before an unknown group.
  WALKS.created.slice(query);
  const [[group]] = await readTenant(db, caller.tenantId, (tx) => [
    selectGroup(tx, caller.tenantId, ownerSeenBy(caller), groupId),
  ]);
  if (!group) throw new NotFound('group', groupId);
  return pageOf(db, caller, query, { sort: 'created', order: 'desc' }, { isActive: query.isActive, groupId });
}

async function pageOf(
  db: Database,
  caller: Caller,
  { search, ...asked }: Pick<Query, 'search' | 'page' | 'limit' | 'cursor'>,
  order: Order,
  filter: BookFilter,
): Promise<Page> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  const walk = WALKS[order.sort];
  const slice = walk.slice(asked);
  const queries = (tx: Tx, wanted: BookFilter) =>
    [selectEntries(tx, tenantId, owner, wanted, slice, order), countEntries(tx, tenantId, owner, wanted)] as const;
  const ofFound = async (tx: Tx, text: string) =>
    Promise.all(queries(tx, { ...filter, found: await searchContacts(tx, tenantId, text) }));
  const [rows, counted] = search
    ? await withTenant(db, tenantId, (tx) => ofFound(tx, search), 'search')
    : await readTenant(db, tenantId, (tx) => queries(tx, filter));
  const { items, nextCursor } = walk.page(rows, asked.limit, (row) => placeOf(order.sort, row));
  return { items: items.map(entryView), ...counted, nextCursor };
}
