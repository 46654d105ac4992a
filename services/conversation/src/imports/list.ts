import { type ContactImport, type conversationApi, type ImportError, type RouteInput, uuid } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { type Caller, NotFound, ownerSeenBy, walkOf } from '@recado/service-kit';
import { z } from 'zod';
import { countErrors, countImports, selectErrors, selectImport, selectImports } from './store.ts';
import { importView } from './views.ts';

type Query = RouteInput<typeof conversationApi.listImports>['query'];
interface Page<T> {
  items: T[];
  total: number;
  nextCursor: string | null;
}
const walk = walkOf('imports', { id: uuid() });
const errorWalk = walkOf('import_errors', { row: z.number().int(), field: z.string() });

export async function listImports(
  db: Database,
  caller: Caller,
  { page, limit, cursor }: Query,
): Promise<Page<ContactImport>> {
  const { tenantId } = caller;
  const owner = ownerSeenBy(caller);
  const slice = walk.slice({ page, limit, cursor });
  const [rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectImports(tx, tenantId, owner, slice),
    countImports(tx, tenantId, owner),
  ]);
  const { items, nextCursor } = walk.page(rows, limit, ({ id }) => ({ id }));
  return { items: items.map(importView), total: counted!.count, nextCursor };
}

/** @throws NotFound `import` */
export async function getImport(db: Database, caller: Caller, id: string): Promise<ContactImport> {
  const { tenantId } = caller;
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectImport(tx, tenantId, ownerSeenBy(caller), id)]);
  if (!row) throw new NotFound('import', id);
  return importView(row);
}

/** @throws NotFound `import` */
export async function listImportErrors(
  db: Database,
  caller: Caller,
  id: string,
  { page, limit, cursor }: Query,
): Promise<Page<ImportError>> {
  const { tenantId } = caller;
  const slice = errorWalk.slice({ page, limit, cursor });
  const [[row], rows, [counted]] = await readTenant(db, tenantId, (tx) => [
    selectImport(tx, tenantId, ownerSeenBy(caller), id),
    selectErrors(tx, { tenantId, id }, slice),
    countErrors(tx, { tenantId, id }),
  ]);
  if (!row) throw new NotFound('import', id);
  const { items, nextCursor } = errorWalk.page(rows, limit, ({ row: at, field }) => ({ row: at, field }));
  return { items, total: counted!.count, nextCursor };
}
