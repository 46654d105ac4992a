import type { AuditRecord, analyticsApi, RouteInput } from '@recado/contracts';
import { type Database, readTenant } from '@recado/database';
import { timeAndId, ValidationFailed, walkOf } from '@recado/service-kit';
import { countLines, selectLines } from './store.ts';

/**
 * Rows a page number may reach, and the most that is counted; beyond are cursors, whose cost does
 * not grow.
 */
const MAX_DEPTH = 100_000;
const walk = walkOf('audit-log', timeAndId);

export interface AuditPage {
  items: AuditRecord[];
  /** At most 100,000. */
  total: number | null;
  nextCursor: string | null;
}

/**
 * The tenant's audit log, the latest first: by cursor or by page number.
 * @throws ValidationFailed for a cursor that is none of ours or a page beyond 100,000 rows
 */
export async function listAudit(
  db: Database,
  tenantId: string,
  { limit, page, cursor, count, ...filter }: RouteInput<typeof analyticsApi.listAudit>['query'],
): Promise<AuditPage> {
  const slice = walk.slice({ limit, page, cursor });
  if (slice.offset + limit > MAX_DEPTH) {
    throw new ValidationFailed([
      { field: 'page', message: `Pages reach ${MAX_DEPTH} rows; use the cursor beyond`, code: 'depth' },
    ]);
  }
  const [rows, total] = await readTenant(db, tenantId, (tx) => [
    selectLines(tx, tenantId, filter, slice),
    count ? countLines(tx, tenantId, filter, MAX_DEPTH) : Promise.resolve(null),
  ]);
  const { items, nextCursor } = walk.page(rows, limit, ({ at, id }) => ({ at, id }));
  return { items, total, nextCursor };
}
