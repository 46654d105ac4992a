import { type ContactEntry, type conversationApi, type RouteInput, uuid } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { type Caller, NotFound, ownerSeenBy, walkOf } from '@recado/service-kit';
import { selectGroup } from '../groups/store.ts';
import { countEntries, selectEntries } from './book-store.ts';
import { entryView } from './views.ts';

type Query = RouteInput<typeof conversationApi.listContacts>['query'];
type GroupQuery = RouteInput<typeof conversationApi.listGroupContacts>['query'];
interface Page {
  items: ContactEntry[];
  total: number;
  nextCursor: string | null;
}
const walk = walkOf('contacts', { id: uuid() });

/** A page of the contacts the caller sees, with how many there are: one round trip. */
export async function listContacts(
  db: Database,
  caller: Caller,
  { page, limit, cursor, ...filter }: Query,
): Promise<Page> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  const slice = walk.slice({ page, limit, cursor });
  const [rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectEntries(tx, tenantId, owner, filter, slice),
    countEntries(tx, tenantId, owner, filter),
  ]);
  const { items, nextCursor } = walk.page(rows, limit, ({ id }) => ({ id }));
  return { items: items.map(entryView), total: counted!.count, nextCursor };
}

/** The same of one group. @throws NotFound `group` for one the caller does not see */
export async function listGroupContacts(
  db: Database,
  caller: Caller,
  groupId: string,
  { page, limit, cursor, ...rest }: GroupQuery,
): Promise<Page> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  const slice = walk.slice({ page, limit, cursor });
  const filter = { ...rest, groupId };
  const [[group], rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectGroup(tx, tenantId, owner, groupId),
    selectEntries(tx, tenantId, owner, filter, slice),
    countEntries(tx, tenantId, owner, filter),
  ]);
  if (!group) throw new NotFound('group', groupId);
  const { items, nextCursor } = walk.page(rows, limit, ({ id }) => ({ id }));
  return { items: items.map(entryView), total: counted!.count, nextCursor };
}
