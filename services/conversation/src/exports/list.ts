import type { conversationApi, ExportedContact, RouteInput } from '@recado/contracts';
import { type Database, readTenant, type Tx } from '@recado/database';
import { type Caller, ownerSeenBy } from '@recado/service-kit';
import { type ExportRow, selectExported } from './store.ts';

type Query = RouteInput<typeof conversationApi.listExportedContacts>['query'];

/** A page of an export. */
export async function listExported(
  db: Database,
  caller: Caller,
  query: Query,
): Promise<{ items: ExportedContact[]; next: string | null }> {
  const { tenantId } = caller;
  const queries = (tx: Tx) => [selectExported(tx, tenantId, ownerSeenBy(caller), query)] as const;
  const [rows] = await readTenant(db, tenantId, queries, 'export');
  const items = rows.slice(0, query.limit).map(exportView);
  return { items, next: rows.length > query.limit ? items.at(-1)!.id : null };
}

const exportView = ({
  lastPurchaseAt,
  blockedAt,
  marketingStoppedAt,
  createdAt,
  ...row
}: ExportRow): ExportedContact => ({
  ...row,
  lastPurchaseAt: lastPurchaseAt?.toISOString() ?? null,
  blockedAt: blockedAt?.toISOString() ?? null,
  marketingStoppedAt: marketingStoppedAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});
