import { type conversationApi, type Group, type RouteInput, uuid } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { type Caller, NotFound, ownerSeenBy, walkOf } from '@recado/service-kit';
import type { Counted } from '../counted.ts';
import { countGroups, selectGroup, selectGroups } from './store.ts';
import { groupView } from './views.ts';

type Query = RouteInput<typeof conversationApi.listGroups>['query'];
const walk = walkOf('groups', { id: uuid() });

/** A page of the groups the caller sees, with how many there are: one round trip. */
export async function listGroups(
  db: Database,
  caller: Caller,
  { page, limit, cursor, ...filter }: Query,
): Promise<Counted & { items: Group[]; nextCursor: string | null }> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  const slice = walk.slice({ page, limit, cursor });
  const [rows, counted] = await readTenant(db, tenantId, (tx) => [
    selectGroups(tx, tenantId, owner, filter, slice),
    countGroups(tx, tenantId, owner, filter),
  ]);
  const { items, nextCursor } = walk.page(rows, limit, ({ id }) => ({ id }));
  return { items: items.map(groupView), ...counted, nextCursor };
}

/** @throws NotFound `group` for one the caller does not see */
export async function findGroup(db: Database, caller: Caller, groupId: string): Promise<Group> {
  const { tenantId } = caller;
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectGroup(tx, tenantId, ownerSeenBy(caller), groupId)]);
  if (!row) throw new NotFound('group', groupId);
  return groupView(row);
}
