import type { conversationApi, Group, RouteInput } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { type Caller, NotFound, ownerSeenBy } from '@recado/service-kit';
import { countGroups, selectGroup, selectGroups } from './store.ts';
import { groupView } from './views.ts';

type Query = RouteInput<typeof conversationApi.listGroups>['query'];

/** A page of the groups the caller sees, with how many there are: one round trip. */
export async function listGroups(
  db: Database,
  caller: Caller,
  { page, limit, ...filter }: Query,
): Promise<{ items: Group[]; total: number }> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  const [rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectGroups(tx, tenantId, owner, filter, limit, (page - 1) * limit),
    countGroups(tx, tenantId, owner, filter),
  ]);
  return { items: rows.map(groupView), total: counted!.count };
}

/** @throws NotFound `group` for one the caller does not see */
export async function findGroup(db: Database, caller: Caller, groupId: string): Promise<Group> {
  const { tenantId } = caller;
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectGroup(tx, tenantId, ownerSeenBy(caller), groupId)]);
  if (!row) throw new NotFound('group', groupId);
  return groupView(row);
}
