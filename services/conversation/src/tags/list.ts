import { type conversationApi, type RouteInput, type Tag, uuid } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { walkOf } from '@recado/service-kit';
import { countTags, selectTags } from './store.ts';

type Query = RouteInput<typeof conversationApi.listTags>['query'];
const walk = walkOf('tags', { id: uuid() });

/** A page of the tenant's tags, with how many there are. */
export async function listTags(
  db: Database,
  tenantId: string,
  { page, limit, cursor, search }: Query,
): Promise<{ items: Tag[]; total: number; nextCursor: string | null }> {
  const slice = walk.slice({ page, limit, cursor });
  const [rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectTags(tx, tenantId, search, slice),
    countTags(tx, tenantId, search),
  ]);
  const { items, nextCursor } = walk.page(rows, limit, ({ id }) => ({ id }));
  return { items, total: counted!.count, nextCursor };
}
